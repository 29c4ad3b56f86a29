pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"

// The month in four sums.
Rectangle {
    id: totals

    property var screen: ({})
    property var words: ({})

    implicitHeight: sums.implicitHeight + Theme.gapS * 2.4
    radius: Theme.radius
    color: Theme.colour.tint
    border.width: Theme.edgeWidth
    border.color: Theme.colour.edge

    GridLayout {
        id: sums
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: Theme.gapL
        anchors.rightMargin: Theme.gapL
        anchors.verticalCenter: parent.verticalCenter
        columns: 2
        columnSpacing: Theme.gapL
        rowSpacing: Theme.gapXs

        Repeater {
            model: [
                ["opening", "", totals.screen.opening], ["money_in", "+ ", totals.screen.money_in],
                [totals.screen.running === true ? "closing_now" : "closing", "", totals.screen.closing], ["money_out", "− ", totals.screen.money_out]
            ]

            Column {
                id: cell
                required property var modelData
                Layout.fillWidth: true
                Layout.preferredWidth: 1

                Writing {
                    width: parent.width
                    text: totals.words[cell.modelData[0]] ?? ""
                    font.pixelSize: Theme.textLabel
                    color: Theme.colour.inkSoft
                }
                Writing {
                    width: parent.width
                    text: cell.modelData[2] !== undefined
                          ? (cell.modelData[2].zero ? "" : cell.modelData[1]) + cell.modelData[2].text.replace("−", cell.modelData[1] === "" ? "−" : "") : ""
                    font.bold: true
                    font.features: ({ "tnum": 1 })
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: Theme.textLabel
                    wrapMode: Text.NoWrap
                    lineHeight: Theme.titleLineHeight
                }
            }
        }
    }
}
