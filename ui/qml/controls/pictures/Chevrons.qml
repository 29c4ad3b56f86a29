pragma ComponentBehavior: Bound

import QtQuick
import ".."
import "../../style"

// Which way it goes: three amber arrowheads that light up one after the other.
Item {
    id: chevrons

    property bool down: false
    property bool moving: true
    property real size: 20

    width: size
    height: size * 2.2

    Repeater {
        model: 3

        Icon {
            id: head
            required property int index
            // Counted in the direction of travel.
            readonly property int order: chevrons.down ? index : 2 - index

            name: chevrons.down ? "down" : "up"
            size: chevrons.size
            weight: 3
            colour: Theme.colour.turn
            y: index * chevrons.size * 0.6
            opacity: chevrons.moving ? 0.4 : 0.45 + order * 0.27

            SequentialAnimation on opacity {
                running: chevrons.moving
                loops: Animation.Infinite
                PauseAnimation { duration: 180 * head.order }
                NumberAnimation { to: 1; duration: 260; easing.type: Easing.OutQuad }
                NumberAnimation { to: 0.4; duration: 620; easing.type: Easing.InQuad }
                PauseAnimation { duration: 900 - 180 * head.order }
            }
        }
    }
}
