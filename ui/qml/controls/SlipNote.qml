import QtQuick
import "../style"

// What became of the paper: printed, or the code to photograph; and the number that finds it again.
Card {
    id: slip

    required property string outcome
    required property string note
    required property string number
    required property string numberLabel
    property string qrSource

    readonly property bool coded: outcome === "on_screen" && qrSource !== ""

    implicitHeight: Math.max(code.visible ? code.height : 0, words.height) + (Theme.xlarge ? Theme.gapS : Theme.gapM) * 2

    // Dark on white in every set of colours: a camera reads it.
    Rectangle {
        id: code
        visible: slip.coded
        anchors.left: parent.left
        anchors.leftMargin: Theme.gapM
        anchors.verticalCenter: parent.verticalCenter
        width: Math.min(Theme.px(Theme.xlarge && Theme.landscape ? 76 : 90), slip.width * 0.4)
        height: width
        color: "white"

        Image {
            anchors.fill: parent
            source: slip.qrSource
            sourceSize: Qt.size(width, height)
            smooth: false
            fillMode: Image.PreserveAspectFit
            Accessible.role: Accessible.Graphic
            Accessible.name: slip.note
        }
    }
    Badge {
        id: sign
        visible: !slip.coded
        anchors.left: parent.left
        anchors.leftMargin: Theme.gapL
        anchors.verticalCenter: parent.verticalCenter
        icon: "receipt"
        size: Theme.badge * 0.8
    }
    Column {
        id: words
        anchors.left: slip.coded ? code.right : sign.right
        anchors.leftMargin: Theme.gapM
        anchors.right: parent.right
        anchors.rightMargin: Theme.gapL
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.xlarge ? Theme.gapXs : Theme.gapS

        Even {
            width: parent.width
            text: slip.note
            // Beside the code it grows more slowly than elsewhere, yet it grows.
            pixelSize: slip.coded && Theme.large ? Math.max(Theme.textLabel, Theme.letters(Theme.normalMeasures.body))
                                                 : Theme.leastBody
        }
        Column {
            width: parent.width

            Writing {
                id: whole
                visible: false
                text: slip.number
                font.bold: true
                wrapMode: Text.NoWrap
            }
            Writing {
                width: parent.width
                text: slip.numberLabel
                font.pixelSize: Theme.textLabel
                color: Theme.colour.inkSoft
            }
            Writing {
                width: parent.width
                text: slip.number
                font.bold: true
                font.features: ({ "tnum": 1 })
                font.pixelSize: Math.max(Theme.letters(0), Math.min(Theme.textBody,
                                         Math.floor(Theme.textBody * width / Math.max(1, whole.implicitWidth))))
                wrapMode: Text.WrapAnywhere
            }
        }
    }
}
