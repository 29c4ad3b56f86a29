import QtQuick
import "../style"

// Where the keys are. Drawn outside the control, so that it covers nothing.
Rectangle {
    required property Item around
    property color colour: Theme.colour.focus
    property real corner: Theme.radius

    visible: around.activeFocus && Theme.keysInUse
    anchors.fill: around
    anchors.margins: -Theme.focusWidth * 1.8
    radius: corner + Theme.focusWidth * 1.8
    color: "transparent"
    border.width: Theme.focusWidth
    border.color: colour
}
