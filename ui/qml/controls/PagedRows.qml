pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// Rows of one height, as many as there is room for; the others are on further pages, turned with the two buttons below.
Item {
    id: paged

    property var items: []
    property var words: ({})
    property Component row              // takes modelData; as high as the highest of them
    readonly property real leastRow: trial.highest
    property real gap: Theme.gapTarget
    property bool framed: false         // on one card, rather than each on its own

    readonly property real inner: framed ? Theme.gapS : 0
    readonly property real room: height - inner * 2
    readonly property bool longer: items.length * (leastRow + gap) - gap > room
    readonly property real pagerRoom: Theme.target + Theme.gapS * 2
    readonly property int rows: Math.max(1, Math.floor(((longer ? room - pagerRoom : room) + gap) / (leastRow + gap)))
    readonly property int pages: Math.max(1, Math.ceil(items.length / rows))
    property int turned: 0
    readonly property int page: Math.min(turned, pages - 1)
    readonly property Item first: shown.count > 0 ? shown.itemAt(0) : null

    onItemsChanged: turned = Math.min(turned, pages - 1)

    // The longest ones, laid out and not shown: how high a row must be.
    Item {
        id: trial

        readonly property var longest: paged.items.length <= 8 ? paged.items
            : paged.items.slice().sort((one, other) => JSON.stringify(other).length - JSON.stringify(one).length).slice(0, 8)
        property real highest: Theme.target

        function measure(): void {
            let most = Theme.target;
            for (let i = 0; i < probes.count; i += 1) {
                most = Math.max(most, (probes.itemAt(i) as Item)?.implicitHeight ?? 0);
            }
            highest = Math.ceil(most);
        }

        visible: false
        width: list.width

        Repeater {
            id: probes
            model: trial.longest
            delegate: paged.row
            onItemAdded: (_, item) => {
                item.implicitHeightChanged.connect(trial.measure);
                trial.measure();
            }
            onItemRemoved: Qt.callLater(trial.measure)
        }
    }
    Card {
        anchors.fill: parent
        visible: paged.framed && paged.items.length > 0
    }
    Column {
        id: list
        x: paged.framed ? Theme.gapL : 0
        y: paged.inner
        width: parent.width - x * 2
        spacing: paged.gap

        Repeater {
            id: shown
            model: paged.items.slice(paged.page * paged.rows, (paged.page + 1) * paged.rows)
            delegate: paged.row
        }
    }
    Item {
        visible: paged.longer
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height: Theme.target + Theme.gapS

        Pill {
            anchors.left: parent.left
            anchors.leftMargin: paged.framed ? Theme.gapL : 0
            anchors.verticalCenter: parent.verticalCenter
            icon: "up"
            name: paged.words.page_up ?? ""
            objectName: "page:up"
            enabled: paged.page > 0
            onChosen: paged.turned = paged.page - 1
        }
        Writing {
            anchors.centerIn: parent
            text: (paged.page + 1) + " / " + paged.pages
            font.pixelSize: Theme.textLabel
            font.bold: true
            font.features: ({ "tnum": 1 })
            color: Theme.colour.inkSoft
        }
        Pill {
            anchors.right: parent.right
            anchors.rightMargin: paged.framed ? Theme.gapL : 0
            anchors.verticalCenter: parent.verticalCenter
            icon: "down"
            name: paged.words.page_down ?? ""
            objectName: "page:down"
            enabled: paged.page < paged.pages - 1
            onChosen: paged.turned = paged.page + 1
        }
    }
}
