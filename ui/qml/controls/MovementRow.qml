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
    readonly property string kind: words["movement." + modelData.kind] ?? modelData.kind
    readonly property bool placed: modelData.place !== ""
    // The year stands above the list.
    readonly property string on: modelData.on.replace(/ ?\b20\d\d[年-]?/, "")

    Column {
        id: names
        anchors.left: parent.left
        anchors.right: Theme.large ? parent.right : sum.left
        anchors.rightMargin: Theme.large ? 0 : Theme.gapM
        anchors.verticalCenter: parent.verticalCenter

        Writing {
            width: parent.width
            text: row.placed ? row.modelData.place : row.kind
            lineHeight: Theme.titleLineHeight
            font.bold: true
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: Theme.letters(0)
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
        }
        Writing {
            id: when
            x: Theme.mirrored && Theme.large ? sum.width + Theme.gapS : 0
            width: parent.width - (Theme.large ? sum.width + Theme.gapS : 0)
            height: Math.max(implicitHeight, Theme.large ? sum.implicitHeight : 0)
            verticalAlignment: Text.AlignVCenter
            text: row.on + (row.placed && !Theme.large ? "　" + row.kind : "")
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
        // Large letters: below the place, beside the day.
        y: Theme.large ? names.y + names.height - height : (row.height - height) / 2
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
