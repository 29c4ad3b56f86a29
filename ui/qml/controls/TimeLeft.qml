import QtQuick
import "../style"

// The quiet of the citizen, running out: nothing until the last third, or when somebody waits, then the seconds and their
// ring in amber.
// It counts by itself from `restart`; the core alone decides when time is up.
Row {
    id: time

    property real seconds: -1
    property string lead
    property string unit
    property bool always: false         // from the first second on
    property bool terse: false          // room for the number and its ring only
    property bool ringed: true          // and for the ring
    property real remaining: seconds

    readonly property real shownFrom: always ? seconds : seconds / 3
    readonly property bool late: seconds > 0 && remaining <= shownFrom
    // How wide it gets when nothing is left out.
    readonly property real full: whole.implicitWidth + spacing + ring.width
    readonly property real least: number.implicitWidth + spacing + ring.width

    function restart(): void {
        remaining = seconds;
        clock.restart();
    }

    visible: late
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
        id: shown
        anchors.verticalCenter: parent.verticalCenter
        text: (time.terse ? "" : time.lead + " ") + Math.ceil(time.remaining) + " " + time.unit
        font.pixelSize: Theme.textLabel
        font.bold: true
        font.features: ({ "tnum": 1 })
        color: Theme.colour.turnInk
        wrapMode: Text.NoWrap
    }
    Writing {
        id: whole
        visible: false
        Accessible.ignored: true
        text: time.lead + " " + Math.ceil(time.shownFrom) + " " + time.unit
        font: shown.font
        wrapMode: Text.NoWrap
    }
    Writing {
        id: number
        visible: false
        Accessible.ignored: true
        text: Math.ceil(time.shownFrom) + " " + time.unit
        font: shown.font
        wrapMode: Text.NoWrap
    }
    Ring {
        id: ring
        visible: time.ringed
        anchors.verticalCenter: parent.verticalCenter
        width: Theme.textLabel * 1.3
        height: width
        part: time.seconds > 0 ? time.remaining / time.seconds : 0
        weight: width * 0.16
        colour: Theme.colour.turn
    }
}
