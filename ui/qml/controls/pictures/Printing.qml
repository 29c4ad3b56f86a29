import QtQuick
import "../../style"

// The slip comes out of its slot.
Scene {
    id: scene

    fieldWidth: 280

    property bool done: false
    readonly property real front: Math.min(height * 0.42, 140 * u)

    Rectangle {
        width: parent.width
        height: scene.front
        topLeftRadius: Theme.radius
        topRightRadius: Theme.radius
        color: Theme.colour.machine
    }
    Rectangle {
        x: scene.midX - width / 2
        y: scene.front - 20 * scene.u - height / 2
        width: 210 * scene.u
        height: 54 * scene.u
        radius: 16 * scene.u
        color: Theme.colour.machineLight
        opacity: 0.35
    }
    Paper {
        x: scene.midX - width / 2
        y: scene.front - 20 * scene.u
        width: 144 * scene.u
        height: 186 * scene.u
        u: scene.u
        moving: scene.moving && !scene.done
    }
}
