pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    id: page

    attention: (page.screen.reminder ?? 0) > 0
    picture: CardSlot {
        act: "out"
        slip: page.screen.slip === true
    }
}
