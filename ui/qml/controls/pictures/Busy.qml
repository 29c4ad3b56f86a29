import QtQuick
import ".."
import "../../style"

// Work goes on: an arc travels round what is worked on.
Scene {
    id: scene

    property string icon: "card"
    readonly property real field: Math.min(width, height) * 0.8

    Rectangle {
        anchors.centerIn: parent
        width: scene.field * 0.72
        height: width
        radius: width / 2
        color: Theme.colour.surface
    }
    Icon {
        anchors.centerIn: parent
        name: scene.icon
        size: scene.field * 0.34
        weight: 1.5
    }
    Ring {
        anchors.centerIn: parent
        width: scene.field
        height: width
        weight: width * 0.045
        part: 0.26
        track: Theme.highContrast ? Theme.colour.shade : Theme.colour.surface
        colour: Theme.colour.accent

        RotationAnimation on rotation {
            running: scene.moving
            from: 0
            to: 360
            duration: 2200
            loops: Animation.Infinite
        }
    }
}
