pragma ComponentBehavior: Bound

import QtQuick
import ".."
import "../../style"

// This terminal rests; the next one works.
Scene {
    id: scene

    Repeater {
        model: [false, true]

        Item {
            id: machine
            required property bool modelData
            readonly property bool works: modelData
            x: scene.midX + (works ? 92 : -92) * scene.u - width / 2
            y: scene.midY - 126 * scene.u
            width: 118 * scene.u
            height: 252 * scene.u

            Rectangle {
                x: parent.width * 0.36
                y: parent.height * 0.6
                width: parent.width * 0.28
                height: parent.height * 0.36
                color: machine.works ? Theme.colour.machine : Theme.colour.shade
            }
            Rectangle {
                x: parent.width * 0.14
                y: parent.height * 0.94
                width: parent.width * 0.72
                height: parent.height * 0.06
                radius: height * 0.4
                color: machine.works ? Theme.colour.machine : Theme.colour.shade
            }
            Rectangle {
                width: parent.width
                height: parent.height * 0.68
                radius: 18 * scene.u
                color: machine.works ? Theme.colour.machine : Theme.colour.shade
                border.width: Theme.edgeWidth
                border.color: Theme.colour.edge

                Rectangle {
                    anchors.fill: parent
                    anchors.margins: 12 * scene.u
                    anchors.bottomMargin: 40 * scene.u
                    radius: 9 * scene.u
                    color: machine.works ? Theme.colour.surface : Theme.colour.turnTint

                    Icon {
                        anchors.centerIn: parent
                        name: machine.works ? "check" : "pause"
                        size: 54 * scene.u
                        weight: 2.2
                        colour: machine.works ? Theme.colour.good : Theme.colour.turnInk
                    }
                }
                Rectangle {
                    anchors.horizontalCenter: parent.horizontalCenter
                    anchors.bottom: parent.bottom
                    anchors.bottomMargin: 17 * scene.u
                    width: 56 * scene.u
                    height: 7 * scene.u
                    radius: height / 2
                    color: machine.works ? Theme.colour.machineDark : Theme.colour.inkSoft
                }
            }
        }
    }
    Icon {
        id: arrow
        property real shift: 0
        x: scene.midX - width / 2 + shift * scene.u
        y: scene.midY - 70 * scene.u
        name: "next"
        size: 42 * scene.u
        weight: 3
        colour: Theme.colour.turn

        SequentialAnimation on shift {
            running: scene.moving
            loops: Animation.Infinite
            NumberAnimation { from: -5; to: 6; duration: 900; easing.type: Easing.InOutSine }
            NumberAnimation { to: -5; duration: 900; easing.type: Easing.InOutSine }
        }
    }
}
