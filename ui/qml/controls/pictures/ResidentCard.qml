pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Shapes
import "../../style"

// A resident ID card: lines on the left, the portrait on the right, the number below.
Rectangle {
    id: face

    radius: width * 0.06
    color: Theme.colour.plastic
    border.width: Math.max(1, width * 0.006)
    border.color: Theme.colour.plasticLine

    Repeater {
        model: [[0.13, 0.30], [0.30, 0.22], [0.47, 0.46]]

        Rectangle {
            required property var modelData
            x: face.width * 0.08
            y: face.height * modelData[0]
            width: face.width * modelData[1]
            height: face.height * 0.075
            radius: height / 2
            color: Theme.colour.plasticLine
        }
    }
    Rectangle {
        x: face.width * 0.08
        y: face.height * 0.77
        width: face.width * 0.78
        height: face.height * 0.085
        radius: height / 2
        color: Theme.colour.plasticBand
        opacity: 0.45
    }
    Rectangle {
        id: portrait
        x: face.width * 0.66
        y: face.height * 0.12
        width: face.width * 0.25
        height: face.height * 0.54
        radius: width * 0.14
        color: Theme.colour.plasticLine
        clip: true

        Rectangle {
            width: portrait.width * 0.4
            height: width
            radius: width / 2
            x: portrait.width * 0.3
            y: portrait.height * 0.16
            color: Theme.colour.plasticBand
        }
        Shape {
            anchors.fill: parent
            preferredRendererType: Shape.CurveRenderer
            ShapePath {
                strokeColor: "transparent"
                fillColor: Theme.colour.plasticBand
                startX: portrait.width * 0.14
                startY: portrait.height
                PathCubic {
                    x: portrait.width * 0.86
                    y: portrait.height
                    control1X: portrait.width * 0.16
                    control1Y: portrait.height * 0.5
                    control2X: portrait.width * 0.84
                    control2Y: portrait.height * 0.5
                }
            }
        }
    }
}
