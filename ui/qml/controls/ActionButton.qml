import QtQuick
import "../style"

// A large button: the one thing to do (`primary`), or the other one beside it.
Target {
    id: button

    property string text
    property string icon
    property bool primary: true

    readonly property color ground: primary
        ? (!enabled ? Theme.colour.muted : held ? Theme.colour.accentPressed : Theme.colour.accent)
        : (held ? Theme.colour.tint : Theme.colour.surface)
    readonly property color writing: primary ? (enabled ? Theme.colour.onAccent : Theme.colour.onMuted)
                                             : Theme.colour.ink

    name: text
    radius: Math.min(Theme.radius * 1.15, height / 2)
    implicitWidth: face.implicitWidth + Theme.gapL * 2
    implicitHeight: Math.max(Theme.button, label.height + Theme.gapM * 2)

    Card {
        anchors.fill: parent
        radius: button.radius
        lift: button.primary ? 0 : Theme.lift
        color: button.ground
        border.width: button.primary && button.enabled ? 0 : Math.max(Theme.edgeWidth, button.primary ? 0 : Theme.hair)
        border.color: Theme.colour.line

        // As wide as the longest word: no word is ever broken.
        Writing {
            id: longest
            visible: false
            text: button.text.replace(/ /g, "\n")
            font.pixelSize: Theme.textHeading
            font.bold: true
            wrapMode: Text.NoWrap
        }
        Row {
            id: face
            anchors.centerIn: parent
            anchors.verticalCenterOffset: -label.pixelSize * 0.04
            spacing: Theme.gapS

            Icon {
                id: sign
                visible: button.icon !== ""
                anchors.verticalCenter: parent.verticalCenter
                name: button.icon
                size: Theme.icon
                colour: button.writing
            }
            Even {
                id: label
                anchors.verticalCenter: parent.verticalCenter
                readonly property real room: button.width - Theme.gapM * 2
                                             - (sign.visible ? sign.width + face.spacing : 0)
                width: Math.max(0, Math.min(whole, room))
                height: implicitHeight
                silent: true
                text: button.text
                colour: button.writing
                pixelSize: longest.implicitWidth <= room || room <= 0 ? Theme.textHeading
                    : Math.max(Theme.letters(0), Math.floor(Theme.textHeading * room / longest.implicitWidth * 0.98))
                bold: true
                centred: true
                leading: Theme.titleLineHeight
            }
        }
    }
}
