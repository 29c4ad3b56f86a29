pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"

// The services to choose from.
ColumnLayout {
    id: list

    property var services: []
    property var words: ({})
    property real room: Infinity         // height to keep to while the controls are low
    readonly property bool brief: Theme.low && (room < services.length * (Theme.textHeading * 1.3
                                  + Theme.textLabel * 3.4 + Theme.gapM * 2 + Theme.gapTarget)
                                  || Theme.xlarge && services.some(each => each.available !== "yes"))
    readonly property Item first: tiles.count > 0 ? tiles.itemAt(0) : null

    signal picked(string id)

    spacing: Theme.gapTarget

    Repeater {
        id: tiles
        model: list.services

        Tile {
            required property var modelData

            Layout.fillWidth: true
            icon: modelData.icon
            availability: modelData.available
            title: list.words["service." + modelData.id + ".title"] ?? ""
            help: list.brief ? "" : list.words["service." + modelData.id + (modelData.partly ? ".partly" : ".help")] ?? ""
            unavailableNote: list.words.unavailable ?? ""
            withoutPaperNote: list.words.without_paper ?? ""
            objectName: "pick:" + modelData.id
            onChosen: list.picked(modelData.id)
        }
    }
}
