import QtQuick
import "../style"

// One key of the pad. It answers when it is pressed, not when it is let go, and shows it for a moment only.
Item {
    id: pinKey

    required property int position
    required property string face
    property bool quiet: false           // clear and delete
    property string icon

    readonly property bool isTarget: true

    signal struck(int position)

    function strike(): void {
        flash.restart();
        pinKey.struck(pinKey.position);
    }

    objectName: "key:" + position
    activeFocusOnTab: true
    Accessible.role: Accessible.Button
    Accessible.name: face
    Accessible.focusable: true
    Accessible.onPressAction: pinKey.strike()

    Keys.onPressed: event => {
        if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Space
                || event.key === Qt.Key_Select) {
            event.accepted = true;
            if (!event.isAutoRepeat) {
                pinKey.strike();
            }
        }
    }

    Timer {
        id: flash
        interval: 120
    }
    Card {
        anchors.fill: parent
        lift: pinKey.quiet ? 0 : Theme.lift
        color: flash.running ? Theme.colour.tint : pinKey.quiet ? "transparent" : Theme.colour.surface
        border.width: pinKey.quiet ? 0 : Theme.edgeWidth

        Writing {
            visible: !pinKey.quiet
            anchors.centerIn: parent
            anchors.verticalCenterOffset: -font.pixelSize * 0.06
            text: pinKey.face
            font.pixelSize: Math.min(Theme.textTitle, pinKey.height * 0.6)
            font.bold: true
            Accessible.ignored: true
        }
        Column {
            visible: pinKey.quiet
            anchors.centerIn: parent
            width: parent.width

            Icon {
                visible: pinKey.icon !== "" && pinKey.height > Theme.px(36)
                anchors.horizontalCenter: parent.horizontalCenter
                name: pinKey.icon
                size: Theme.icon
                colour: Theme.colour.inkSoft
            }
            Writing {
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                text: pinKey.face
                // As high as the key allows, never below the floor.
                font.pixelSize: Math.max(Theme.letters(0), Math.min(pinKey.icon === "" ? Theme.textBody : Theme.textLabel,
                                                                    Math.floor(pinKey.height * 0.62)))
                color: Theme.colour.inkSoft
                font.bold: true
                Accessible.ignored: true
            }
        }
    }
    TapHandler {
        gesturePolicy: TapHandler.ReleaseWithinBounds
        onPressedChanged: {
            if (pressed) {
                pinKey.strike();
            }
        }
    }
    FocusRing {
        around: pinKey
        corner: Theme.radius
        z: 1
    }
}
