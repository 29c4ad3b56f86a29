pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property string problem: page.screen.problem ?? ""

    attention: problem !== ""
    firstFocus: other
    picture: CardSlot {
        act: page.screen.card_in === true || page.problem === "still_unreadable" ? "out"
           : page.problem === "wrong_way" ? "turn" : "in"
        foreign: page.problem === "foreign"
    }

    OtherWay {
        id: other
        Layout.fillWidth: true
        visible: page.screen.without_card === true
        icon: "phone"
        lead: page.words.without_card_lead ?? ""
        text: page.words.without_card ?? ""
        objectName: "pick:credential"
        onChosen: page.pick("credential")
    }
}
