pragma ComponentBehavior: Bound

import QtQuick
import "../../style"

// The sun goes up over a quiet line.
Scene {
    id: scene

    property real risen: moving ? 0 : 1

    Item {
        x: scene.midX - 150 * scene.u
        y: scene.midY - 120 * scene.u
        width: 300 * scene.u
        height: 180 * scene.u
        clip: true

        Rectangle {
            x: parent.width / 2 - width / 2
            y: (170 - 120 * scene.risen) * scene.u
            width: 160 * scene.u
            height: width
            radius: width / 2
            color: Theme.colour.gold
        }
    }
    Repeater {
        model: [[150, 0], [110, 22], [64, 44]]

        Rectangle {
            required property var modelData
            x: scene.midX - modelData[0] * scene.u
            y: scene.midY + (58 + modelData[1]) * scene.u
            width: modelData[0] * 2 * scene.u
            height: 9 * scene.u
            radius: height / 2
            color: Theme.colour.machineLight
            opacity: 1 - modelData[1] / 70
        }
    }
    NumberAnimation on risen {
        running: scene.moving
        from: 0
        to: 1
        duration: 1600
        easing.type: Easing.OutCubic
    }
}
