pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Shapes
import "../../style"

// A slip coming out downwards, its upper edge in the slot: height is how much of it is to be seen when it is all out.
Item {
    id: paper

    required property real u
    property bool moving: false
    property real out: moving ? 0.4 : 1

    Item {
        width: parent.width
        height: parent.height
        clip: true

        Item {
            id: sheet
            width: parent.width
            height: parent.height
            y: -height * (1 - paper.out)

            Shape {
                anchors.fill: parent
                preferredRendererType: Shape.CurveRenderer
                ShapePath {
                    strokeColor: "transparent"
                    fillColor: Theme.colour.plastic
                    PathPolyline {
                        path: {
                            const w = sheet.width, h = sheet.height, teeth = 8, tooth = w / teeth;
                            const points = [Qt.point(0, 0), Qt.point(w, 0), Qt.point(w, h - tooth / 2)];
                            for (let i = 1; i <= teeth * 2; i += 1) {
                                points.push(Qt.point(w - i * tooth / 2, i % 2 === 1 ? h : h - tooth / 2));
                            }
                            points.push(Qt.point(0, 0));
                            return points;
                        }
                    }
                }
            }
            Repeater {
                model: [0.5, 0.75, 0.6, 0.75, 0.4]

                Rectangle {
                    required property real modelData
                    required property int index
                    x: sheet.width * 0.125
                    y: sheet.height * 0.8 - (4 - index) * sheet.height * 0.14
                    width: sheet.width * modelData
                    height: Math.max(2, 6 * paper.u)
                    radius: height / 2
                    color: index === 4 ? Theme.colour.plasticBand : Theme.colour.plasticLine
                }
            }
        }
    }
    SequentialAnimation on out {
        running: paper.moving
        loops: Animation.Infinite
        NumberAnimation { from: 0.4; to: 1; duration: 2600; easing.type: Easing.InOutSine }
        PauseAnimation { duration: 1200 }
        NumberAnimation { to: 0.4; duration: 10 }
    }
}
