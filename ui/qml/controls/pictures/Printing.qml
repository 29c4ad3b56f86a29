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
    Slit {
        x: scene.midX
        y: scene.front - 20 * scene.u
        u: scene.u
        wide: 172
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
