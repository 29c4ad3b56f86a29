pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property bool holdsCard: page.screen.card_in === true

    picture: holdsCard ? taking : resting

    Component {
        id: taking
        CardSlot { act: "out" }
    }
    Component {
        id: resting
        NextMachine {}
    }
    acts: RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gapM

        // Dark on white in every set of colours: a camera reads it.
        Rectangle {
            visible: page.qrSource !== ""
            Layout.preferredWidth: Theme.px(58)
            Layout.preferredHeight: Layout.preferredWidth
            color: "white"

            Image {
                anchors.fill: parent
                source: page.qrSource
                sourceSize: Qt.size(width, height)
                smooth: false
                fillMode: Image.PreserveAspectFit
                Accessible.role: Accessible.Graphic
                Accessible.name: page.words.code_label ?? ""
            }
        }
        Writing {
            Layout.fillWidth: true
            text: page.words.code_label ?? ""
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
        }
    }
}
