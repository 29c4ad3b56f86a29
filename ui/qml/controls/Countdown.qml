import QtQuick
import "../style"

// The seconds that are left, in a ring.
Item {
    id: countdown

    property real seconds: 0
    property real remaining: seconds

    onSecondsChanged: remaining = seconds

    Timer {
        interval: 1000
        repeat: true
        running: countdown.seconds > 0
        onTriggered: countdown.remaining = Math.max(0, countdown.remaining - 1)
    }
    Ring {
        id: ring
        anchors.centerIn: parent
        width: Math.min(parent.width, parent.height, Theme.px(210)) * 0.92
        height: width
        weight: width * 0.06
        part: countdown.seconds > 0 ? countdown.remaining / countdown.seconds : 0
        colour: Theme.colour.turn
    }
    Writing {
        anchors.centerIn: parent
        text: Math.ceil(countdown.remaining)
        font.pixelSize: ring.width * 0.4
        font.bold: true
        font.features: ({ "tnum": 1 })
        wrapMode: Text.NoWrap
    }
}
