pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    id: page

    bodyBeside: true
    bodyAdapts: true
    firstFocus: services.first
    picture: CardSlot {}

    ServiceList {
        id: services
        services: page.screen.services ?? []
        words: page.words
        room: page.bodyRoom
        onPicked: id => page.pick(id)
    }
}
