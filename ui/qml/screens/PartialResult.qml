pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property string slip: page.screen.slip ?? ""
    readonly property bool crowded: Theme.large
    readonly property int letters: Theme.landscape && slip === "on_screen" ? Theme.slowBody : Theme.leastBody

    bodyBeside: true
    bodyTouched: false
    leftShare: Theme.xlarge ? 0.37 : crowded || slip === "on_screen" ? 0.38 : 0.44
    help: crowded && slip === "on_screen" ? "" : page.words.help ?? ""
    framed: false
    firstFocus: go
    picture: Outcome { kind: "partly" }

    FactCard {
        beside: Theme.landscape || page.slip === "on_screen"
        Layout.fillWidth: true

        FactRow {
            Layout.fillWidth: true
            icon: "check"
            tone: "good"
            bare: page.crowded
            pixelSize: page.letters
            label: page.words.done_label ?? ""
            value: page.words.done ?? ""
        }
        FactRow {
            Layout.fillWidth: true
            icon: "minus"
            tone: "turn"
            bare: page.crowded
            pixelSize: page.letters
            label: page.words.open_label ?? ""
            value: page.words.open ?? ""
        }
        FactRow {
            Layout.fillWidth: true
            icon: "next"
            bare: page.crowded
            pixelSize: page.letters
            label: page.words.next_label ?? ""
            value: page.words.next ?? ""
            last: true
        }
    }
    SlipNote {
        Layout.fillWidth: true
        outcome: page.slip
        bare: Theme.xlarge
        note: page.words["slip_" + page.slip] ?? ""
        number: page.screen.number ?? ""
        numberLabel: page.words.number_label ?? ""
        qrSource: page.qrSource
    }
    acts: ActionButton {
        id: go
        Layout.fillWidth: true
        text: page.words.proceed ?? ""
        objectName: "proceed"
        onChosen: page.proceed()
    }
}
