pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// Twelve keys, named upwards by position only: 0-8 the nine from top left, 9 clear, 10 bottom middle, 11 delete.
Item {
    id: pad

    property string clearText
    property string deleteText
    property real room: Infinity         // height to keep to
    // Standing upright the keys never become lower than they are at the normal size, nor anywhere too low to strike.
    readonly property real leastKey: Theme.landscape ? Theme.reach(0) : Theme.reach(Theme.normalMeasures.key)
    readonly property real least: leastKey * 4 + gap * 3

    readonly property real gap: Theme.gapTarget
    readonly property real keyHeight: Math.max(leastKey, Math.min(Theme.key, Math.floor((room - gap * 3) / 4)))
    readonly property Item first: keys.count > 0 ? keys.itemAt(0) : null

    signal struck(int position)

    implicitHeight: keyHeight * 4 + gap * 3

    Repeater {
        id: keys
        model: 12

        PinKey {
            required property int index

            x: (index % 3) * (width + pad.gap)
            y: Math.floor(index / 3) * (height + pad.gap)
            width: (pad.width - pad.gap * 2) / 3
            height: pad.keyHeight
            position: index
            face: index < 9 ? String(index + 1) : index === 9 ? pad.clearText : index === 10 ? "0" : pad.deleteText
            quiet: index === 9 || index === 11
            icon: index === 11 ? "erase" : ""
            onStruck: position => pad.struck(position)
        }
    }
}
