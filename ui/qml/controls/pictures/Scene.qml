import QtQuick
import "../../style"

// The ground of a picture: a field of some 400 x 300 units, as large as fits, in the middle. `moving` is false where the
// citizen or the hall wants stillness; every picture then stands in the pose that explains best.
Item {
    id: scene

    readonly property bool moving: !Theme.still && visible
    property real fieldWidth: 400
    property real fieldHeight: 300
    readonly property real u: Math.min(width / fieldWidth, height / fieldHeight)
    readonly property real midX: width / 2
    readonly property real midY: height / 2

    Accessible.ignored: true
}
