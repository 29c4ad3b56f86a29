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
    property bool bare: false       // without the number's name: where the largest letters leave no room for it

    // The number, broken behind the hyphen that is nearest to its middle.
    readonly property string halved: {
        let best = -1;
        for (let at = number.indexOf("-"); at >= 0; at = number.indexOf("-", at + 1)) {
            if (best < 0 || Math.abs(at + 1 - number.length / 2) <= Math.abs(best + 1 - number.length / 2)) {
                best = at;
            }
        }
        return best < 0 ? number : number.slice(0, best + 1) + "\n" + number.slice(best + 1);
    }
    readonly property bool tight: coded && Theme.xlarge && Theme.landscape
    readonly property bool coded: outcome === "on_screen" && qrSource !== ""

    implicitHeight: Math.max(code.visible ? code.height : 0, words.height) + (tight ? Theme.gapXs : Theme.large ? Theme.gapS : Theme.gapM) * 2

    // Dark on white in every set of colours: a camera reads it.
    Rectangle {
        id: code
        visible: slip.coded
        anchors.left: parent.left
        anchors.leftMargin: Theme.gapM
        anchors.verticalCenter: parent.verticalCenter
        width: Math.min(Theme.px(!Theme.landscape ? 90 : Theme.xlarge ? 76 : 86), slip.width * 0.4)
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
        spacing: slip.tight ? 0 : Theme.large ? Theme.gapXs : Theme.gapS

        Even {
            width: parent.width
            text: slip.note
            pixelSize: slip.coded ? Theme.slowBody : Theme.leastBody
        }
        Column {
            width: parent.width

            Writing {
                id: onOne
                visible: false
                text: slip.number
                font: onTwo.font
                wrapMode: Text.NoWrap
            }
            Writing {
                id: onTwo
                visible: false
                text: slip.halved
                font.bold: true
                font.features: ({ "tnum": 1 })
                wrapMode: Text.NoWrap
            }
            Writing {
                width: parent.width
                visible: !slip.bare
                text: slip.numberLabel
                font.pixelSize: Theme.textLabel
                color: Theme.colour.inkSoft
            }
            // On one line, in letters that give a little; else broken at a hyphen, in two even lines.
            Writing {
                readonly property int fitting: Math.floor(Theme.textBody * width / Math.max(1, onOne.implicitWidth))
                readonly property int least: Theme.xlarge ? Theme.leastBody
                                           : Theme.large ? Theme.letters(Theme.normalMeasures.body) : Theme.textLabel
                readonly property bool one: fitting >= least
                width: parent.width
                text: one ? slip.number : slip.halved
                font.bold: true
                font.features: ({ "tnum": 1 })
                font.pixelSize: Math.max(Theme.letters(0), Math.min(slip.tight ? Theme.leastBody : Theme.textBody, one ? fitting
                    : Math.floor(Theme.textBody * width / Math.max(1, onTwo.implicitWidth))))
                lineHeight: one ? Theme.lineHeight : Theme.titleLineHeight
                wrapMode: Text.NoWrap
                Accessible.name: slip.bare ? slip.numberLabel + " " + slip.number : slip.number
            }
        }
    }
}
