import QtQuick
import QtQuick.Layouts
import "../style"

// A card of rows.
Card {
    default property alias rows: rows.data

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
