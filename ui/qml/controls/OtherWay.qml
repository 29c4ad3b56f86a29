import QtQuick
import "../style"

// The other way, offered in place: a question and what to do then.
Target {
    id: way

    required property string lead
    required property string text
    property string icon
    property bool bare: false        // without the question: where there is no room for it

    name: lead + " " + text
    implicitHeight: Math.max(Theme.button, words.height + Theme.gapS * 2)

    Card {
        anchors.fill: parent
        color: way.held ? Theme.colour.tint : Theme.colour.surface

        Badge {
            id: badge
            anchors.left: parent.left
            anchors.leftMargin: Theme.gapM
            anchors.verticalCenter: parent.verticalCenter
            icon: way.icon
            size: Theme.badge * 0.85
        }
        Column {
            id: words
            anchors.left: badge.right
            anchors.leftMargin: Theme.gapM
            anchors.right: chevron.left
            anchors.rightMargin: Theme.gapS
            anchors.verticalCenter: parent.verticalCenter

            Even {
                width: parent.width
                silent: true
                visible: !way.bare
                text: way.lead
                pixelSize: Theme.textLabel
                colour: Theme.colour.inkSoft
            }
            Even {
                width: parent.width
                silent: true
                text: way.text
                bold: true
                colour: Theme.colour.accentInk
                leading: Theme.titleLineHeight
            }
        }
        Icon {
            id: chevron
            anchors.right: parent.right
            anchors.rightMargin: Theme.gapM
            anchors.verticalCenter: parent.verticalCenter
            name: "right"
            size: Theme.icon * 0.8
        }
    }
}
