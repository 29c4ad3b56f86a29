import QtQuick
import "../qml/style"

// One act of a person in front of the terminal.
Rectangle {
    id: button

    required property Colours colours
    property string text
    property bool chosen: false

    signal pressed

    implicitWidth: label.implicitWidth + 24
    implicitHeight: 34
    radius: 12
    color: area.pressed || chosen ? colours.tint : colours.surface
    border.width: activeFocus ? 3 : 1
    border.color: activeFocus ? colours.focus : colours.line
    activeFocusOnTab: true

    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.onPressAction: button.pressed()

    Keys.onPressed: event => {
        if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Space) {
            event.accepted = true;
            button.pressed();
        }
    }

    Text {
        id: label
        anchors.centerIn: parent
        width: Math.min(implicitWidth, button.width - 12)
        text: button.text
        color: button.colours.ink
        font.pixelSize: 15
        elide: Text.ElideRight
        textFormat: Text.PlainText
        Accessible.ignored: true
    }
    MouseArea {
        id: area
        anchors.fill: parent
        onClicked: button.pressed()
    }
}
