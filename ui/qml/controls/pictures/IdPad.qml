pragma ComponentBehavior: Bound

import QtQuick
import "../../style"

// The ID card comes down flat on the pad, which breathes; with `act` "up" it is taken off again.
Scene {
    id: scene

    fieldWidth: 350

    property string act: "down"
    property real near: act === "up" ? 0.35 : 1     // 0 in the air, 1 lying

    Repeater {
        model: 2

        Rectangle {
            id: wave
            required property int index
            property real grow: scene.moving ? 0 : 0.35 + index * 0.4
            anchors.centerIn: parent
            width: (246 + 110 * grow) * scene.u
            height: (186 + 90 * grow) * scene.u
            radius: (34 + 40 * grow) * scene.u
            color: "transparent"
            border.width: Math.max(2, 3 * scene.u)
            border.color: Theme.colour.machineLight
            opacity: 0.75 * (1 - grow)

            SequentialAnimation on grow {
                running: scene.moving
                loops: Animation.Infinite
                PauseAnimation { duration: 1400 * wave.index }
                NumberAnimation { from: 0; to: 1; duration: 2800; easing.type: Easing.OutSine }
                PauseAnimation { duration: 1400 * (1 - wave.index) }
            }
        }
    }
    Rectangle {
        anchors.centerIn: parent
        width: 250 * scene.u
        height: 190 * scene.u
        radius: 34 * scene.u
        color: Theme.colour.machine

        Rectangle {
            anchors.fill: parent
            anchors.margins: 10 * scene.u
            radius: parent.radius - 10 * scene.u
            color: "transparent"
            border.width: Math.max(2, 3 * scene.u)
            border.color: Theme.colour.turn
            opacity: 0.4 + 0.6 * scene.near
        }
    }
    Item {
        id: held
        readonly property real high: 1 - scene.near
        anchors.centerIn: parent
        anchors.verticalCenterOffset: -34 * scene.u * high
        width: 178 * scene.u
        height: 112 * scene.u
        scale: 1 + 0.14 * high
        rotation: -5 + 3 * scene.near

        Rectangle {
            x: (4 + 12 * held.high) * scene.u
            y: (5 + 34 * held.high) * scene.u
            width: parent.width
            height: parent.height
            radius: 11 * scene.u
            color: Theme.colour.machineDark
            opacity: 0.45 - 0.25 * held.high
        }
        ResidentCard {
            anchors.fill: parent
        }
    }
    SequentialAnimation on near {
        running: scene.moving && scene.act === "up"
        loops: Animation.Infinite
        NumberAnimation { from: 1; to: 0; duration: 1300; easing.type: Easing.InOutCubic }
        PauseAnimation { duration: 1900 }
        NumberAnimation { to: 1; duration: 10 }
        PauseAnimation { duration: 900 }
    }
    SequentialAnimation on near {
        running: scene.moving && scene.act === "down"
        loops: Animation.Infinite
        NumberAnimation { from: 0; to: 1; duration: 1300; easing.type: Easing.InOutCubic }
        PauseAnimation { duration: 2700 }
        NumberAnimation { to: 0; duration: 900; easing.type: Easing.InOutCubic }
        PauseAnimation { duration: 700 }
    }
}
