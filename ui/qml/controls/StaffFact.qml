import QtQuick
import "../style"

// One fact for staff: its name in small letters, below it what it is, with a sign where something is wrong.
Item {
    id: fact

    required property string label
    required property string value
    property string tone: "calm"

    readonly property bool signed: tone !== "calm"

    implicitHeight: words.height + Theme.gapS

    Icon {
        id: sign
        visible: fact.signed
        anchors.left: parent.left
        anchors.verticalCenter: parent.verticalCenter
        name: fact.tone === "good" ? "check" : "attention"
        size: Theme.icon
        colour: fact.tone === "good" ? Theme.colour.good : Theme.colour.turnInk
    }
    Column {
        id: words
        anchors.left: fact.signed ? sign.right : parent.left
        anchors.leftMargin: fact.signed ? Theme.gapS : 0
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter

        Writing {
            width: parent.width
            text: fact.label
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
        }
        Even {
            width: parent.width
            text: fact.value
            bold: true
            features: ({ "tnum": 1 })
        }
    }
    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height: Theme.hair
        color: Theme.colour.line
    }
}
