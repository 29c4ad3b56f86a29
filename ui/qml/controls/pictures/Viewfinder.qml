pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Shapes
import "../../style"

// What the camera sees, in a rounded window with corners to aim at.
Item {
    id: finder

    required property string source

    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        color: Theme.colour.machineDark
    }
    Image {
        anchors.fill: parent
        source: finder.source
        cache: false
        retainWhileLoading: true
        fillMode: Image.PreserveAspectCrop
        mirror: true
        Accessible.ignored: true
    }
    // The corners of the picture, rounded by covering them with the page.
    Shape {
        anchors.fill: parent
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            strokeColor: "transparent"
            fillColor: Theme.colour.paper
            fillRule: ShapePath.OddEvenFill
            PathRectangle { x: -1; y: -1; width: finder.width + 2; height: finder.height + 2 }
            PathRectangle { width: finder.width; height: finder.height; radius: Theme.radius }
        }
    }
    Item {
        id: aim
        anchors.centerIn: parent
        width: Math.min(parent.width, parent.height) * 0.72
        height: width

        Repeater {
            model: 4

            Shape {
                id: corner
                required property int index
                readonly property real arm: aim.width * 0.17
                x: index % 2 === 0 ? 0 : aim.width - arm
                y: index < 2 ? 0 : aim.height - arm
                width: arm
                height: arm
                rotation: [0, 90, 270, 180][index]
                preferredRendererType: Shape.CurveRenderer
                ShapePath {
                    strokeColor: "white"
                    strokeWidth: Math.max(4, aim.width * 0.022)
                    fillColor: "transparent"
                    capStyle: ShapePath.RoundCap
                    joinStyle: ShapePath.RoundJoin
                    PathPolyline {
                        path: [Qt.point(0, corner.arm), Qt.point(0, 0), Qt.point(corner.arm, 0)]
                    }
                }
            }
        }
        Rectangle {
            id: line
            property real at: 0.5
            x: aim.width * 0.06
            y: aim.height * (0.1 + 0.8 * at)
            width: aim.width * 0.88
            height: Math.max(3, aim.width * 0.012)
            radius: height / 2
            color: Theme.colour.turn
            opacity: 0.9

            SequentialAnimation on at {
                running: !Theme.still && finder.visible
                loops: Animation.Infinite
                NumberAnimation { from: 0; to: 1; duration: 1800; easing.type: Easing.InOutSine }
                NumberAnimation { to: 0; duration: 1800; easing.type: Easing.InOutSine }
            }
        }
    }
}
