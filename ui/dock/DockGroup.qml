pragma ComponentBehavior: Bound

import QtQuick
import "../qml/style"

// One device: its name, what is to be seen there, and what can be done with it.
Rectangle {
    id: group

    required property Colours colours
    required property var words
    required property string device
    required property var acts
    property string seen

    signal act(string name)

    implicitHeight: column.height + 32
    radius: 24
    color: colours.surface

    Column {
        id: column
        x: 20
        y: 16
        width: parent.width - 40
        spacing: 12

        Row {
            spacing: 12
            width: parent.width

            Text {
                id: title
                text: group.words["device." + group.device]
                color: group.colours.ink
                font.pixelSize: 20
                font.bold: true
                textFormat: Text.PlainText
            }
            Text {
                objectName: "seen:" + group.device
                width: parent.width - title.width - parent.spacing
                anchors.baseline: title.baseline
                text: group.seen
                color: group.colours.accentInk
                font.pixelSize: 17
                elide: Text.ElideRight
                textFormat: Text.PlainText
            }
        }
        Flow {
            width: parent.width
            spacing: 10

            Repeater {
                model: group.acts

                DockButton {
                    required property string modelData

                    objectName: "act:" + modelData
                    colours: group.colours
                    text: group.words["act." + modelData]
                    onPressed: group.act(modelData)
                }
            }
        }
    }
}
