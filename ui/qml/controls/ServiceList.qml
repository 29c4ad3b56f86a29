pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"

// The services to choose from.
ColumnLayout {
    id: list

    property var services: []
    property var words: ({})
    property real room: Infinity         // height to keep to
    readonly property real gaps: spacing * Math.max(0, services.length - 1)
    // Too little of it: what a service takes is left out.
    readonly property bool brief: summed(tile => tile.full) + gaps > room
    // A wide panel has a column for them: they take it, as far as they look well.
    readonly property real spare: !Theme.landscape || tiles.count === 0 ? 0
        : Math.max(0, Math.min(Theme.tile * 0.4, Math.floor((room - summed(tile => tile.implicitHeight) - gaps) / tiles.count)))
    readonly property Item first: tiles.count > 0 ? tiles.itemAt(0) : null

    signal picked(string id)

    function summed(height: var): real {
        let sum = 0;
        for (let i = 0; i < tiles.count; i += 1) {
            const tile = tiles.itemAt(i) as Tile;
            sum += tile !== null ? height(tile) : 0;
        }
        return sum;
    }

    spacing: Theme.gapTarget

    Repeater {
        id: tiles
        model: list.services

        Tile {
            required property var modelData

            Layout.fillWidth: true
            Layout.preferredHeight: implicitHeight + list.spare
            brief: list.brief
            lowest: list.brief || list.services.length * Theme.tile + list.gaps > list.room ? Theme.button : Theme.tile
            icon: modelData.icon
            availability: modelData.available
            title: list.words["service." + modelData.id + ".title"] ?? ""
            help: list.words["service." + modelData.id + (modelData.partly ? ".partly" : ".help")] ?? ""
            unavailableNote: list.words.unavailable ?? ""
            withoutPaperNote: list.words.without_paper ?? ""
            objectName: "pick:" + modelData.id
            onChosen: list.picked(modelData.id)
        }
    }
}
