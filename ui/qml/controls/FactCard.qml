import QtQuick
import QtQuick.Layouts
import "../style"

// A card of rows. On a wide panel, or where there is little room, the values stand in one column beside their names.
Card {
    id: card

    default property alias rows: rows.data

    property bool beside: Theme.landscape && !rows.children.some(child => (child as FactRow)?.long ?? false)
    property bool airy: false        // a page that is about nothing else
    // How wide the widest name is.
    readonly property real names: {
        let widest = 0;
        for (const child of rows.children) {
            const row = child as FactRow;
            widest = Math.max(widest, row !== null && row.visible ? row.nameWidth : 0);
        }
        return widest;
    }

    implicitHeight: rows.implicitHeight + (Theme.large ? Theme.gapXs : Theme.gapS) * 2

    ColumnLayout {
        id: rows
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: Theme.gapL
        anchors.rightMargin: Theme.gapL
        anchors.verticalCenter: parent.verticalCenter
        spacing: 0
    }
}
