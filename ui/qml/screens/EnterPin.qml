pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property string purpose: page.screen.purpose ?? ""
    readonly property int filled: page.screen.filled ?? 0
    readonly property int length: page.screen.length ?? 6
    readonly property string problem: page.screen.problem ?? ""
    readonly property string keypad: page.screen.keypad ?? "glass"
    readonly property bool onPad: keypad === "pad"
    readonly property bool orReset: page.screen.or_reset === true
    readonly property bool instead: keypad === "glass_instead"
    readonly property bool trouble: problem !== "" || triesKnown || instead
    readonly property bool triesKnown: (page.screen.tries_left ?? null) !== null

    bodyBeside: true
    bodyLow: true
    bodyHanded: true
    bodyAdapts: true
    bodyLeast: onPad ? 0 : pad.least
    actsWithBody: true
    picture: onPad ? keys : null
    // What went wrong stands where the help stood.
    help: trouble ? "" : page.words.help ?? ""
    firstFocus: onPad ? other : pad.first

    // For the keys: the second time begins on the pad again, and the last digit leads to the act.
    onPurposeChanged: page.takeFocus()
    onOnPadChanged: Qt.callLater(page.takeFocus)
    onFilledChanged: {
        if (Theme.keysInUse && filled === length && !onPad) {
            Qt.callLater(go.forceActiveFocus);
        }
    }

    Component {
        id: keys
        PadKeys { full: page.filled === page.length }
    }

    lead: [
        Notice {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapXs
            visible: page.trouble
            pixelSize: Theme.leastBody
            text: page.problem !== "" ? page.words["problem_" + page.problem] ?? ""
                : page.instead ? page.words.pad_lost ?? "" : page.words.tries_left ?? ""
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
        visible: !page.onPad
        clearText: page.words.clear ?? ""
        deleteText: page.words.delete ?? ""
        room: page.bodyRoom
        onStruck: position => page.key(position)
    }
    Notice {
        Layout.fillWidth: true
        visible: page.onPad
        tone: "calm"
        icon: "next"
        text: page.words.pad ?? ""
        also: page.words.pad_also ?? ""
    }
    OtherWay {
        id: other
        Layout.fillWidth: true
        visible: page.onPad
        bare: Theme.xlarge && page.orReset
        icon: "hand"
        lead: page.words.pad_other_lead ?? ""
        text: page.words.pad_other ?? ""
        objectName: "pick:glass"
        onChosen: page.pick("glass")
    }
    acts: [
        // Quietly beside the one act, on the side away from the hand; keys and act stay where they are without it.
        RowLayout {
            layoutDirection: Theme.hand === "left" ? Qt.RightToLeft : Qt.LeftToRight
            Layout.fillWidth: true
            visible: page.orReset || !page.onPad
            spacing: Theme.gapTarget

            ActionButton {
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                visible: page.orReset
                primary: false
                text: page.words.or_reset ?? ""
                objectName: "pick:reset"
                onChosen: page.pick("reset")
            }
            ActionButton {
                id: go
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                visible: !page.onPad
                enabled: page.filled === page.length
                text: page.words.proceed ?? ""
                objectName: "proceed"
                onChosen: page.proceed()
            }
        },
        // The first to go where there is little room: the keys need it more. Where it stands it stays, so that the keys do.
        Writing {
            id: note
            Layout.fillWidth: true
            visible: !Theme.large || !Theme.landscape && implicitWidth <= page.leftWidth
            horizontalAlignment: Text.AlignHCenter
            text: page.words.note ?? ""
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
        }
    ]
}
