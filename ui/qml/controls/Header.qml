import QtQuick
import "../style"

// The top line: where we are, and how far.
Item {
    id: header

    property string name
    property string aside
    property string asideShort: aside   // where the long one does not fit
    readonly property string nameShort: name.split(/\s*[·•]\s*/)[0]
    property int step: 0
    property int steps: 0

    implicitHeight: line.height + Theme.gapM + (steps > 0 ? bar.height + Theme.gapS : 0)

    Item {
        id: line
        x: Theme.margin
        y: Theme.gapM
        width: header.width - Theme.margin * 2
        height: Math.max(where.height, what.height)

        Writing {
            id: where
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, parent.width - (what.text === "" ? 0 : what.width + Theme.gapM))
            // Rather the name without what stands behind its dot than a name in two lines.
            text: whole.implicitWidth + (header.steps > 0 ? what.least : 0) <= line.width ? header.name : header.nameShort
            font.pixelSize: Theme.textLabel
            font.bold: true
        }
        Writing {
            id: whole
            visible: false
            text: header.name
            font: where.font
            wrapMode: Text.NoWrap
        }
        Writing {
            id: long
            visible: false
            text: header.aside
            font: what.font
            wrapMode: Text.NoWrap
        }
        Writing {
            id: short
            visible: false
            text: header.asideShort
            font: what.font
            wrapMode: Text.NoWrap
        }
        Writing {
            id: what
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            readonly property real least: short.text === "" ? 0 : short.implicitWidth + Theme.gapM
            readonly property bool shortFits: where.implicitWidth + short.implicitWidth + Theme.gapM <= parent.width
            readonly property bool fits: where.implicitWidth + long.implicitWidth + Theme.gapXl * 2 <= parent.width
            wrapMode: Text.NoWrap
            text: fits ? header.aside : shortFits ? header.asideShort : ""
            font.pixelSize: Theme.textLabel
            font.features: ({ "tnum": 1 })
            color: Theme.colour.inkSoft
        }
    }
    StepBar {
        id: bar
        x: Theme.margin
        anchors.top: line.bottom
        anchors.topMargin: Theme.gapS
        width: header.width - Theme.margin * 2
        step: header.step
        steps: header.steps
    }
}
