pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"

Page {
    id: page

    readonly property int filled: page.screen.filled ?? 0
    readonly property int length: page.screen.length ?? 6
    readonly property string problem: page.screen.problem ?? ""
    readonly property bool number: page.screen.asks === "number"

    bodyBeside: true
    bodyLow: true
    bodyHanded: true
    bodyAdapts: true
    actsWithBody: true
    help: problem !== "" ? "" : page.words.help ?? ""
    firstFocus: pad.first

    onFilledChanged: {
        if (Theme.keysInUse && filled === length) {
            Qt.callLater(go.forceActiveFocus);
        }
    }

    lead: [
        Notice {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapXs
            visible: page.problem !== ""
            text: page.words["problem_" + page.problem] ?? ""
        },
        PinDots {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapS
            visible: !page.number
            filled: page.filled
            length: page.length
        },
        Writing {
            Layout.fillWidth: true
            visible: page.number
            text: (page.screen.digits ?? "") === "" ? "– –" : page.screen.digits
            font.pixelSize: Theme.textDisplay
            font.bold: true
            font.features: ({ "tnum": 1 })
            Accessible.name: page.filled + " / " + page.length
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
    acts: ActionButton {
        id: go
        Layout.fillWidth: true
        enabled: page.filled === page.length
        text: page.words.proceed ?? ""
        objectName: "proceed"
        onChosen: page.proceed()
    }
}
