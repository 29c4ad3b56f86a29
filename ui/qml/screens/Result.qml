pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property string slip: page.screen.slip ?? ""
    readonly property string effect: (page.screen.next_day === true ? page.words.effect_next_day
                                                                   : page.words.effect_now) ?? ""
    readonly property string bankNote: ((page.screen.bank ?? "") !== "" ? page.words.bank_note
                                                                       : page.words.bank_note_unknown) ?? ""

    bodyBeside: true
    bodyTouched: false
    framed: false
    firstFocus: go
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
