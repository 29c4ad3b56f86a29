import QtQuick
import ".."
import "../../style"

// The card, or the resident ID card, and a sign at its corner that says how it stands with it.
Scene {
    id: scene

    property string sign: "attention"
    property string tone: "turn"
    property bool resident: false

    PlasticCard {
        id: card
        anchors.centerIn: parent
        width: Math.min(scene.width * 0.7, 268 * scene.u)
        rotation: -4
        visible: !scene.resident
    }
    ResidentCard {
        anchors.fill: card
        rotation: -4
        visible: scene.resident
    }
    Rectangle {
        x: card.x + card.width - width * 0.72
        y: card.y + card.height - height * 0.66
        width: 92 * scene.u
        height: width
        radius: width / 2
        color: scene.tone === "turn" ? Theme.colour.turnTint : scene.tone === "good" ? Theme.colour.goodTint : Theme.colour.tint
        border.width: Math.max(3, 6 * scene.u)
        border.color: scene.tone === "turn" ? Theme.colour.turn : scene.tone === "good" ? Theme.colour.good : Theme.colour.accent

        Icon {
            anchors.centerIn: parent
            name: scene.sign
            size: 50 * scene.u
            weight: 2.2
            colour: scene.tone === "turn" ? Theme.colour.turnInk : scene.tone === "good" ? Theme.colour.good : Theme.colour.accentInk
        }
    }
}
