import QtQuick
import "../../style"

// A slot in the terminal's front with its lighter surround, around its middle; `lit` with the lamp of a slot that waits.
Item {
    id: slit

    required property real u
    property real wide: 146             // of the slot itself, in units
    property bool lit: false
    property bool moving: false

    Rectangle {
        x: -width / 2
        y: -height / 2
        width: (slit.wide + 30) * slit.u
        height: 54 * slit.u
        radius: 16 * slit.u
        color: Theme.colour.machineLight
        opacity: 0.35
    }
    Rectangle {
        visible: slit.lit
        x: -width / 2
        y: -17 * slit.u
        width: 60 * slit.u
        height: 5 * slit.u
        radius: height / 2
        color: Theme.colour.turn

        SequentialAnimation on opacity {
            running: slit.lit && slit.moving
            loops: Animation.Infinite
            NumberAnimation { to: 0.35; duration: 1100; easing.type: Easing.InOutSine }
            NumberAnimation { to: 1; duration: 1100; easing.type: Easing.InOutSine }
        }
    }
    Rectangle {
        x: -width / 2
        y: -height / 2
        width: slit.wide * slit.u
        height: 13 * slit.u
        radius: height / 2
        color: Theme.colour.machineDark
    }
}
