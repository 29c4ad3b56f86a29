import QtQuick
import QtQuick.Shapes
import "../style"

// One of the line drawings, in any colour.
Item {
    id: icon

    required property string name
    property real size: Theme.icon
    property color colour: Theme.colour.accentInk
    property real weight: 2

    // What points along the line of reading turns round with it.
    readonly property bool flipped: Theme.mirrored && ["left", "right", "next", "exit", "erase", "list"].includes(name)

    implicitWidth: size
    implicitHeight: size
    width: size
    height: size
    transform: Scale {
        origin.x: icon.size / 2
        xScale: icon.flipped ? -1 : 1
    }

    Shape {
        width: 24
        height: 24
        scale: icon.size / 24
        transformOrigin: Item.TopLeft
        preferredRendererType: Shape.CurveRenderer

        ShapePath {
            strokeColor: icon.colour
            strokeWidth: icon.weight
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            PathSvg {
                path: Drawings.of(icon.name)
            }
        }
    }
}
