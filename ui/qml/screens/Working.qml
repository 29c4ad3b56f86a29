pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property string task: page.screen.task ?? ""

    picture: task === "printing" || task === "handing_over" ? paper
           : task === "activating" || task === "writing_pin" ? leaveIn
           : task === "confirming" ? line : busy

    Component {
        id: paper
        Printing {}
    }
    Component {
        id: leaveIn
        CardSlot { act: "hold" }
    }
    Component {
        id: line
        LostLine { broken: false }
    }
    Component {
        id: busy
        Busy { icon: page.task === "asking_balance" ? "balance" : "idCard" }
    }
}
