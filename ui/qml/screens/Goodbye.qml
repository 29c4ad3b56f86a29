pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property bool slip: page.screen.slip === true
    readonly property bool idCard: page.screen.id_card === true

    picture: slip || idCard ? remains : face

    Component {
        id: remains
        Belongings {
            card: false
            slip: page.slip
            idCard: page.idCard
        }
    }
    Component {
        id: face
        Farewell {}
    }
}
