import QtQuick
import "../style"

// The quiet of the citizen, running out: in the last third the seconds that are left, and a ring.
// It counts by itself from `restart`; the core alone decides when time is up.
Row {
    id: time

    property real seconds: -1
    property string lead
    property string unit
    property real remaining: seconds

    readonly property bool late: seconds > 0 && remaining <= seconds / 3

    function restart(): void {
        remaining = seconds;
        clock.restart();
    }

    visible: seconds > 0
    spacing: Theme.gapXs * 1.3
    onSecondsChanged: restart()

    Timer {
        id: clock
        interval: 1000
        repeat: true
        running: time.seconds > 0
        onTriggered: time.remaining = Math.max(0, time.remaining - 1)
    }
    Writing {
        visible: time.late
        anchors.verticalCenter: parent.verticalCenter
        text: time.lead + " " + Math.ceil(time.remaining) + " " + time.unit
        font.pixelSize: Theme.textLabel
        font.bold: true
        font.features: ({ "tnum": 1 })
        color: Theme.colour.turnInk
        wrapMode: Text.NoWrap
    }
    Ring {
        visible: time.late
        anchors.verticalCenter: parent.verticalCenter
        width: Theme.textLabel * 1.3
        height: width
        part: time.seconds > 0 ? time.remaining / time.seconds : 0
        weight: width * 0.16
        colour: Theme.colour.turn
    }
}
