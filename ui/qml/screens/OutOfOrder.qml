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
    acts: [
        Notice {
            Layout.fillWidth: true
            visible: !page.holdsCard
            icon: "call"
            tone: "calm"
            text: page.words.hotline ?? ""
        },
        Writing {
            Layout.fillWidth: true
            text: page.words.code_label ?? ""
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
        }
    ]
}
