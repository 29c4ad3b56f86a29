pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    id: page

    attention: (page.screen.reminder ?? 0) > 0
    picture: page.screen.id_card === true ? all : slot

    Component {
        id: slot
        CardSlot {
            act: "out"
            slip: page.screen.slip === true
        }
    }
    Component {
        id: all
        TakeAll { slip: page.screen.slip === true }
    }
}
