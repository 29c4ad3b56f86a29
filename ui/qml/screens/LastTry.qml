pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property bool canReset: page.screen.can_reset === true

    framed: false
    firstFocus: canReset ? reset : again
    picture: CardWith { sign: "lock" }

    acts: [
        ActionButton {
            id: reset
            Layout.fillWidth: true
            visible: page.canReset
            text: page.words.reset ?? ""
            objectName: "pick:reset"
            onChosen: page.pick("reset")
        },
        ActionButton {
            id: again
            Layout.fillWidth: true
            primary: !page.canReset
            text: page.words.proceed ?? ""
            objectName: "proceed"
            onChosen: page.proceed()
        }
    ]
}
