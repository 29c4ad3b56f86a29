import QtQuick
import "../style"

// A white card with a hair of shadow; with high contrast an edge instead.
Rectangle {
    id: card

    property real lift: Theme.lift

    color: Theme.colour.surface
    radius: Theme.radius
    border.width: Theme.edgeWidth
    border.color: Theme.colour.edge

    Rectangle {
        z: -1
        y: card.lift
        width: card.width
        height: card.height
        radius: card.radius
        color: Theme.colour.shade
        visible: card.lift > 0
    }
}
