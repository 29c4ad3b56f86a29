import QtQuick

// What is to be taken along: the card, perhaps the slip, and the ID card that still lies on its pad.
Item {
    id: all

    property bool slip: false

    CardSlot {
        width: parent.width
        height: parent.height * 0.58
        act: "out"
        slip: all.slip
    }
    IdPad {
        y: parent.height * 0.6
        width: parent.width
        height: parent.height * 0.38
    }
}
