import QtQuick
import "../style"
import "pictures"

// A service or a choice: sign, name, what it takes. What cannot be done here now stands back, says so, and tells where
// to go instead when it is touched. That there is no paper is said, and no more than that.
Target {
    id: tile

    required property string title
    property string help
    property string icon
    property string availability: "yes"
    property bool brief: false      // without what it takes
    property real lowest: help === "" || brief ? Theme.button : Theme.tile
    property string unavailableNote
    property string withoutPaperNote
    readonly property string note: availability === "no" ? unavailableNote
                                 : availability === "without_paper" ? withoutPaperNote : ""

    name: title + (help === "" ? "" : ", " + help) + (note === "" ? "" : ", " + note)
    readonly property bool offered: availability !== "no"
    readonly property bool signed: icon !== ""      // not whether the sign is seen: in a list's trial nothing is
    readonly property real air: Theme.gapM * (!Theme.xlarge ? 2 : Theme.landscape ? 0.4 : 1.2)
    // How tall it is when nothing is left out.
    readonly property real full: Math.max(Theme.button, air + called.implicitHeight
        + (offered && help !== "" ? takes.implicitHeight + words.spacing : 0)
        + (note !== "" ? told.implicitHeight + words.spacing : 0))
    implicitHeight: Math.max(lowest, words.height + air)

    Card {
        anchors.fill: parent
        color: tile.held ? Theme.colour.tint : tile.offered ? Theme.colour.surface : "transparent"
        border.width: tile.offered ? Theme.edgeWidth : Math.max(Theme.hair, Theme.edgeWidth)
        border.color: tile.offered ? Theme.colour.edge : Theme.colour.line
        lift: tile.offered ? Theme.lift : 0

        Rectangle {
            id: badge
            anchors.left: parent.left
            anchors.leftMargin: Theme.gapM
            anchors.verticalCenter: parent.verticalCenter
            visible: tile.signed
            width: Theme.badge * (Theme.large ? 1.1 : 1.4)
            height: width
            radius: width * 0.24
            color: Theme.colour.tint

            ServiceSign {
                anchors.centerIn: parent
                icon: tile.icon
                size: badge.width * 0.7
                opacity: tile.offered ? 1 : 0.45
            }
        }
        Column {
            id: words
            anchors.left: tile.signed ? badge.right : parent.left
            anchors.leftMargin: tile.signed ? Theme.gapM : Theme.gapL
            anchors.right: chevron.left
            anchors.rightMargin: Theme.gapS
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.xlarge ? 0 : Theme.gapXs * 0.5

            Even {
                id: called
                width: parent.width
                silent: true
                text: tile.title
                giving: Theme.giving
                pixelSize: Theme.textHeading
                bold: true
                colour: tile.offered ? Theme.colour.ink : Theme.colour.inkSoft
                leading: Theme.titleLineHeight
            }
            Even {
                id: takes
                width: parent.width
                silent: true
                visible: tile.offered && !tile.brief && text !== ""
                text: tile.help
                giving: Theme.giving
                pixelSize: Theme.textLabel
                colour: Theme.colour.inkSoft
            }
            Even {
                id: told
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
