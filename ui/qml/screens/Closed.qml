pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    id: page

    // Where the whole hall has no network the next machine has none either.
    picture: page.screen.reason === "network" ? counter : next

    Component {
        id: next
        NextMachine {}
    }
    Component {
        id: counter
        Counter {}
    }
}
