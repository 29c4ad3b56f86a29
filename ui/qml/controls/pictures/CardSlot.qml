import QtQuick
import "../../style"

// The card and the slot, seen from above as the citizen sees them: forward is up. `act`: "in", "out", "turn" (wrong way
// round: turn it, then in), "hold" (leave it in). With `slip` the printer stands beside it.
Scene {
    id: scene

    fieldWidth: slip ? 390 : 300

    property string act: "in"
    property bool slip: false
    property bool foreign: false

    readonly property real slotX: midX - (slip ? 72 * u : 0)
    readonly property real front: act === "hold" ? Math.min(height * 0.5, 170 * u) : Math.min(height * 0.34, 112 * u)
    readonly property real slitY: front - 20 * u
    // How far the card's leading edge stands below the slit, in units: negative is inside.
    readonly property real outside: 34
    readonly property real inside: -118
    property real way: act === "hold" ? -84 : act === "out" ? 30 : outside
    property real turned: act === "turn" && moving ? 180 : 0

    Rectangle {
        width: parent.width
        height: scene.front
        topLeftRadius: Theme.radius
        topRightRadius: Theme.radius
        color: Theme.colour.machine
    }
    Rectangle {
        x: scene.slotX - width / 2
        y: scene.slitY - height / 2
        width: 176 * scene.u
        height: 54 * scene.u
        radius: 16 * scene.u
        color: Theme.colour.machineLight
        opacity: 0.35
    }
    Rectangle {
        id: lamp
        x: scene.slotX - width / 2
        y: scene.slitY - 17 * scene.u
        width: 60 * scene.u
        height: 5 * scene.u
        radius: height / 2
        color: Theme.colour.turn

        SequentialAnimation on opacity {
            running: scene.moving
            loops: Animation.Infinite
            NumberAnimation { to: 0.35; duration: 1100; easing.type: Easing.InOutSine }
            NumberAnimation { to: 1; duration: 1100; easing.type: Easing.InOutSine }
        }
    }
    Rectangle {
        x: scene.slotX - width / 2
        y: scene.slitY - height / 2
        width: 146 * scene.u
        height: 13 * scene.u
        radius: height / 2
        color: Theme.colour.machineDark
    }

    Item {
        x: 0
        y: scene.slitY
        width: scene.width
        height: scene.height - y
        clip: true

        PlasticCard {
            id: card
            readonly property real tall: 184 * scene.u
            width: tall
            x: scene.slotX - width / 2
            y: scene.way * scene.u + tall / 2 - height / 2
            rotation: 90 + scene.turned
            foreign: scene.foreign
        }
    }

    Chevrons {
        visible: scene.act !== "hold"
        x: scene.slip ? scene.midX + 144 * scene.u : scene.slotX + 92 * scene.u
        y: scene.slitY + 76 * scene.u
        size: (scene.slip ? 34 : 40) * scene.u
        down: scene.act === "out"
        moving: scene.moving
    }
    Chevrons {
        visible: scene.act !== "hold"
        x: scene.slotX - (scene.slip ? 72 : 92) * scene.u - width
        y: scene.slitY + 76 * scene.u
        size: (scene.slip ? 34 : 40) * scene.u
        down: scene.act === "out"
        moving: scene.moving
    }
    Paper {
        visible: scene.slip
        x: scene.midX + 30 * scene.u
        y: scene.slitY
        width: 104 * scene.u
        height: 150 * scene.u
        u: scene.u
        moving: false
    }

    SequentialAnimation {
        running: scene.moving && (scene.act === "in" || scene.act === "turn")
        loops: Animation.Infinite
        PauseAnimation { duration: scene.act === "turn" ? 500 : 300 }
        NumberAnimation {
            target: scene; property: "turned"
            to: 0
            duration: scene.act === "turn" ? 1100 : 0
            easing.type: Easing.InOutCubic
        }
        PauseAnimation { duration: 500 }
        NumberAnimation { target: scene; property: "way"; to: scene.inside; duration: 1300; easing.type: Easing.InOutCubic }
        PauseAnimation { duration: 900 }
        NumberAnimation { target: card; property: "opacity"; to: 0; duration: 260 }
        PropertyAction { target: scene; property: "way"; value: scene.outside }
        PropertyAction { target: scene; property: "turned"; value: scene.act === "turn" ? 180 : 0 }
        NumberAnimation { target: card; property: "opacity"; to: 1; duration: 320 }
    }
    SequentialAnimation {
        running: scene.moving && scene.act === "out"
        loops: Animation.Infinite
        PropertyAction { target: scene; property: "way"; value: -90 }
        NumberAnimation { target: scene; property: "way"; to: 30; duration: 1100; easing.type: Easing.OutCubic }
        PauseAnimation { duration: 1900 }
    }
}
