pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property bool locked: page.screen.locked === true

    bodyBeside: true
    attention: locked
    framed: false
    firstFocus: locked ? forgotten : known
    picture: CardWith { sign: "lock"; tone: page.locked ? "turn" : "calm" }

    Tile {
        id: known
        Layout.fillWidth: true
        visible: !page.locked
        icon: "pencil"
        title: page.words.change ?? ""
        help: page.words.change_help ?? ""
        objectName: "pick:change"
        onChosen: page.pick("change")
    }
    Tile {
        id: forgotten
        Layout.fillWidth: true
        icon: "idCard"
        title: page.words.reset ?? ""
        help: page.words.reset_help ?? ""
        availability: page.screen.can_reset === false ? "no" : "yes"
        unavailableNote: page.words.unavailable ?? ""
        objectName: "pick:reset"
        onChosen: page.pick("reset")
    }
}
