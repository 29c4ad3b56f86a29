pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"

Page {
    id: page

    readonly property string purpose: page.screen.purpose ?? ""
    readonly property int filled: page.screen.filled ?? 0
    readonly property int length: page.screen.length ?? 6
    readonly property string problem: page.screen.problem ?? ""
    readonly property bool trouble: problem !== "" || triesKnown
    readonly property bool triesKnown: (page.screen.tries_left ?? null) !== null

    bodyBeside: true
    bodyLow: true
    actsWithBody: true
    // What went wrong stands where the help stood.
    help: trouble ? "" : page.words.help ?? ""
    firstFocus: pad.first

    // For the keys: the second time begins on the pad again, and the last digit leads to the act.
    onPurposeChanged: page.takeFocus()
    onFilledChanged: {
        if (Theme.keysInUse && filled === length) {
            Qt.callLater(go.forceActiveFocus);
        }
    }

    lead: [
        Notice {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapXs
            visible: page.trouble
            text: page.problem !== "" ? page.words["problem_" + page.problem] ?? "" : page.words.tries_left ?? ""
            also: page.problem !== "" && page.triesKnown ? page.words.tries_left ?? "" : ""
        },
        PinDots {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapS
            filled: page.filled
            length: page.length
        }
    ]

    PinPad {
        id: pad
        Layout.fillWidth: true
        clearText: page.words.clear ?? ""
        deleteText: page.words.delete ?? ""
        room: page.bodyRoom
        onStruck: position => page.key(position)
    }
    acts: [
        ActionButton {
            id: go
            Layout.fillWidth: true
            enabled: page.filled === page.length
            text: page.words.proceed ?? ""
            objectName: "proceed"
            onChosen: page.proceed()
        },
        Writing {
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            text: page.words.note ?? ""
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
        }
    ]
}
