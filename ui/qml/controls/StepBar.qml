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
    height: Math.max(4, Theme.px(3.6))

    Repeater {
        model: bar.steps

        Rectangle {
            id: part
            required property int index
            readonly property bool here: index + 1 === bar.step

            width: (bar.width - bar.spacing * (bar.steps - 1)) / Math.max(1, bar.steps)
            // Where we are is thicker too: colour alone would not do.
            height: Math.max(4, Theme.px(here ? 3.6 : 2.2))
            anchors.verticalCenter: parent.verticalCenter
            radius: height / 2
            color: here ? Theme.colour.turn : index + 1 < bar.step ? Theme.colour.accent : Theme.highContrast ? Theme.colour.shade : Theme.colour.line

            Behavior on color {
                enabled: !Theme.still
                ColorAnimation { duration: Theme.glide }
            }
        }
    }
}
