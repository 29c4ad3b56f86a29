import QtQuick
import "../style"

// Shows and covers the amounts: large and white while they are covered, quiet once they are to be seen.
Target {
    id: veil

    required property string text
    property bool hidden: true

    name: text
    ringColour: Theme.colour.onAccent
    radius: Math.min(Theme.radius, height / 2)
    implicitHeight: hidden ? Theme.button : Theme.target

    Rectangle {
        anchors.fill: parent
        radius: veil.radius
        color: veil.held ? Theme.colour.tint : veil.hidden ? Theme.colour.surface : Theme.colour.accentPressed
        border.width: Theme.edgeWidth
        border.color: Theme.colour.edge

        Row {
            anchors.centerIn: parent
            spacing: Theme.gapS

            Icon {
                id: sign
                anchors.verticalCenter: parent.verticalCenter
                name: veil.hidden ? "eye" : "eyeOff"
                size: veil.hidden ? Theme.icon : Theme.textLabel * 1.3
                colour: veil.hidden || veil.held ? Theme.colour.accentInk : Theme.colour.onAccent
            }
            Writing {
                anchors.verticalCenter: parent.verticalCenter
                width: Math.min(implicitWidth, veil.width - sign.width - Theme.gapS * 3)
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: Theme.letters(0)
                text: veil.text
                font.pixelSize: veil.hidden ? Theme.textHeading : Theme.textLabel
                font.bold: true
                wrapMode: Text.NoWrap
                color: veil.hidden || veil.held ? Theme.colour.accentInk : Theme.colour.onAccent
                Accessible.ignored: true
            }
        }
    }
}
