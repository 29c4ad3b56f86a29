pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Shapes
import ".."
import "../../style"

// What a service is about, in colours: to be told apart at a glance and from afar. A service that has none drawn here has
// its line icon.
Item {
    id: sign

    required property string icon
    property real size: Theme.badge * 0.54
    readonly property var drawings: ({ activate: card, password: lock, balance: slip })

    implicitWidth: size
    implicitHeight: size
    width: size
    height: size

    component Drawing: Shape {
        width: 48
        height: 48
        scale: sign.size / 48
        transformOrigin: Item.TopLeft
        preferredRendererType: Shape.CurveRenderer
    }
    component Stroke: ShapePath {
        fillColor: "transparent"
        capStyle: ShapePath.RoundCap
        joinStyle: ShapePath.RoundJoin
    }

    Loader {
        sourceComponent: sign.drawings[sign.icon] ?? line
    }
    Component {
        id: line

        Icon {
            x: (sign.size - size) / 2
            y: x
            name: sign.icon
            size: sign.size * 0.8
        }
    }
    // A card, and the tick that it works now.
    Component {
        id: card

        Drawing {
            ShapePath {
                strokeColor: Theme.colour.plasticLine
                strokeWidth: 1
                fillColor: Theme.colour.plastic
                PathRectangle { x: 1; y: 7; width: 42; height: 28; radius: 4 }
            }
            ShapePath {
                strokeColor: "transparent"
                fillColor: Theme.colour.plasticBand
                PathRectangle { x: 1; y: 7; width: 42; height: 8; topLeftRadius: 4; topRightRadius: 4 }
            }
            ShapePath {
                strokeColor: "transparent"
                fillColor: Theme.colour.gold
                PathRectangle { x: 6; y: 19; width: 9; height: 7; radius: 1.6 }
            }
            Stroke {
                strokeColor: Theme.colour.plasticLine
                strokeWidth: 2.4
                PathSvg { path: "M20 21 H30 M20 26 H26" }
            }
            ShapePath {
                strokeColor: Theme.colour.surface
                strokeWidth: 2.4
                fillColor: Theme.colour.good
                PathAngleArc { centerX: 36; centerY: 33; radiusX: 10.5; radiusY: 10.5; startAngle: 0; sweepAngle: 360 }
            }
            Stroke {
                strokeColor: Theme.colour.surface
                strokeWidth: 3.2
                PathSvg { path: "M31 33.4 L34.7 37 L41 29.6" }
            }
        }
    }
    // A lock, and the dots that open it.
    Component {
        id: lock

        Drawing {
            Stroke {
                strokeColor: Theme.colour.machineLight
                strokeWidth: 4.6
                PathSvg { path: "M14.5 23 V14.5 A9.5 9.5 0 0 1 33.5 14.5 V23" }
            }
            ShapePath {
                strokeColor: "transparent"
                fillColor: Theme.highContrast ? Theme.colour.plastic : Theme.colour.machine
                PathRectangle { x: 5; y: 20; width: 38; height: 25; radius: 5 }
            }
            ShapePath {
                strokeColor: "transparent"
                fillColor: Theme.highContrast ? Theme.colour.machineDark : Theme.colour.gold
                PathAngleArc { centerX: 14; centerY: 32.5; radiusX: 3.2; radiusY: 3.2; startAngle: 0; sweepAngle: 360 }
                PathAngleArc { centerX: 24; centerY: 32.5; radiusX: 3.2; radiusY: 3.2; startAngle: 0; sweepAngle: 360 }
                PathAngleArc { centerX: 34; centerY: 32.5; radiusX: 3.2; radiusY: 3.2; startAngle: 0; sweepAngle: 360 }
            }
        }
    }
    // A slip, and money on it.
    Component {
        id: slip

        Drawing {
            ShapePath {
                strokeColor: Theme.colour.plasticLine
                strokeWidth: 1
                fillColor: Theme.colour.plastic
                PathSvg { path: "M6 3 H34 V44 L30.5 41 L27 44 L23.5 41 L20 44 L16.5 41 L13 44 L9.5 41 L6 44 Z" }
            }
            Stroke {
                strokeColor: Theme.colour.plasticBand
                strokeWidth: 2.6
                PathSvg { path: "M12 11 H22" }
            }
            Stroke {
                strokeColor: Theme.colour.plasticLine
                strokeWidth: 2.4
                PathSvg { path: "M12 18 H28 M12 24 H22" }
            }
            ShapePath {
                strokeColor: Theme.colour.surface
                strokeWidth: 2.4
                fillColor: Theme.colour.gold
                PathAngleArc { centerX: 35; centerY: 31; radiusX: 11.5; radiusY: 11.5; startAngle: 0; sweepAngle: 360 }
            }
            Stroke {
                strokeColor: Theme.colour.machineDark
                strokeWidth: 2.4
                PathSvg { path: "M31 25 L35 30.4 L39 25 M35 30.4 V37.6 M31 31 H39 M31 34.4 H39" }
            }
        }
    }
}
