pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// What went in and out, one row each; longer than the card, it is moved by finger or with the two buttons below.
Card {
    id: movements

    property var lines: []
    property var words: ({})

    // All rows are equally high, so that a page of them never cuts one in two.
    readonly property real leastRow: Math.ceil(Theme.textBody * 1.3 + Theme.textLabel * 1.45 + Theme.gapS * 1.8)
    readonly property real rowHeight: longer ? Math.floor((room - pager.height) / rows) : leastRow
    readonly property real room: height - Theme.gapS * 2
    readonly property bool longer: lines.length * leastRow > room
    readonly property int rows: Math.max(1, Math.floor((longer ? room - pager.height : room) / leastRow))
    readonly property int pages: Math.max(1, Math.ceil(lines.length / rows))
    readonly property int page: list.atYEnd ? pages
                               : Math.max(1, Math.round((list.contentY - list.originY) / (rows * rowHeight)) + 1)

    function turn(by: int): void {
        const last = Math.max(0, lines.length * rowHeight - list.height);
        slide.to = list.originY + Math.max(0, Math.min(last, (page - 1 + by) * rows * rowHeight));
        slide.restart();
    }

    onLinesChanged: list.positionViewAtBeginning()
    onRowHeightChanged: list.positionViewAtBeginning()

    NumberAnimation {
        id: slide
        target: list
        property: "contentY"
        duration: Theme.glide
        easing.type: Easing.OutCubic
    }
    Writing {
        visible: movements.lines.length === 0
        anchors.centerIn: parent
        width: parent.width - Theme.gapL * 2
        horizontalAlignment: Text.AlignHCenter
        text: movements.words.empty ?? ""
        color: Theme.colour.inkSoft
    }
    ListView {
        id: list
        x: Theme.gapL
        y: Theme.gapS
        width: parent.width - Theme.gapL * 2
        height: movements.rows * movements.rowHeight
        clip: true
        snapMode: ListView.SnapToItem
        boundsBehavior: Flickable.StopAtBounds
        model: movements.lines
        cacheBuffer: 4000

        delegate: MovementRow {
            width: list.width
            height: movements.rowHeight
            words: movements.words
            count: list.count
        }
    }
    Item {
        id: pager
        visible: movements.longer
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height: Theme.target + Theme.gapS * 2

        Rectangle {
            width: parent.width
            height: Theme.hair
            color: Theme.colour.line
        }
        Pill {
            anchors.left: parent.left
            anchors.leftMargin: Theme.gapL
            anchors.verticalCenter: parent.verticalCenter
            icon: "up"
            name: movements.words.page_up ?? ""
            objectName: "page:up"
            enabled: !list.atYBeginning
            onChosen: movements.turn(-1)
        }
        Writing {
            anchors.centerIn: parent
            text: movements.page + " / " + movements.pages
            font.pixelSize: Theme.textLabel
            font.bold: true
            font.features: ({ "tnum": 1 })
            color: Theme.colour.inkSoft
        }
        Pill {
            anchors.right: parent.right
            anchors.rightMargin: Theme.gapL
            anchors.verticalCenter: parent.verticalCenter
            icon: "down"
            name: movements.words.page_down ?? ""
            objectName: "page:down"
            enabled: !list.atYEnd
            onChosen: movements.turn(1)
        }
    }
}
