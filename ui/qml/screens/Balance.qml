pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"

Page {
    id: page

    readonly property bool hidden: page.screen.hidden === true
    readonly property bool canPrint: page.screen.can_print === true

    bodyBeside: true
    bodyAdapts: true
    bodyTouched: false       // its button stands at the lower end of the first card
    leftShare: Theme.xlarge ? 0.36 : 0.44
    // No paper, several accounts and the largest letters: that there is no paper stands where the help stood.
    readonly property bool tight: accounts.crowded && !canPrint
    help: (tight ? page.words.no_print : page.words.help) ?? ""
    firstFocus: hidden ? accounts.toggle : slip.visible ? slip : movements

    lead: [
        Pill {
            visible: Theme.landscape && !page.hidden && !Theme.low
            Layout.topMargin: Theme.gapS
            icon: "eyeOff"
            text: page.words.hide ?? ""
            objectName: "pick:hide"
            onChosen: page.pick("hide")
        }
    ]

    AccountList {
        id: accounts
        Layout.fillWidth: true
        accounts: page.screen.accounts ?? []
        hidden: page.hidden
        veiled: page.hidden || !(Theme.landscape || Theme.low)
        asOf: page.screen.as_of ?? null
        words: page.words
        room: page.bodyRoom
        onToggled: page.pick(page.hidden ? "show" : "hide")
    }
    acts: [
        Pill {
            visible: !page.hidden && Theme.low
            icon: "eyeOff"
            text: page.words.hide ?? ""
            objectName: "pick:hide"
            onChosen: page.pick("hide")
        },
        Notice {
            Layout.fillWidth: true
            visible: !page.canPrint && !page.tight
            icon: "printer"
            text: page.words.no_print ?? ""
        },
        GridLayout {
            layoutDirection: Theme.hand === "left" ? Qt.RightToLeft : Qt.LeftToRight
            Layout.fillWidth: true
            columns: Theme.landscape ? 1 : 2
            columnSpacing: Theme.gapTarget
            rowSpacing: Theme.gapTarget

            ActionButton {
                id: movements
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                Layout.fillHeight: true
                primary: !page.canPrint && !page.hidden
                text: page.words.movements ?? ""
                objectName: "pick:movements"
                onChosen: page.pick("movements")
            }
            ActionButton {
                id: slip
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                Layout.fillHeight: true
                visible: page.canPrint
                primary: !page.hidden
                text: page.words.print ?? ""
                objectName: "pick:print"
                onChosen: page.pick("print")
            }
        }
    ]
}
