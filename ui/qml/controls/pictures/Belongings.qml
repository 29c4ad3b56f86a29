pragma ComponentBehavior: Bound

import QtQuick
import ".."
import "../../style"

// What the citizen takes along: the card out of its slot, the slip beside it, the ID card up from the pad below. Each
// thing has its number where there are several.
Scene {
    id: scene

    property bool card: true
    property bool slip: false
    property bool idCard: false

    readonly property bool both: card && slip
    readonly property int things: (card ? 1 : 0) + (slip ? 1 : 0) + (idCard ? 1 : 0)
    readonly property bool slots: card || slip

    // In units. The two surrounds stand 44 apart.
    readonly property real tall: idCard ? 150 : 184
    readonly property real spread: both ? (idCard ? 92 : 104) : 0
    readonly property real cardX: midX - spread * u
    readonly property real slipX: midX + spread * u
    readonly property real above: (height - fieldHeight * u) / 2
    readonly property real slitY: above + 98 * u
    readonly property real padY: slots ? slitY + (tall + 128) * u : midY
    property real way: 28

    fieldWidth: !slots ? 440 : both ? 412 : 330
    fieldHeight: !slots ? 300 : idCard ? 488 : 400

    component Number: Rectangle {
        id: number
        required property int value
        required property bool wanted
        readonly property real digits: 25 * scene.u

        // Digits too small to be read are no help.
        visible: wanted && scene.things > 1 && digits >= Theme.letters(0)
        width: 40 * scene.u
        height: width
        radius: width / 2
        color: Theme.colour.surface
        border.width: Math.max(2, 3 * scene.u)
        border.color: Theme.colour.turn

        Writing {
            anchors.centerIn: parent
            text: number.value
            font.pixelSize: number.digits
            font.bold: true
            wrapMode: Text.NoWrap
            Accessible.ignored: true
        }
    }

    Rectangle {
        visible: scene.slots
        width: parent.width
        height: scene.slitY + 20 * scene.u
        topLeftRadius: Theme.radius
        topRightRadius: Theme.radius
        color: Theme.colour.machine
    }
    Slit {
        visible: scene.card
        x: scene.cardX
        y: scene.slitY
        u: scene.u
        wide: scene.idCard ? 110 : 134
        lit: true
        moving: scene.moving
    }
    Item {
        visible: scene.card
        y: scene.slitY
        width: scene.width
        height: scene.height - y
        clip: true

        PlasticCard {
            readonly property real tall: scene.tall * scene.u
            width: tall
            x: scene.cardX - width / 2
            y: scene.way * scene.u + tall / 2 - height / 2
            rotation: 90
        }
    }
    Slit {
        visible: scene.slip
        x: scene.slipX
        y: scene.slitY
        u: scene.u
        wide: scene.idCard ? 110 : 134
    }
    Paper {
        visible: scene.slip
        x: scene.slipX - width / 2
        y: scene.slitY
        width: (scene.idCard ? 84 : 104) * scene.u
        height: (scene.tall + 8) * scene.u
        u: scene.u
    }
    IdPad {
        visible: scene.idCard
        x: scene.midX - width / 2
        y: scene.padY - height / 2
        width: (scene.slots ? 252 : 350) * scene.u
        height: (scene.slots ? 216 : 300) * scene.u
        act: "up"
    }

    // Below where there is room, else outside.
    Repeater {
        model: [[scene.card, scene.cardX, -1], [scene.slip, scene.slipX, 1]]

        Chevrons {
            required property var modelData
            visible: modelData[0]
            x: modelData[1] - width / 2 + (scene.idCard ? (modelData[2] * 84) * scene.u : 0)
            y: scene.slitY + (scene.idCard ? 70 : scene.tall + 44) * scene.u
            size: (scene.idCard ? 30 : 34) * scene.u
            down: true
            moving: scene.moving
        }
    }
    Repeater {
        model: scene.idCard ? [-1, 1] : []

        Chevrons {
            required property int modelData
            x: scene.midX - width / 2 + modelData * (scene.slots ? 142 : 198) * scene.u
            y: scene.padY - height / 2
            size: 30 * scene.u
            moving: scene.moving
        }
    }

    Number {
        wanted: scene.card
        value: 1
        x: scene.cardX - width / 2
        y: scene.slitY - 80 * scene.u
    }
    Number {
        wanted: scene.slip
        value: scene.card ? 2 : 1
        x: scene.slipX - width / 2
        y: scene.slitY - 80 * scene.u
    }
    Number {
        wanted: scene.idCard
        value: scene.things
        x: scene.midX - 100 * scene.u
        y: scene.padY - 84 * scene.u
    }

    SequentialAnimation {
        running: scene.moving && scene.card
        loops: Animation.Infinite
        PropertyAction { target: scene; property: "way"; value: -70 }
        NumberAnimation { target: scene; property: "way"; to: 28; duration: 1100; easing.type: Easing.OutCubic }
        PauseAnimation { duration: 1900 }
    }
}
