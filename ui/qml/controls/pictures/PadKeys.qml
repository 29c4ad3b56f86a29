pragma ComponentBehavior: Bound

import QtQuick
import ".."
import "../../style"

// The PIN pad beside the glass: its digits, and its yellow and green keys, named by colour and sign. The green one asks
// to be pressed when all digits are there.
Scene {
    id: scene

    property bool full: false
    // The pad's own colours, the same in every set: they are what the citizen compares. White signs stand on them 4.5:1.
    readonly property color red: "#B3261E"
    readonly property color yellow: "#F5C518"
    readonly property color green: "#1B6E3C"

    fieldWidth: 420
    fieldHeight: 340

    Rectangle {
        id: pad
        anchors.centerIn: parent
        width: 376 * scene.u
        height: 312 * scene.u
        radius: 26 * scene.u
        color: Theme.colour.machine
        border.width: Theme.edgeWidth
        border.color: Theme.colour.edge

        readonly property real gap: 12 * scene.u
        readonly property real edge: 20 * scene.u
        readonly property real keyWidth: (width - 2 * edge - 3 * gap) / 4
        readonly property real keyHeight: (height - 2 * edge - 3 * gap) / 4

        Repeater {
            model: 10

            Rectangle {
                id: digit
                required property int index
                readonly property int place: index === 9 ? 10 : index
                x: pad.edge + (place % 3) * (pad.keyWidth + pad.gap)
                y: pad.edge + Math.floor(place / 3) * (pad.keyHeight + pad.gap)
                width: pad.keyWidth
                height: pad.keyHeight
                radius: 12 * scene.u
                color: Theme.colour.surface
                border.width: Theme.edgeWidth
                border.color: Theme.colour.edge

                Rectangle {
                    // A key has a dot, not its digit: the picture shows where, and is no keypad to touch.
                    anchors.centerIn: parent
                    width: 14 * scene.u
                    height: width
                    radius: width / 2
                    color: Theme.colour.inkSoft
                }
            }
        }
        Repeater {
            model: ["red", "yellow", "green"]

            Rectangle {
                id: act
                required property int index
                required property string modelData
                readonly property bool asks: modelData === "green" && scene.full
                x: pad.edge + 3 * (pad.keyWidth + pad.gap)
                y: pad.edge + index * (pad.keyHeight + pad.gap)
                width: pad.keyWidth
                height: pad.keyHeight * (modelData === "green" ? 2 : 1) + (modelData === "green" ? pad.gap : 0)
                radius: 12 * scene.u
                color: modelData === "red" ? scene.red : modelData === "yellow" ? scene.yellow : scene.green
                border.width: asks ? Math.max(3, 6 * scene.u) : Theme.edgeWidth
                border.color: asks ? Theme.colour.turn : Theme.colour.edge

                Icon {
                    anchors.centerIn: parent
                    name: act.modelData === "red" ? "plus" : act.modelData === "yellow" ? "left" : "check"
                    rotation: act.modelData === "red" ? 45 : 0
                    size: (act.modelData === "green" ? 52 : 38) * scene.u
                    weight: 3
                    colour: act.modelData === "yellow" ? "#1B1B1B" : "#FFFFFF"
                }
                SequentialAnimation on scale {
                    running: scene.moving && act.asks
                    loops: Animation.Infinite
                    NumberAnimation { to: 1.08; duration: 500; easing.type: Easing.InOutSine }
                    NumberAnimation { to: 1; duration: 500; easing.type: Easing.InOutSine }
                }
            }
        }
    }
}
