import QtQuick
import "../style"

// A small round-ended control for the frame of the screen: finish, language, size, months.
Target {
    id: pill

    property string text
    property string icon
    property bool iconLast: false
    property bool plain: false

    readonly property color writing: enabled ? Theme.colour.ink : Theme.colour.inkSoft

    name: text
    radius: height / 2
    readonly property real signed: icon === "" ? 0 : Theme.textLabel * 1.15 + (text === "" ? 0 : face.spacing)

    implicitWidth: Math.ceil(Math.max(Theme.target * 1.5, whole.implicitWidth + signed + Theme.gapM * 2))
    implicitHeight: Theme.target

    Rectangle {
        anchors.fill: parent
        radius: pill.radius
        color: pill.held ? Theme.colour.tint : pill.plain ? "transparent" : Theme.colour.surface
        border.width: pill.plain ? 0 : Math.max(Theme.hair * 1.4, Theme.edgeWidth)
        border.color: pill.enabled ? Theme.colour.line : Theme.colour.shade

        Writing {
            id: whole
            visible: false
            text: pill.text
            font: label.font
            wrapMode: Text.NoWrap
        }
        Row {
            id: face
            anchors.centerIn: parent
            anchors.verticalCenterOffset: -label.font.pixelSize * 0.04
            spacing: Theme.gapXs * 1.3
            layoutDirection: pill.iconLast ? Qt.RightToLeft : Qt.LeftToRight

            Icon {
                visible: pill.icon !== ""
                anchors.verticalCenter: parent.verticalCenter
                name: pill.icon
                size: Theme.textLabel * 1.15
                colour: pill.writing
            }
            Writing {
                id: label
                anchors.verticalCenter: parent.verticalCenter
                width: Math.max(0, Math.min(whole.implicitWidth + 1, pill.width - pill.signed - Theme.gapM * 2 + 1))
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: Theme.letters(0)
                text: pill.text
                color: pill.writing
                font.pixelSize: Theme.textLabel
                font.bold: true
                wrapMode: Text.NoWrap
                Accessible.ignored: true
            }
        }
    }
}
