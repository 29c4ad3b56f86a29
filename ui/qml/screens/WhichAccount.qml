pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"

Page {
    id: page

    bodyBeside: true
    bodyFills: true
    goesBack: true
    firstFocus: accounts.first

    PagedRows {
        id: accounts
        Layout.fillWidth: true
        Layout.fillHeight: true
        items: page.screen.insurances ?? []
        words: page.words
        row: Tile {
            required property string modelData

            width: parent?.width ?? 0
            height: accounts.leastRow
            icon: ""
            title: page.words["insurance." + modelData] ?? page.words["insurance.other"] ?? ""
            help: ""
            lowest: page.screen.insurances.length > 3 ? Theme.button : Theme.tile
            objectName: "pick:" + modelData
            onChosen: page.pick(modelData)
        }
    }
    acts: ActionButton {
        Layout.fillWidth: true
        primary: false
        text: page.words.back ?? ""
        objectName: "back"
        onChosen: page.back()
    }
}
