pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Shapes
import "../../style"

// Somebody sits behind the counter and answers.
Scene {
    id: scene

    fieldWidth: 340
    fieldHeight: 320

    // The glass of the counter, with who sits behind it.
    Rectangle {
        id: glass
        x: scene.midX - width / 2
        y: scene.midY - 118 * scene.u
        width: 236 * scene.u
        height: 170 * scene.u
        radius: 22 * scene.u
        color: Theme.colour.surface
        border.width: Math.max(Theme.edgeWidth, 6 * scene.u)
        border.color: Theme.colour.machineLight
        clip: true

        Rectangle {
            x: glass.width / 2 - width / 2
            y: 34 * scene.u
            width: 58 * scene.u
            height: width
            radius: width / 2
            color: Theme.colour.machine
            border.width: Theme.edgeWidth
            border.color: Theme.colour.edge
        }
        Rectangle {
            x: glass.width / 2 - width / 2
            y: 102 * scene.u
            width: 132 * scene.u
            height: width
            radius: width / 2
            color: Theme.colour.machine
            border.width: Theme.edgeWidth
            border.color: Theme.colour.edge
        }
    }
    // Its question mark: one asks here.
    Rectangle {
        x: glass.x + glass.width - width * 0.62
        y: glass.y - height * 0.3
        width: 78 * scene.u
        height: width
        radius: width / 2
        bottomLeftRadius: 10 * scene.u
        color: Theme.colour.turnTint
        border.width: Math.max(3, 5 * scene.u)
        border.color: Theme.colour.turn

        Shape {
            width: 24
            height: 24
            anchors.centerIn: parent
            scale: 44 * scene.u / 24
            preferredRendererType: Shape.CurveRenderer

            ShapePath {
                strokeColor: Theme.colour.turnInk
                strokeWidth: 2.6
                fillColor: "transparent"
                capStyle: ShapePath.RoundCap
                joinStyle: ShapePath.RoundJoin
                PathSvg { path: "M7.5 8.5 A4.5 4.5 0 1 1 14 12.4 C12.6 13.2 12 14 12 15.5 M12 19.6 V19.8" }
            }
        }
    }
    // The board, and what it stands on.
    Rectangle {
        x: scene.midX - width / 2
        y: scene.midY + 44 * scene.u
        width: 306 * scene.u
        height: 26 * scene.u
        radius: 10 * scene.u
        color: Theme.colour.machineDark
        border.width: Theme.edgeWidth
        border.color: Theme.colour.edge
    }
    Rectangle {
        x: scene.midX - width / 2
        y: scene.midY + 70 * scene.u
        width: 270 * scene.u
        height: 62 * scene.u
        bottomLeftRadius: 14 * scene.u
        bottomRightRadius: 14 * scene.u
        color: Theme.colour.machine
    }
}
