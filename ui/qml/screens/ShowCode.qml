pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property bool crowded: Theme.xlarge && Theme.landscape && byId.visible && byCard.visible
    readonly property bool live: page.previewSource !== ""

    attention: (page.screen.problem ?? "") !== ""
    framed: !live
    firstFocus: byId.visible ? byId : byCard
    picture: live ? seen : drawn

    Component {
        id: seen
        Viewfinder { source: page.previewSource }
    }
    Component {
        id: drawn
        PhoneCode {}
    }

    OtherWay {
        id: byId
        Layout.fillWidth: true
        visible: page.screen.or_id_card === true
        bare: page.crowded
        icon: "idCard"
        lead: page.words.or_id_card_lead ?? ""
        text: page.words.or_id_card ?? ""
        objectName: "pick:id_card"
        onChosen: page.pick("id_card")
    }
    OtherWay {
        id: byCard
        Layout.fillWidth: true
        visible: page.screen.or_card === true
        bare: page.crowded
        icon: "card"
        lead: page.words.or_card_lead ?? ""
        text: page.words.or_card ?? ""
        objectName: "pick:card"
        onChosen: page.pick("card")
    }
}
