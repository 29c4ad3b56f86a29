pragma ComponentBehavior: Bound

import QtQuick
import "../qml/style"

// One device: its name, what it is really doing beside what the terminal believes of it, and what can be done with it.
Rectangle {
    id: group

    required property Colours colours
    required property var words
    required property string device
    required property var acts
    property var keys: []
    property var real: ({said: [], ailing: []})
    property var belief

    readonly property bool believedWell: belief !== undefined && ["online", "busy"].includes(belief.condition)

    signal act(string name)
    signal key(string name)

    function believed(): string {
        if (belief === undefined) {
            return words["unknown"];
        }
        const condition = words["condition." + belief.condition];
        const remedy = words["remedy." + belief.remedy];
        return (condition !== undefined ? condition : belief.condition) + (remedy !== undefined ? " · " + remedy : "");
    }

    implicitHeight: column.height + 22
    radius: 20
    color: colours.surface

    Column {
        id: column
        x: 16
        y: 11
        width: parent.width - 32
        spacing: 8

        // As high as it gets with a fault or two, so that no button moves under the finger when one is told.
        Row {
            width: parent.width
            height: Math.max(64, implicitHeight)
            spacing: 12

            Text {
                id: title
                width: 126
                text: group.words["device." + group.device]
                color: group.colours.ink
                font.pixelSize: 18
                font.bold: true
                wrapMode: Text.Wrap
                textFormat: Text.PlainText
            }
            Column {
                id: really
                width: (parent.width - title.width - 2 * parent.spacing) / 2

                Text {
                    width: parent.width
                    text: group.words["really"]
                    color: group.colours.inkSoft
                    font.pixelSize: 13
                    textFormat: Text.PlainText
                }
                Text {
                    objectName: "really:" + group.device
                    width: parent.width
                    text: [...group.real.ailing, ...group.real.said].join(" · ")
                    color: group.real.ailing.length > 0 ? group.colours.turnInk : group.colours.good
                    font.pixelSize: 15
                    wrapMode: Text.Wrap
                    textFormat: Text.PlainText
                }
            }
            Column {
                width: really.width

                Text {
                    width: parent.width
                    text: group.words["believes"]
                    color: group.colours.inkSoft
                    font.pixelSize: 13
                    textFormat: Text.PlainText
                }
                Text {
                    objectName: "believes:" + group.device
                    width: parent.width
                    text: group.believed()
                    color: group.believedWell ? group.colours.good : group.colours.turnInk
                    font.pixelSize: 15
                    wrapMode: Text.Wrap
                    textFormat: Text.PlainText
                }
                // It may hold the path of a temporary folder.
                Text {
                    objectName: "detail:" + group.device
                    width: parent.width
                    visible: text !== ""
                    text: group.belief !== undefined && group.belief.detail ? group.belief.detail : ""
                    color: group.colours.inkSoft
                    font.pixelSize: 13
                    elide: Text.ElideMiddle
                    maximumLineCount: 1
                    textFormat: Text.PlainText
                }
            }
        }
        Flow {
            width: parent.width
            spacing: 6
            visible: group.keys.length > 0

            Repeater {
                model: group.keys

                DockButton {
                    required property string modelData

                    objectName: "key:" + modelData
                    colours: group.colours
                    text: group.words["key." + modelData] ?? modelData
                    onPressed: group.key(modelData)
                }
            }
        }
        Flow {
            width: parent.width
            spacing: 6

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
