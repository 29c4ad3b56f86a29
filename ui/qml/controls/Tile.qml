import QtQuick
import "../style"

// A service or a choice: sign, name, what it takes. What cannot be done here now stands back, says so, and tells where
// to go instead when it is touched. That there is no paper is said, and no more than that.
Target {
    id: tile

    required property string title
    property string help
    property string icon
    property string availability: "yes"
    property real lowest: help === "" ? Theme.button : Theme.tile
    property string unavailableNote
    property string withoutPaperNote
    readonly property string note: availability === "no" ? unavailableNote
                                 : availability === "without_paper" ? withoutPaperNote : ""

    name: title + (help === "" ? "" : ", " + help) + (note === "" ? "" : ", " + note)
    readonly property bool offered: availability !== "no"
    implicitHeight: Math.max(lowest, words.height + Theme.gapM * (Theme.xlarge && Theme.landscape ? 0.4 : 2))

    Card {
        anchors.fill: parent
        color: tile.held ? Theme.colour.tint : tile.offered ? Theme.colour.surface : "transparent"
        border.width: tile.offered ? Theme.edgeWidth : Math.max(Theme.hair, Theme.edgeWidth)
        border.color: tile.offered ? Theme.colour.edge : Theme.colour.line
        lift: tile.offered ? Theme.lift : 0

        Badge {
            id: badge
            anchors.left: parent.left
            anchors.leftMargin: Theme.gapL
            anchors.verticalCenter: parent.verticalCenter
            icon: tile.icon
            size: Theme.badge
            visible: tile.icon !== ""
        }
        Column {
            id: words
            anchors.left: badge.visible ? badge.right : parent.left
            anchors.leftMargin: badge.visible ? Theme.gapM * 1.2 : Theme.gapL
            anchors.right: chevron.left
            anchors.rightMargin: Theme.gapS
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.xlarge ? 0 : Theme.gapXs * 0.5

            Even {
                width: parent.width
                silent: true
                text: tile.title
                pixelSize: Theme.textHeading
                bold: true
                colour: tile.offered ? Theme.colour.ink : Theme.colour.inkSoft
                leading: Theme.titleLineHeight
            }
            Even {
                width: parent.width
                silent: true
                visible: tile.offered && text !== ""
                text: tile.help
                pixelSize: Theme.textLabel
                colour: Theme.colour.inkSoft
            }
            Even {
                width: parent.width
                silent: true
                text: tile.note
                pixelSize: Theme.textLabel
                bold: !tile.offered
                colour: tile.offered ? Theme.colour.inkSoft : Theme.colour.turnInk
            }
        }
        Icon {
            id: chevron
            anchors.right: parent.right
            anchors.rightMargin: Theme.gapM
            anchors.verticalCenter: parent.verticalCenter
            name: "right"
            size: Theme.icon * 0.8
            colour: tile.offered ? Theme.colour.accentInk : Theme.colour.inkSoft
        }
    }
}
