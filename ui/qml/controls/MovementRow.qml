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
    // The year stands above the list; large letters leave no room for it here.
    readonly property string on: Theme.large ? modelData.on.replace(/ ?\b20\d\d年?/, "") : modelData.on

    Column {
        id: names
        anchors.left: parent.left
        anchors.right: Theme.xlarge ? parent.right : sum.left
        anchors.rightMargin: Theme.xlarge ? 0 : Theme.gapM
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
            width: parent.width - (Theme.xlarge ? sum.width + Theme.gapS : 0)
            height: Math.max(implicitHeight, Theme.xlarge ? sum.implicitHeight : 0)
            verticalAlignment: Text.AlignVCenter
            text: row.on + (row.placed && !Theme.xlarge ? "　" + row.kind : "")
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
        // The largest letters: below the place, beside the day.
        y: Theme.xlarge ? names.y + names.height - height : (row.height - height) / 2
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
