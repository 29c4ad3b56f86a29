import QtQuick
import "../style"

// How it stands with an insurance: a sign and its word.
Rectangle {
    id: pill

    required property string status
    property var words: ({})
    property bool small: false
    readonly property int pixelSize: small ? Theme.letters(0) : Theme.textLabel

    readonly property bool good: status === "1"
    readonly property color writing: good ? Theme.colour.good : Theme.colour.turnInk

    visible: label.text !== ""
    implicitWidth: face.implicitWidth + Theme.gapS * 2
    implicitHeight: label.height + Theme.gapXs
    width: implicitWidth
    height: implicitHeight
    radius: height / 2
    color: good ? Theme.colour.goodTint : Theme.colour.turnTint

    Row {
        id: face
        anchors.centerIn: parent
        spacing: Theme.gapXs
        Icon {
            anchors.verticalCenter: parent.verticalCenter
            name: pill.good ? "check" : "attention"
            size: pill.pixelSize * 0.9
            weight: 2.6
            colour: pill.writing
        }
        Writing {
            id: label
            text: pill.words["status." + pill.status] ?? ""
            color: pill.writing
            font.pixelSize: pill.pixelSize
            font.bold: true
            wrapMode: Text.NoWrap
        }
    }
}
