pragma ComponentBehavior: Bound

import QtQuick
import "style"
import "controls"

// The one window. It shows the screen that the stage names, with the top line and the footer around it, and sends every
// answer back with the serial of the scene it answers. It takes no decision about the flow.
// Everything here is imported by folder ("style", "controls", "screens"); nothing needs an import path.
Window {
    id: root

    required property var stage
    // On a panel there is nobody who may close it (Alt+F4, a compositor's menu).
    property bool closable: false

    // The page of this very scene stands there, and nothing moves.
    readonly property bool settled: !pages.moving && pages.serial === root.stage.serial

    width: 1080
    height: 1920
    visible: false
    color: Theme.colour.paper
    title: stage.place ?? ""
    onClosing: close => close.accepted = root.closable

    function send(kind: string, value: var): void {
        if (root.settled) {
            root.stage.answer(kind, value, pages.serial);
        }
    }

    Binding { target: Theme; property: "widthPx"; value: root.width }
    Binding { target: Theme; property: "heightPx"; value: root.height }
    Binding { target: Theme; property: "widthMm"; value: root.stage.widthMm ?? 336 }
    Binding { target: Theme; property: "heightMm"; value: root.stage.heightMm ?? 597 }
    Binding { target: Theme; property: "lowerEdgeMm"; value: root.stage.lowerEdgeMm ?? 850 }
    Binding { target: Theme; property: "size"; value: root.stage.preferences?.size ?? "normal" }
    Binding { target: Theme; property: "low"; value: root.stage.preferences?.reach === "low" }
    Binding { target: Theme; property: "hand"; value: root.stage.preferences?.hand ?? "both" }
    Binding { target: Theme; property: "pageTop"; value: header.y + header.height }
    Binding { target: Theme; property: "mirrored"; value: root.stage.rightToLeft === true }
    Binding { target: Theme; property: "highContrast"; value: root.stage.preferences?.contrast === "high" }
    Binding { target: Theme; property: "wholeWords"; value: root.stage.words?.whole_words ?? "" }
    Binding { target: Theme; property: "reducedMotion"; value: root.stage.reducedMotion === true }

    FocusScope {
        id: frame
        anchors.fill: parent
        focus: true
        LayoutMirroring.enabled: Theme.mirrored
        LayoutMirroring.childrenInherit: true

        Keys.onPressed: event => {
            if (!event.isAutoRepeat) {
                root.stage.keyed(keys.nameOf(event.key), true);
            }
            keys.take(event);
        }
        Keys.onReleased: event => {
            if (!event.isAutoRepeat) {
                root.stage.keyed(keys.nameOf(event.key), false);
            }
        }

        Rectangle {
            anchors.fill: parent
            color: Theme.colour.paper
        }
        SimulatedBanner {
            id: banner
            visible: root.stage.simulated === true
            width: parent.width
            height: visible ? implicitHeight : 0
            text: root.stage.words?.simulated ?? ""
        }
        Header {
            id: header
            anchors.top: banner.bottom
            width: parent.width
            height: implicitHeight
            name: (root.stage.serviceTitle ?? "") !== "" ? root.stage.serviceTitle : root.stage.place ?? ""
            step: root.stage.step ?? 0
            steps: root.stage.steps ?? 0
            aside: steps > 0
                ? root.stage.words?.step_of ?? ""
                : [root.stage.clockDate, root.stage.clockTime].filter(part => part).join("  ")
            asideShort: steps > 0 ? aside : [root.stage.weekday, root.stage.clockTime].filter(part => part).join("  ")
        }
        Pages {
            id: pages
            anchors.top: header.bottom
            anchors.bottom: footer.top
            width: parent.width
            stage: root.stage
            onProceed: root.send("proceed", null)
            onBack: root.send("back", null)
            onPick: choice => root.send("pick", choice)
            onKey: position => root.send("key", position)
            onShown: footer.restartTime()
        }
        Footer {
            id: footer
            anchors.bottom: parent.bottom
            anchors.bottomMargin: Theme.reachInset
            width: parent.width
            height: implicitHeight
            words: root.stage.words ?? ({})
            waiting: root.stage.screenName === "Attract"
            canFinish: root.stage.canFinish === true
            cardIn: root.stage.cardIn === true
            idleSeconds: root.stage.idleSeconds ?? -1
            otherLanguage: root.stage.otherLanguage ?? ""
            offersLarge: root.stage.offersLarge === true
            anotherWaits: root.stage.anotherWaits === true
            place: root.stage.screenName ?? ""
            canSpeak: root.stage.canSpeak === true
            canReadOut: root.stage.canReadOut === true
            speech: root.stage.preferences?.speech ?? "off"
            volume: root.stage.preferences?.volume ?? "normal"
            rate: root.stage.preferences?.rate ?? "normal"
            onFinish: root.send("finish", null)
            onPrefer: wish => root.send("prefer", wish)
            onListen: what => root.send("listen", what)
        }
    }

    // Over everything: sees each touch without taking it, and takes all of them while one screen gives way to another.
    Item {
        anchors.fill: parent

        PointHandler {
            id: touching

            property point began

            acceptedButtons: Qt.AllButtons
            onActiveChanged: {
                if (active) {
                    began = Qt.point(point.pressPosition.x / root.width, point.pressPosition.y / root.height);
                }
                root.stage.finger(began.x, began.y, active);
                if (active) {
                    Theme.keysInUse = false;
                    footer.restartTime();
                    root.stage.touched();
                }
            }
        }
        MouseArea {
            anchors.fill: parent
            enabled: !root.settled
        }
    }
    // The hall's brightness, where the panel has no light of its own to turn down. It takes no touch.
    Rectangle {
        anchors.fill: parent
        visible: opacity > 0
        color: Theme.colour.machineDark
        opacity: root.stage.preferences?.veil ?? 0
    }
    SixKeys {
        id: keys
        area: frame
        onMoved: {
            footer.restartTime();
            root.stage.touched();
        }
        onLeave: {
            if (footer.unfolded) {
                footer.fold();
            } else if (pages.goesBack) {
                root.send("back", null);
            } else if (footer.canFinish && !footer.waiting) {
                root.send("finish", null);
            }
        }
    }
}
