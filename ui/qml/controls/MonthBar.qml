import QtQuick
import "../style"

// To the month before and the one after.
Item {
    id: bar

    required property string olderText
    required property string newerText
    property bool hasOlder: false
    property bool hasNewer: false

    signal older
    signal newer

    implicitHeight: Theme.target

    Pill {
        anchors.left: parent.left
        icon: "left"
        text: bar.olderText
        enabled: bar.hasOlder
        objectName: "pick:older"
        onChosen: bar.older()
    }
    Pill {
        anchors.right: parent.right
        icon: "right"
        iconLast: true
        text: bar.newerText
        enabled: bar.hasNewer
        objectName: "pick:newer"
        onChosen: bar.newer()
    }
}
