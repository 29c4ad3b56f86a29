pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"

Page {
    id: page

    // As operation numbers are written: without I and O, which are read as 1 and 0.
    readonly property string letters: "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ-"
    readonly property int across: Theme.landscape ? 9 : 6
    readonly property int down: Math.ceil(36 / across)
    readonly property real keyHeight: Math.max(Theme.reach(0), Math.min(Theme.key, (bodyRoom - Theme.gapTarget * (down - 1)) / down))

    bodyBeside: true
    bodyAdapts: true
    bodyLow: true
    actsWithBody: true
    leftShare: 0.34
    goesBack: true
    firstFocus: keys.count > 0 ? keys.itemAt(0) as Item : null

    lead: Writing {
        Layout.fillWidth: true
        Layout.topMargin: Theme.gapS
        text: (page.screen.typed ?? "") === "" ? "–" : page.screen.typed
        font.pixelSize: Theme.textTitle
        font.bold: true
        font.features: ({ "tnum": 1 })
        wrapMode: Text.WrapAnywhere
    }

    Item {
        id: board
        Layout.fillWidth: true
        implicitHeight: page.keyHeight * page.down + Theme.gapTarget * (page.down - 1)

        Repeater {
            id: keys
            model: 36

            Target {
                id: face
                required property int index
                readonly property string letter: index < 35 ? page.letters.charAt(index) : ""

                x: (index % page.across) * (width + Theme.gapTarget)
                y: Math.floor(index / page.across) * (height + Theme.gapTarget)
                width: (board.width - Theme.gapTarget * (page.across - 1)) / page.across
                height: page.keyHeight
                name: letter !== "" ? letter : page.words.delete ?? ""
                objectName: "pick:" + (letter !== "" ? letter : "erase")
                onChosen: page.pick(letter !== "" ? letter : "erase")

                Card {
                    anchors.fill: parent
                    color: face.held ? Theme.colour.tint : Theme.colour.surface
                    border.width: Theme.edgeWidth
                    border.color: Theme.colour.edge

                    Writing {
                        anchors.centerIn: parent
                        visible: face.letter !== ""
                        text: face.letter
                        font.bold: true
                        Accessible.ignored: true
                    }
                    Icon {
                        anchors.centerIn: parent
                        visible: face.letter === ""
                        name: "erase"
                    }
                }
            }
        }
    }
    acts: GridLayout {
        Layout.fillWidth: true
        columns: 2
        columnSpacing: Theme.gapTarget

        ActionButton {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.fillHeight: true
            primary: false
            text: page.words.back ?? ""
            objectName: "back"
            onChosen: page.back()
        }
        ActionButton {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.fillHeight: true
            enabled: (page.screen.typed ?? "").length >= 4
            text: page.words.proceed ?? ""
            objectName: "proceed"
            onChosen: page.proceed()
        }
    }
}
