import QtQuick
import "../style"

// One value with its name and a sign in front.
Item {
    id: row

    required property string label
    required property string value
    property string note            // in small letters below the value
    property string icon
    property bool small: false      // the value in the letters of its name
    // The largest letters leave room for few lines: what fits beside its name stands there.
    readonly property bool inline: Theme.xlarge && !bare && note === ""
                                   && name.implicitWidth + whole.implicitWidth + Theme.gapM < words.width
    property bool bare: false       // without the name: where the sign says enough
    property string tone: "calm"
    property bool last: false
    property bool strong: true

    implicitHeight: Math.max(words.height, badge.visible ? badge.height : 0) + Theme.gapS * (Theme.xlarge ? 0.5 : Theme.large ? 0.8 : 2.2)
    visible: value !== ""

    Badge {
        id: badge
        visible: row.icon !== ""
        anchors.left: parent.left       // so that a language that runs leftwards has it on its side
        anchors.verticalCenter: parent.verticalCenter
        icon: row.icon
        tone: row.tone
        size: Theme.badge * 0.8
    }
    Column {
        id: words
        anchors.left: badge.visible ? badge.right : parent.left
        anchors.leftMargin: badge.visible ? Theme.gapM : 0
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter

        Item {
            width: parent.width
            height: row.inline ? Math.max(name.height, said.height) : (row.bare ? 0 : name.height) + said.height

            Writing {
                id: whole
                visible: false
                text: row.value
                font.bold: row.strong
                font.pixelSize: said.pixelSize
                wrapMode: Text.NoWrap
            }
            Writing {
                id: name
                width: row.inline ? implicitWidth : parent.width
                anchors.left: parent.left
                y: row.inline ? (parent.height - height) / 2 : 0
                visible: !row.bare
                text: row.label
                font.pixelSize: Theme.textLabel
                color: Theme.colour.inkSoft
            }
            Even {
                id: said
                width: row.inline ? whole.implicitWidth + 1 : parent.width
                height: implicitHeight
                anchors.right: parent.right
                y: row.inline ? (parent.height - height) / 2 : row.bare ? 0 : name.height
                text: row.value
                pixelSize: row.small ? Theme.leastBody : Theme.textBody
                bold: row.strong
                features: ({ "tnum": 1 })
                leading: Theme.titleLineHeight
            }
        }
        Even {
            width: parent.width
            text: row.note
            pixelSize: Theme.textLabel
            colour: Theme.colour.inkSoft
        }
    }
    Rectangle {
        visible: !row.last
        anchors.left: words.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height: Theme.hair
        color: Theme.colour.line
    }
}
