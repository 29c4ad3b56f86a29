pragma ComponentBehavior: Bound

import QtQuick
import "../../style"

// A social-security card, lying: the chip on the left, which leads into the slot when it is turned a quarter.
Rectangle {
    id: plastic

    property bool foreign: false        // some other chip card

    implicitHeight: width * 0.63
    height: implicitHeight
    radius: width * 0.065
    color: Theme.colour.plastic
    border.width: Math.max(1, width * 0.008)
    border.color: Theme.colour.plasticLine

    Rectangle {
        width: parent.width
        height: parent.height * 0.24
        topLeftRadius: plastic.radius
        topRightRadius: plastic.radius
        color: plastic.foreign ? Theme.colour.goldDark : Theme.colour.plasticBand
    }
    Rectangle {
        id: chip
        x: plastic.width * 0.1
        y: plastic.height * 0.38
        width: plastic.width * 0.17
        height: plastic.width * 0.135
        radius: width * 0.18
        color: Theme.colour.gold

        Rectangle {
            width: parent.width
            height: Math.max(1, plastic.width * 0.006)
            y: parent.height * 0.33
            color: Theme.colour.goldDark
        }
        Rectangle {
            width: parent.width
            height: Math.max(1, plastic.width * 0.006)
            y: parent.height * 0.66
            color: Theme.colour.goldDark
        }
        Rectangle {
            width: Math.max(1, plastic.width * 0.006)
            height: parent.height
            x: parent.width * 0.5
            color: Theme.colour.goldDark
        }
    }
    Repeater {
        model: [
            [0.42, 0.40, 0.46],
            [0.42, 0.54, 0.34],
            [0.10, 0.80, 0.52]
        ]

        Rectangle {
            required property var modelData
            x: plastic.width * modelData[0]
            y: plastic.height * modelData[1]
            width: plastic.width * modelData[2]
            height: plastic.height * 0.07
            radius: height / 2
            color: Theme.colour.plasticLine
        }
    }
}
