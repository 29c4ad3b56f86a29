pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    id: page

    attention: (page.screen.reminder ?? 0) > 0
    picture: Belongings {
        slip: page.screen.slip === true
        idCard: page.screen.id_card === true
    }
}
