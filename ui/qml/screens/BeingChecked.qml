pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property string slip: page.screen.slip ?? ""

    bodyBeside: true
    bodyTouched: false
    firstFocus: go
    picture: LostLine {}

    Notice {
        Layout.fillWidth: true
        pixelSize: Theme.landscape ? Theme.leastBody : Theme.textBody
        tone: "calm"
        icon: "next"
        text: page.words.next ?? ""
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
