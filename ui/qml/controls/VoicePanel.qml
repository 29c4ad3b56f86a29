pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// While the terminal speaks: once more, one's own figures, and how it sounds. In words, for who hears it may not see signs.
Rectangle {
    id: panel

    property var words: ({})
    property bool readsOut: false       // there is something that is said only on request
    property bool unfolded: false       // how it sounds is laid open
    property bool bare: false           // stands in the footer's own row
    property bool turned: false         // begins at the other end
    property real giving: 0.2           // by what part words may be set smaller
    property bool tight: false          // the words stay, two of the signs go

    // What all of it takes side by side; and at least, with the longest words set a little smaller.
    readonly property real sign: Theme.textLabel * 1.15 + Theme.gapXs * 1.3
    readonly property real needed: again.full + sound.full + keys.spacing + (readsOut ? own.full + keys.spacing : 0)
    readonly property real least: again.bareWidth + sound.bareWidth + keys.spacing
                                  + (readsOut ? own.full - own.said * giving + keys.spacing : 0)
    readonly property real edge: bare ? 0 : Theme.landscape || Theme.large ? Theme.gapXs : Theme.gapS

    signal listen(string what)
    signal unfold

    function takeFocus(): void {
        sound.forceActiveFocus();
    }

    component Spoken: Pill {
        id: spoken
        property string sign
        readonly property real said: measured.implicitWidth
        readonly property real bareWidth: Math.ceil(Math.max(Theme.target * 1.5, said + Theme.gapM * 2))
        readonly property real full: Math.ceil(Math.max(Theme.target * 1.5, said + Theme.gapM * 2 + panel.sign))

        icon: panel.tight ? "" : sign
        width: panel.tight ? bareWidth : full

        Writing {
            id: measured
            visible: false
            text: spoken.text
            font.pixelSize: Theme.textLabel
            font.bold: true
            wrapMode: Text.NoWrap
        }
    }

    implicitHeight: keys.height + edge * 2
    color: bare ? "transparent" : Theme.colour.tint

    Flow {
        id: keys
        x: panel.bare ? 0 : Theme.margin
        y: panel.edge
        width: parent.width - x * 2
        spacing: Theme.gapTarget
        layoutDirection: panel.turned ? Qt.RightToLeft : Qt.LeftToRight

        Spoken {
            id: again
            sign: "again"
            text: panel.words.voice_again ?? ""
            objectName: "listen:again"
            onChosen: panel.listen("again")
        }
        Spoken {
            id: own
            readonly property real rest: keys.width - again.width - sound.width - keys.spacing * 2
            visible: panel.readsOut
            sign: "speaker"
            icon: sign
            text: panel.words.voice_private ?? ""
            width: panel.tight && rest >= full - said * panel.giving - 1 ? Math.min(full, rest) : full
            objectName: "listen:private"
            onChosen: panel.listen("private")
        }
        Spoken {
            id: sound
            sign: panel.unfolded ? "down" : "sliders"
            text: panel.words.voice_sound ?? ""
            objectName: "voice:sound"
            onChosen: panel.unfold()
        }
    }
}
