pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// What went in and out, one row each; longer than the card, its pages are turned with the two buttons below: nothing
// has to be dragged.
Card {
    id: movements

    property var lines: []
    property var words: ({})

    // All rows are equally high, so that a page of them never cuts one in two.
    readonly property real leastRow: Math.ceil(Theme.textBody * 1.3 + (Theme.large ? Theme.textBody : Theme.textLabel) * 1.45
                                              + Theme.gapS * (Theme.xlarge ? 1 : 1.8))
    readonly property real rowHeight: longer ? Math.floor((room - pager.height) / rows) : leastRow
    readonly property real room: height - Theme.gapS * 2 - above
    readonly property real above: account.visible ? account.height + Theme.gapS : 0
    readonly property bool longer: lines.length * leastRow > room
    readonly property int rows: Math.max(1, Math.floor((longer ? room - pager.height : room) / leastRow))
    readonly property int pages: Math.max(1, Math.ceil(lines.length / rows))
    property int turned: 0              // pages turned
    readonly property int page: Math.min(turned, pages - 1)

    onLinesChanged: turned = 0
    onRowsChanged: turned = 0

    Writing {
        visible: movements.lines.length === 0
        anchors.centerIn: parent
        width: parent.width - Theme.gapL * 2
        horizontalAlignment: Text.AlignHCenter
        text: movements.words.empty ?? ""
        color: Theme.colour.inkSoft
    }
    // Whose month it is, where there are several accounts.
    Writing {
        id: account
        visible: text !== ""
        x: Theme.gapL
        y: Theme.gapS
        width: parent.width - Theme.gapL * 2
        text: movements.words.account ?? ""
        font.pixelSize: Theme.textLabel
        color: Theme.colour.inkSoft
    }
    Column {
        id: list
        x: Theme.gapL
        y: Theme.gapS + movements.above
        width: parent.width - Theme.gapL * 2

        Repeater {
            model: movements.lines.slice(movements.page * movements.rows, (movements.page + 1) * movements.rows)

            MovementRow {
                width: list.width
                height: movements.rowHeight
                words: movements.words
                count: Math.min(movements.rows, movements.lines.length - movements.page * movements.rows)
            }
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
            enabled: movements.page > 0
            onChosen: movements.turned = movements.page - 1
        }
        Writing {
            anchors.centerIn: parent
            text: (movements.page + 1) + " / " + movements.pages
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
            enabled: movements.page < movements.pages - 1
            onChosen: movements.turned = movements.page + 1
        }
    }
}
