import QtQuick
import QtQuick.Shapes
import "../../style"

// How it ended: "done" (a tick that draws itself), "partly", "open". Green or amber, never red; sign before colour.
Scene {
    id: scene

    property string kind: "done"
    property real drawn: moving ? 0 : 1
    property real round: moving ? 0.7 : 1

    readonly property color ink: kind === "done" ? Theme.colour.good : Theme.colour.turnInk
    readonly property color ground: kind === "done" ? Theme.colour.goodTint : Theme.colour.turnTint
    readonly property real field: Math.min(width, height) * 0.86

    // The first `part` of a line through `points`, in a field of 100.
    function begun(points: var, part: real): var {
        let length = 0;
        for (let i = 1; i < points.length; i += 1) {
            length += Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]);
        }
        let rest = length * part;
        const k = field / 100, found = [Qt.point(points[0][0] * k, points[0][1] * k)];
        for (let i = 1; i < points.length && rest > 0; i += 1) {
            const dx = points[i][0] - points[i - 1][0], dy = points[i][1] - points[i - 1][1];
            const piece = Math.hypot(dx, dy), share = Math.min(1, rest / piece);
            found.push(Qt.point((points[i - 1][0] + dx * share) * k, (points[i - 1][1] + dy * share) * k));
            rest -= piece;
        }
        return found;
    }

    Rectangle {
        anchors.centerIn: parent
        width: scene.field
        height: width
        radius: width / 2
        color: scene.ground
        scale: scene.round
        border.width: Theme.edgeWidth
        border.color: scene.ink
    }
    Shape {
        anchors.centerIn: parent
        width: scene.field
        height: scene.field
        preferredRendererType: Shape.CurveRenderer

        ShapePath {
            strokeColor: scene.drawn > 0 ? scene.ink : "transparent"
            strokeWidth: scene.field * 0.085
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            PathPolyline {
                path: scene.begun(scene.kind === "done" ? [[29, 52], [44, 67], [72, 35]]
                                : scene.kind === "partly" ? [[50, 27], [50, 56]] : [[50, 26], [50, 52], [66, 62]],
                                  scene.drawn)
            }
        }
        ShapePath {
            strokeColor: scene.kind === "partly" && scene.drawn >= 1 ? scene.ink : "transparent"
            strokeWidth: scene.field * 0.085
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            PathPolyline {
                path: [Qt.point(scene.field * 0.5, scene.field * 0.72), Qt.point(scene.field * 0.5, scene.field * 0.722)]
            }
        }
    }
    SequentialAnimation {
        running: scene.moving
        NumberAnimation { target: scene; property: "round"; from: 0.7; to: 1; duration: 280; easing.type: Easing.OutCubic }
        NumberAnimation { target: scene; property: "drawn"; from: 0; to: 1; duration: 420; easing.type: Easing.OutCubic }
    }
}
