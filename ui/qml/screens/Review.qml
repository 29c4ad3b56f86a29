pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"

Page {
    id: page

    readonly property var holder: page.screen.holder ?? ({})
    readonly property string bankName: page.words["bank." + (page.screen.bank ?? "")] ?? ""
    readonly property string effect: page.screen.task === "activate"
        ? (page.screen.next_day === true ? page.words.effect_next_day : page.words.effect_now) ?? "" : ""

    bodyBeside: true
    bodyTouched: false
    leftShare: Theme.xlarge ? 0.36 : 0.44
    firstFocus: go

    FactCard {
        Layout.fillWidth: true
        airy: true

        FactRow {
            Layout.fillWidth: true
            pixelSize: Theme.leastBody
            icon: "person"
            label: page.words.name_label ?? ""
            value: page.holder.name ?? ""
        }
        FactRow {
            Layout.fillWidth: true
            pixelSize: Theme.leastBody
            icon: "idCard"
            label: page.words.id_label ?? ""
            value: page.holder.id_number ?? ""
        }
        FactRow {
            Layout.fillWidth: true
            pixelSize: Theme.leastBody
            icon: "card"
            label: page.words.card_label ?? ""
            value: page.holder.card_tail ?? ""
            last: page.bankName === "" && (page.words.bank_note ?? "") === "" && page.effect === ""
        }
        FactRow {
            Layout.fillWidth: true
            pixelSize: Theme.leastBody
            icon: "bank"
            label: page.words.bank_label ?? ""
            value: page.bankName !== "" ? page.bankName : page.words.bank_note ?? ""
            note: page.bankName !== "" ? page.words.bank_note ?? "" : ""
            last: page.effect === ""
        }
        FactRow {
            Layout.fillWidth: true
            pixelSize: Theme.leastBody
            icon: "calendar"
            label: page.words.effect_label ?? ""
            value: page.effect
            last: true
        }
    }
    acts: ActionButton {
        id: go
        Layout.fillWidth: true
        text: page.words.proceed ?? ""
        objectName: "proceed"
        onChosen: page.proceed()
    }
}
