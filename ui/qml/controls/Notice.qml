import QtQuick
import "../style"

// Something to mind, in amber, with its sign: never alarming, never colour alone.
Rectangle {
    id: notice

    required property string text
    property string also
    property int pixelSize: Theme.textBody
    property string icon: "attention"
    property string tone: "turn"

    implicitHeight: Math.max(words.height, sign.height) + (Theme.landscape && Theme.xlarge ? Theme.gapXs : Theme.gapS) * 2
    radius: Theme.radiusS
    color: tone === "good" ? Theme.colour.goodTint : tone === "calm" ? Theme.colour.tint : Theme.colour.turnTint
    border.width: Theme.edgeWidth
    border.color: Theme.colour.edge

    Icon {
        id: sign
        anchors.left: parent.left
        anchors.leftMargin: Theme.gapM
        anchors.verticalCenter: parent.verticalCenter
        name: notice.icon
        size: Theme.icon * 1.2
        colour: notice.tone === "good" ? Theme.colour.good
              : notice.tone === "calm" ? Theme.colour.accentInk : Theme.colour.turnInk
    }
    Column {
        id: words
        anchors.left: sign.right
        anchors.leftMargin: Theme.gapS * 1.3
        anchors.right: parent.right
        anchors.rightMargin: Theme.gapM
        anchors.verticalCenter: parent.verticalCenter

        Even {
            width: parent.width
            text: notice.text
            pixelSize: notice.pixelSize
            bold: true
            role: notice.tone === "turn" ? Accessible.AlertMessage : Accessible.StaticText
        }
        Even {
            width: parent.width
            text: notice.also
            pixelSize: notice.pixelSize
        }
    }
}
