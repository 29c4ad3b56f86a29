pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property bool slip: page.screen.slip === true

    centred: !slip
    framed: slip
    picture: slip ? paper : face

    Component {
        id: paper
        Printing { done: true }
    }
    Component {
        id: face
        Farewell {}
    }
}
