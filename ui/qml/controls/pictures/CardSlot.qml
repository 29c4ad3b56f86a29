import QtQuick
import "../../style"

// The card and the slot, seen from above as the citizen sees them: forward is up. `act`: "in", "out", "turn" (wrong way
// round: turn it, then in), "hold" (leave it in).
Scene {
    id: scene

    // A flat field shows the card held from below, larger; a tall one shows all of it.
    readonly property bool flat: height < width * 0.85
    fieldWidth: 300
    fieldHeight: flat && act !== "hold" ? 232 : 300

    property string act: "in"
    property bool foreign: false

    // A tall field leaves as much free above the slot as below the card.
    readonly property real spare: Math.max(0, height - 330 * u) / 2
    readonly property real front: (act === "hold" ? Math.min(height * 0.5, 170 * u) : Math.min(height * 0.34, 112 * u)) + spare
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
    Slit {
        x: scene.midX
        y: scene.slitY
        u: scene.u
        lit: true
        moving: scene.moving
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
            x: scene.midX - width / 2
            y: scene.way * scene.u + tall / 2 - height / 2
            rotation: 90 + scene.turned
            foreign: scene.foreign
        }
    }

    Chevrons {
        visible: scene.act !== "hold"
        x: scene.midX + 92 * scene.u
        y: scene.slitY + 76 * scene.u
        size: 40 * scene.u
        down: scene.act === "out"
        moving: scene.moving
    }
    Chevrons {
        visible: scene.act !== "hold"
        x: scene.midX - 92 * scene.u - width
        y: scene.slitY + 76 * scene.u
        size: 40 * scene.u
        down: scene.act === "out"
        moving: scene.moving
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
