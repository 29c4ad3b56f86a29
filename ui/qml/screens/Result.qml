pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property string slip: page.screen.slip ?? ""
    readonly property string wanted: page.screen.go_on?.id ?? ""
    readonly property string effect: (page.screen.next_day === true ? page.words.effect_next_day
                                                                   : page.words.effect_now) ?? ""
    readonly property string bankNote: ((page.screen.bank ?? "") !== "" ? page.words.bank_note
                                                                       : page.words.bank_note_unknown) ?? ""

    bodyBeside: true
    bodyTouched: false
    framed: false
    firstFocus: wanted !== "" ? goOn : go
    // Nothing came out of the printer: that is told, not celebrated.
    picture: Outcome { kind: page.screen.task === "shown" ? "partly" : "done" }

    Notice {
        Layout.fillWidth: true
        pixelSize: Theme.landscape ? Theme.leastBody : Theme.textBody
        visible: text !== ""
        tone: "good"
        icon: "calendar"
        text: page.effect
        also: page.bankNote
    }
    SlipNote {
        Layout.fillWidth: true
        outcome: page.slip
        bare: Theme.xlarge && page.wanted !== ""
        note: page.words["slip_" + page.slip] ?? ""
        number: page.screen.number ?? ""
        numberLabel: page.words.number_label ?? ""
        qrSource: page.qrSource
    }
    acts: [
        ActionButton {
            id: goOn
            Layout.fillWidth: true
            visible: page.wanted !== ""
            text: page.words["go_on_" + page.wanted] ?? page.words["service." + page.wanted + ".title"] ?? ""
            objectName: "pick:" + page.wanted
            onChosen: page.pick(page.wanted)
        },
        ActionButton {
            id: go
            Layout.fillWidth: true
            primary: page.wanted === ""
            text: (page.wanted !== "" ? page.words.enough : page.words.proceed) ?? ""
            objectName: "proceed"
            onChosen: page.proceed()
        }
    ]
}
