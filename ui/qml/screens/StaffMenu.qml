pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"

Page {
    id: page

    bodyBeside: true
    bodyFills: true
    leftShare: 0.36
    goesBack: page.screen.back === true
    firstFocus: choices.first

    PagedRows {
        id: choices
        Layout.fillWidth: true
        Layout.fillHeight: true
        items: page.screen.items ?? []
        words: page.words
        row: Tile {
            required property var modelData

            width: parent?.width ?? 0
            height: choices.leastRow
            icon: ""
            title: page.words["item_" + modelData.id] ?? modelData.id
            help: modelData.value
            lowest: Theme.button
            objectName: "pick:" + modelData.id
            onChosen: page.pick(modelData.id)
        }
    }
    acts: ActionButton {
        Layout.fillWidth: true
        visible: page.goesBack
        primary: false
        text: page.words.back ?? ""
        objectName: "back"
        onChosen: page.back()
    }
}
