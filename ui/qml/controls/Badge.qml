import QtQuick
import "../style"

// An icon in its soft square: in front of services, values and outcomes.
Rectangle {
    id: badge

    required property string icon
    property string tone: "calm" // calm, turn, good
    property real size: Theme.badge

    implicitWidth: size
    implicitHeight: size
    width: size
    height: size
    radius: size * 0.28
    color: tone === "turn" ? Theme.colour.turnTint : tone === "good" ? Theme.colour.goodTint : Theme.colour.tint

    Icon {
        anchors.centerIn: parent
        name: badge.icon
        size: badge.size * 0.54
        colour: badge.tone === "turn" ? Theme.colour.turnInk
              : badge.tone === "good" ? Theme.colour.good : Theme.colour.accentInk
    }
}
