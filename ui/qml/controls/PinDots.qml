pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// How many digits are in; the next place is amber. What they are is known to the core alone.
Row {
    id: dots


    required property int filled
    required property int length

    readonly property real cell: Math.min(Theme.px(46), (width - spacing * (length - 1)) / Math.max(1, length))

    spacing: Theme.gapS
    Accessible.role: Accessible.StaticText
    Accessible.name: filled + " / " + length

    Repeater {
        model: dots.length

        Rectangle {
            id: place
            required property int index
            readonly property bool full: index < dots.filled
            readonly property bool here: index === dots.filled

            width: dots.cell
            height: dots.cell * (Theme.landscape ? 1.05 : 0.92)
            radius: Theme.radius
            color: Theme.colour.surface
            border.width: here ? Math.max(3, Theme.px(1.2)) : Math.max(2, Theme.px(0.7))
            border.color: here ? Theme.colour.turn : full ? Theme.colour.accent : Theme.colour.line

            Rectangle {
                anchors.centerIn: parent
                width: dots.cell * 0.36
                height: width
                radius: width / 2
                color: Theme.colour.ink
                scale: place.full ? 1 : 0

                Behavior on scale {
                    enabled: !Theme.still
                    NumberAnimation { duration: Theme.quick; easing.type: Easing.OutCubic }
                }
            }
        }
    }
}
