pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../controls"
import "../controls/pictures"

Page {
    id: page

    attention: (page.screen.problem ?? "") !== ""
    goesBack: page.screen.way_back === true
    firstFocus: goesBack ? before : other
    picture: IdPad {}

    OtherWay {
        id: other
        Layout.fillWidth: true
        visible: page.screen.or_credential === true
        icon: "phone"
        lead: page.words.or_credential_lead ?? ""
        text: page.words.or_credential ?? ""
        objectName: "pick:credential"
        onChosen: page.pick("credential")
    }
    acts: ActionButton {
        id: before
        Layout.fillWidth: true
        visible: page.goesBack
        primary: false
        text: page.words.to_password ?? ""
        objectName: "back"
        onChosen: page.back()
    }
}
