pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// How far along: done, here, to come.
Row {
    id: bar

    required property int step
    required property int steps

    spacing: Theme.gapXs
    visible: steps > 0

    Repeater {
        model: bar.steps

        Rectangle {
            id: part
            required property int index
            readonly property bool here: index + 1 === bar.step

            width: (bar.width - bar.spacing * (bar.steps - 1)) / Math.max(1, bar.steps)
            height: Math.max(4, Theme.px(2.4))
            radius: height / 2
            color: here ? Theme.colour.turn : index + 1 < bar.step ? Theme.colour.accent : Theme.colour.line

            Behavior on color {
                enabled: !Theme.still
                ColorAnimation { duration: Theme.glide }
            }
        }
    }
}
