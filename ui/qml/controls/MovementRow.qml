import QtQuick
import "../style"

// One movement: what, where and when on the left, plus or minus how much on the right.
Item {
    id: row

    required property var modelData
    required property int index
    property var words: ({})
    property int count: 0

    readonly property bool out: modelData.amount.negative


    Column {
        id: names
        anchors.left: parent.left
        anchors.right: sum.left
        anchors.rightMargin: Theme.gapM
        anchors.verticalCenter: parent.verticalCenter

        Writing {
            width: parent.width
            text: row.modelData.place !== "" ? row.modelData.place
                                             : row.words["movement." + row.modelData.kind] ?? row.modelData.kind
            lineHeight: Theme.titleLineHeight
            font.bold: true
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: Theme.letters(0)
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
        }
        Writing {
            width: parent.width
            text: row.modelData.on + (row.modelData.place !== ""
                  ? "　" + (row.words["movement." + row.modelData.kind] ?? row.modelData.kind) : "")
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: Theme.letters(0)
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
        }
    }
    Writing {
        id: sum
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        text: (row.out ? "− " : row.modelData.amount.zero ? "" : "+ ") + row.modelData.amount.text.replace("−", "")
        color: row.out ? Theme.colour.ink : Theme.colour.good
        font.bold: true
        font.features: ({ "tnum": 1 })
        wrapMode: Text.NoWrap
    }
    Rectangle {
        visible: row.index < row.count - 1
        anchors.bottom: parent.bottom
        width: parent.width
        height: Theme.hair
        color: Theme.colour.line
    }
}
