import QtQuick
import "../style"

// One value with its name and a sign in front.
Item {
    id: row

    required property string label
    required property string value
    property string note            // in small letters below the value
    property string icon
    property bool bare: false       // without the name: where the sign says enough
    property string tone: "calm"
    property bool last: false
    property bool strong: true

    implicitHeight: Math.max(words.height, badge.visible ? badge.height : 0) + Theme.gapS * (Theme.large ? 1.5 : 2.2)
    visible: value !== ""

    Badge {
        id: badge
        visible: row.icon !== ""
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

        Writing {
            width: parent.width
            visible: !row.bare
            text: row.label
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
        }
        Even {
            width: parent.width
            text: row.value
            bold: row.strong
            features: ({ "tnum": 1 })
            leading: Theme.titleLineHeight
        }
        Writing {
            width: parent.width
            visible: text !== ""
            text: row.note
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
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
