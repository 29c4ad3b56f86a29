import QtQuick
import QtQuick.Shapes
import "../style"

// A ring that is `part` full, from the top, clockwise.
Item {
    id: ring

    property real part: 1
    property real weight: width * 0.12
    property color colour: Theme.colour.accent
    property color track: Theme.colour.line

    Shape {
        anchors.fill: parent
        preferredRendererType: Shape.CurveRenderer

        ShapePath {
            strokeColor: ring.track
            strokeWidth: ring.weight
            fillColor: "transparent"
            PathAngleArc {
                centerX: ring.width / 2
                centerY: ring.height / 2
                radiusX: Math.max(1, (ring.width - ring.weight) / 2)
                radiusY: radiusX
                startAngle: 0
                sweepAngle: 360
            }
        }
        ShapePath {
            strokeColor: ring.part > 0 ? ring.colour : "transparent"
            strokeWidth: ring.weight
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            PathAngleArc {
                centerX: ring.width / 2
                centerY: ring.height / 2
                radiusX: Math.max(1, (ring.width - ring.weight) / 2)
                radiusY: radiusX
                startAngle: -90
                sweepAngle: 360 * Math.max(0, Math.min(1, ring.part))
            }
        }
    }
}
