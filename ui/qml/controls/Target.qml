import QtQuick
import "../style"

// Anything to touch: takes a touch that begins and ends on it, Enter or Space, or a screen reader's press.
// The look is the affair of what is built on it.
Item {
    id: target

    readonly property bool isTarget: true
    property string name
    property real radius: Theme.radius
    property color ringColour: Theme.colour.focus
    readonly property bool held: area.pressed && area.containsMouse

    signal chosen

    activeFocusOnTab: true
    Accessible.role: Accessible.Button
    Accessible.name: name
    Accessible.focusable: true
    Accessible.onPressAction: if (target.enabled) target.chosen()

    Keys.onPressed: event => {
        if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Space
                || event.key === Qt.Key_Select) {
            event.accepted = true;
            if (!event.isAutoRepeat) {
                target.chosen();
            }
        }
    }

    MouseArea {
        id: area
        anchors.fill: parent
        onClicked: target.chosen()
    }

    FocusRing {
        around: target
        corner: target.radius
        colour: target.ringColour
        z: 1
    }
}
