pragma ComponentBehavior: Bound

import QtQuick
import ".."
import "../../style"

// The terminal and the centre, and the line between them: broken, or slow and still at work.
Scene {
    id: scene

    property bool broken: true
    property real sent: 0.6
    // One below the other where the field is taller than wide.
    readonly property bool upright: height > width * 1.1

    fieldWidth: upright ? 176 : 400
    fieldHeight: upright ? 420 : 176

    // Where something stands that is so far along the line from its middle.
    function along(units: real): point {
        return Qt.point(midX + (upright ? 0 : units * u), midY + (upright ? units * u : 0));
    }

    Repeater {
        model: [["card", -1], ["bank", 1]]

        Rectangle {
            id: end
            required property var modelData
            readonly property point place: scene.along(modelData[1] * 128)
            x: place.x - width / 2
            y: place.y - height / 2
            width: 112 * scene.u
            height: width
            radius: 28 * scene.u
            color: Theme.colour.surface
            border.width: Theme.edgeWidth
            border.color: Theme.colour.edge

            Icon {
                anchors.centerIn: parent
                name: end.modelData[0]
                size: 62 * scene.u
                weight: 1.6
            }
        }
    }
    Repeater {
        model: 7

        Rectangle {
            required property int index
            readonly property point place: scene.along(((index + 0.5) / 7 - 0.5) * 130)
            readonly property bool gap: scene.broken && index === 3
            readonly property bool beyond: scene.broken && index > 3
            x: place.x - width / 2
            y: place.y - height / 2
            width: 10 * scene.u
            height: width
            radius: width / 2
            visible: !gap
            color: beyond ? Theme.colour.inkSoft : Theme.colour.accent
            opacity: beyond ? 0.35 : scene.moving ? (Math.abs(scene.sent - index / (scene.broken ? 3 : 6)) < 0.25 ? 1 : 0.3) : 1
        }
    }
    Rectangle {
        visible: scene.broken
        anchors.centerIn: parent
        width: 46 * scene.u
        height: width
        radius: width / 2
        color: Theme.colour.turnTint
        border.width: Theme.edgeWidth
        border.color: Theme.colour.turn

        Icon {
            anchors.centerIn: parent
            name: "pause"
            size: 26 * scene.u
            weight: 2.6
            colour: Theme.colour.turnInk
        }
    }
    NumberAnimation on sent {
        running: scene.moving
        from: -0.3
        to: 1.3
        duration: 2400
        loops: Animation.Infinite
    }
}
