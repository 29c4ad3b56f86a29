pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Shapes
import "../../style"

// The phone with its code before the camera: forward is up.
Scene {
    id: scene

    fieldWidth: 300

    property real near: 0.5
    readonly property real front: Math.min(height * 0.26, 90 * u)

    Shape {
        id: beam
        width: parent.width
        height: parent.height
        opacity: 0.5
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            strokeColor: "transparent"
            fillColor: Theme.colour.surface
            PathPolyline {
                path: [
                    Qt.point(scene.midX - 14 * scene.u, scene.front - 12 * scene.u),
                    Qt.point(scene.midX + 14 * scene.u, scene.front - 12 * scene.u),
                    Qt.point(scene.midX + 120 * scene.u, scene.height),
                    Qt.point(scene.midX - 120 * scene.u, scene.height)
                ]
            }
        }
    }
    Rectangle {
        width: parent.width
        height: scene.front
        topLeftRadius: Theme.radius
        topRightRadius: Theme.radius
        color: Theme.colour.machine
    }
    Rectangle {
        id: lens
        x: scene.midX - width / 2
        y: scene.front - height * 0.72
        width: 74 * scene.u
        height: width
        radius: width / 2
        color: Theme.colour.machineDark
        border.width: 6 * scene.u
        border.color: Theme.colour.machineLight

        Rectangle {
            anchors.centerIn: parent
            width: 26 * scene.u
            height: width
            radius: width / 2
            color: Theme.colour.machineLight
            opacity: 0.6
        }
        Rectangle {
            x: 24 * scene.u
            y: 20 * scene.u
            width: 9 * scene.u
            height: width
            radius: width / 2
            color: Theme.colour.plastic
            opacity: 0.9
        }
    }
    Item {
        width: parent.width
        y: scene.front + 36 * scene.u
        height: scene.height - y
        clip: true

        Rectangle {
            id: phone
            x: scene.midX - width / 2
            y: (34 - 26 * scene.near) * scene.u
            width: 128 * scene.u
            height: 240 * scene.u
            radius: 20 * scene.u
            color: Theme.colour.machineDark
            border.width: Theme.highContrast ? 3 * scene.u : 0
            border.color: Theme.colour.plastic

            Rectangle {
                anchors.fill: parent
                anchors.margins: 7 * scene.u
                radius: 14 * scene.u
                color: Theme.colour.plastic

                Code {
                    x: 14 * scene.u
                    y: 22 * scene.u
                    width: parent.width - 28 * scene.u
                }
                Rectangle {
                    x: 24 * scene.u
                    y: 126 * scene.u
                    width: parent.width - 48 * scene.u
                    height: 8 * scene.u
                    radius: height / 2
                    color: Theme.colour.plasticLine
                }
            }
        }
    }
    Chevrons {
        x: scene.midX + 92 * scene.u
        y: scene.front + 70 * scene.u
        size: 40 * scene.u
        moving: scene.moving
    }
    Chevrons {
        x: scene.midX - 92 * scene.u - width
        y: scene.front + 70 * scene.u
        size: 40 * scene.u
        moving: scene.moving
    }
    SequentialAnimation on near {
        running: scene.moving
        loops: Animation.Infinite
        NumberAnimation { from: 0; to: 1; duration: 1600; easing.type: Easing.InOutCubic }
        PauseAnimation { duration: 1800 }
        NumberAnimation { to: 0; duration: 1200; easing.type: Easing.InOutCubic }
        PauseAnimation { duration: 500 }
    }
}
