import QtQuick
import "../style"

// While the terminal speaks: once more, one's own figures, softer and louder, slower and quicker.
Rectangle {
    id: panel

    property var words: ({})
    property string volume: "normal"
    property string rate: "normal"
    property bool readsOut: false       // there is something that is said only on request
    property bool ends: false           // the key that ends it stands here
    property bool roomy: false          // there is room for words on every key
    property bool bare: false           // stands in the footer's own row
    property real room: 0               // there, where there is such room at all
    readonly property bool worded: !readsOut && (!Theme.large || Theme.landscape)   // a word on the first key
    readonly property var volumes: ["low", "normal", "high", "full"]
    readonly property var rates: ["slow", "normal", "fast"]

    signal prefer(string wish)
    signal listen(string what)

    function stepped(scale: var, now: string, by: int): string {
        return scale[Math.max(0, Math.min(scale.length - 1, scale.indexOf(now) + by))];
    }

    // A long language keeps to the signs where its words would not let it stand there.
    readonly property bool terse: room > 0 && measured.implicitWidth + Theme.textLabel * 1.15 + Theme.gapXs * 1.3
                                  + Theme.gapM * 2 + 5 * (Theme.target * 1.1 + Theme.gapTarget) > room
    // What all of it takes side by side.
    readonly property real needed: {
        let sum = -keys.spacing;
        for (const key of keys.children) {
            sum += key.wanted ? key.width + keys.spacing : 0;
        }
        return sum;
    }
    readonly property real edge: bare ? 0 : Theme.landscape ? Theme.gapXs : Theme.gapS

    component Sign: Pill {
        property bool wanted: true

        visible: wanted
        width: text === "" ? Theme.target * 1.1 : implicitWidth
    }

    height: keys.height + edge * 2
    color: bare ? "transparent" : Theme.colour.tint

    // Over the page: what lies below is not to be touched through it.
    MouseArea {
        anchors.fill: parent
        enabled: panel.ends
    }
    Writing {
        id: measured
        visible: false
        text: panel.words.voice_private ?? ""
        font.pixelSize: Theme.textLabel
        font.bold: true
        wrapMode: Text.NoWrap
    }
    Flow {
        id: keys
        x: panel.bare ? 0 : Theme.margin
        y: panel.edge
        width: parent.width - x * 2
        spacing: Theme.gapTarget

        Sign {
            icon: "again"
            text: panel.roomy || panel.worded ? panel.words.voice_again ?? "" : ""
            name: panel.words.voice_again ?? ""
            objectName: "listen:again"
            onChosen: panel.listen("again")
        }
        Sign {
            wanted: panel.readsOut
            icon: "speaker"
            text: panel.terse ? "" : panel.words.voice_private ?? ""
            name: panel.words.voice_private ?? ""
            objectName: "listen:private"
            onChosen: panel.listen("private")
        }
        Sign {
            icon: "speakerLow"
            text: panel.roomy ? panel.words.volume_less ?? "" : ""
            name: panel.words.volume_less ?? ""
            enabled: panel.volume !== panel.volumes[0]
            objectName: "prefer:volume_less"
            onChosen: panel.prefer("volume:" + panel.stepped(panel.volumes, panel.volume, -1))
        }
        Sign {
            icon: "speaker"
            text: panel.roomy ? panel.words.volume_more ?? "" : ""
            name: panel.words.volume_more ?? ""
            enabled: panel.volume !== panel.volumes[panel.volumes.length - 1]
            objectName: "prefer:volume_more"
            onChosen: panel.prefer("volume:" + panel.stepped(panel.volumes, panel.volume, 1))
        }
        Sign {
            icon: "slower"
            text: panel.roomy ? panel.words.rate_less ?? "" : ""
            name: panel.words.rate_less ?? ""
            enabled: panel.rate !== panel.rates[0]
            objectName: "prefer:rate_less"
            onChosen: panel.prefer("rate:" + panel.stepped(panel.rates, panel.rate, -1))
        }
        Sign {
            icon: "quicker"
            text: panel.roomy ? panel.words.rate_more ?? "" : ""
            name: panel.words.rate_more ?? ""
            enabled: panel.rate !== panel.rates[panel.rates.length - 1]
            objectName: "prefer:rate_more"
            onChosen: panel.prefer("rate:" + panel.stepped(panel.rates, panel.rate, 1))
        }
        Sign {
            id: last
            wanted: false       // it does not count: it stands here only when all of it is folded away
            visible: panel.ends
            icon: "speakerOff"
            text: ""
            name: panel.words.voice_off ?? ""
            objectName: "prefer:speech_off"
            onChosen: panel.prefer("speech:off")
        }
    }
}
