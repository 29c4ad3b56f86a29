pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"

Page {
    id: page

    readonly property bool canPrint: page.screen.can_print === true

    bodyBeside: true
    bodyFills: true
    bodyTouched: false       // its buttons stand at its lower end
    goesBack: true
    firstFocus: backButton

    lead: [
        MonthBar {
            visible: !Theme.low
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapXs
            olderText: page.words.older ?? ""
            newerText: page.words.newer ?? ""
            hasOlder: page.screen.has_older === true
            hasNewer: page.screen.has_newer === true
            onOlder: page.pick("older")
            onNewer: page.pick("newer")
        },
        TotalsCard {
            Layout.fillWidth: true
            visible: Theme.landscape || Theme.low
            screen: page.screen
            words: page.words
        }
    ]

    MovementList {
        Layout.fillWidth: true
        Layout.fillHeight: true
        lines: page.screen.lines ?? []
        words: page.words
    }
    TotalsCard {
        Layout.fillWidth: true
        visible: !Theme.landscape && !Theme.low
        screen: page.screen
        words: page.words
    }
    MonthBar {
        visible: Theme.low
        Layout.fillWidth: true
        olderText: page.words.older ?? ""
        newerText: page.words.newer ?? ""
        hasOlder: page.screen.has_older === true
        hasNewer: page.screen.has_newer === true
        onOlder: page.pick("older")
        onNewer: page.pick("newer")
    }
    acts: GridLayout {
        layoutDirection: Theme.hand === "left" ? Qt.RightToLeft : Qt.LeftToRight
        Layout.fillWidth: true
        columns: 2
        columnSpacing: Theme.gapTarget
        rowSpacing: Theme.gapTarget
        ActionButton {
            id: backButton
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.fillHeight: true
            primary: !page.canPrint
            text: page.words.back ?? ""
            objectName: "back"
            onChosen: page.back()
        }
        ActionButton {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.fillHeight: true
            visible: page.canPrint
            text: page.words.print ?? ""
            objectName: "pick:print"
            onChosen: page.pick("print")
        }
    }
}
