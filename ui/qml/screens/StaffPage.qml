pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property var rows: page.screen.rows ?? []
    readonly property var deeds: page.screen.acts ?? []
    readonly property bool live: page.previewSource !== ""

    bodyBeside: true
    bodyFills: rows.length > 0
    bodyTouched: false
    actsWithBody: rows.length === 0 && deeds.length > 1
    leftShare: 0.44
    attention: page.screen.good === false
    goesBack: true
    firstFocus: deeds.length > 0 ? deedList.itemAt(0) : backButton
    framed: false
    picture: live ? seen : null

    Component {
        id: seen
        Viewfinder { source: page.previewSource }
    }

    PagedRows {
        id: facts
        Layout.fillWidth: true
        Layout.fillHeight: true
        visible: page.rows.length > 0
        framed: true
        gap: 0
        items: page.rows
        words: page.words
        row: StaffFact {
            required property var modelData
            required property int index

            width: parent?.width ?? 0
            height: facts.leastRow
            label: modelData.label
            value: modelData.value
            tone: modelData.tone
        }
    }
    acts: ColumnLayout {
        Layout.fillWidth: true
        spacing: Theme.gapTarget

        Repeater {
            id: deedList
            model: page.deeds

            ActionButton {
                required property string modelData
                required property int index

                Layout.fillWidth: true
                primary: index === 0
                text: page.words["act_" + modelData] ?? modelData
                objectName: "pick:" + modelData
                onChosen: page.pick(modelData)
            }
        }
        ActionButton {
            id: backButton
            Layout.fillWidth: true
            primary: page.deeds.length === 0
            text: page.words.back ?? ""
            objectName: "back"
            onChosen: page.back()
        }
    }
}
