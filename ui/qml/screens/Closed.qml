pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../controls"
import "../controls/pictures"

Page {
    id: page

    picture: NextMachine {}
    acts: Notice {
        Layout.fillWidth: true
        icon: "call"
        tone: "calm"
        text: page.words.hotline ?? ""
    }
}
