pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Shapes
import "../../style"

// A friendly face that nods goodbye.
Scene {
    id: scene

    readonly property real field: Math.min(width, height) * 0.78

    Rectangle {
        id: face
        anchors.centerIn: parent
        width: scene.field
        height: width
        radius: width / 2
        color: Theme.colour.surface
        border.width: Theme.edgeWidth
        border.color: Theme.colour.edge

        Item {
            id: looks
            anchors.fill: parent

            Repeater {
                model: [0.36, 0.64]

                Rectangle {
                    required property real modelData
                    x: scene.field * modelData - width / 2
                    y: scene.field * 0.34
                    width: scene.field * 0.075
                    height: scene.field * 0.13
                    radius: width / 2
                    color: Theme.colour.accent
                }
            }
            Shape {
                anchors.fill: parent
                preferredRendererType: Shape.CurveRenderer

                ShapePath {
                    strokeColor: Theme.colour.accent
                    strokeWidth: scene.field * 0.06
                    fillColor: "transparent"
                    capStyle: ShapePath.RoundCap
                    startX: scene.field * 0.3
                    startY: scene.field * 0.6
                    PathCubic {
                        x: scene.field * 0.7
                        y: scene.field * 0.6
                        control1X: scene.field * 0.38
                        control1Y: scene.field * 0.78
                        control2X: scene.field * 0.62
                        control2Y: scene.field * 0.78
                    }
                }
            }
            SequentialAnimation on y {
                running: scene.moving
                loops: 2
                NumberAnimation { to: scene.field * 0.05; duration: 320; easing.type: Easing.InOutSine }
                NumberAnimation { to: 0; duration: 420; easing.type: Easing.InOutSine }
            }
        }
    }
}
