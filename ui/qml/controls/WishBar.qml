pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"

// How this citizen wants it: every wish is one tap away, and at the end stands the number to call. All keys are equally
// wide, in as few rows as their words can stand in; what each says is what a tap gives.
GridLayout {
    id: bar

    property var words: ({})
    property string hotline
    property string number              // the hotline without its word
    property string otherLanguage
    property bool canSpeak: false
    property bool speaks: false
    property bool soundOpen: false

    readonly property var sizes: ["normal", "large", "xlarge"]
    readonly property string nextSize: sizes[(sizes.indexOf(Theme.size) + 1) % sizes.length]
    readonly property var hands: ["both", "left", "right"]
    readonly property string nextHand: hands[(hands.indexOf(Theme.hand) + 1) % hands.length]

    readonly property Item soundKey: soundWish
    readonly property var wishes: [voiceWish, againWish, soundWish, sizeWish, languageWish, contrastWish, reachWish,
                                   handWish].filter(wish => wish.offered)
    readonly property real edge: Theme.px(1.8)      // around what stands on a key
    readonly property real signAbove: Math.round(Theme.textLabel * 1.3)
    readonly property real signBeside: Math.round(Theme.textLabel * 1.1)
    readonly property real gapBeside: Theme.px(2)
    // The fewest rows in which letters come out nearly as large as other small words. In one row of an upright panel the
    // signs stand above the words; else beside them, or give way so that no word needs a second line.
    readonly property var plan: {
        if (width <= 0) {
            return { rows: 1, columns: wishes.length + 1, placing: "above", lines: 1, letters: Theme.letters(0) };
        }
        const captions = [...wishes.map(wish => wish.text), number];
        const least = Theme.letters(0), nearly = Math.ceil(Theme.textLabel * 0.82);
        const ems = [1, 2].map(lines => Math.max(...captions.map(text => ruler.leastWidth(text, lines))) / ruler.pixelSize);
        for (let rows = 1; rows < 4; rows += 1) {
            const columns = Math.ceil(captions.length / rows);
            const cell = Math.floor((width - (columns - 1) * columnSpacing) / columns) - edge * 2 - 2;
            for (const lines of [1, 2]) {
                for (const placing of Theme.landscape || rows > 1 ? ["beside", "bare"] : ["above"]) {
                    const room = cell - (placing === "beside" ? signBeside + gapBeside : 0);
                    const most = rows > 1 && lines > 1 ? Math.max(least, nearly) : Theme.textLabel;
                    const letters = Math.min(most, Math.floor(room / ems[lines - 1]));
                    if (letters >= Math.max(least, lines > 1 ? Theme.textLabel * 0.75 : nearly)) {
                        return { rows: rows, columns: columns, placing: placing, lines: lines, letters: letters };
                    }
                }
            }
        }
        return { rows: 3, columns: Math.ceil(captions.length / 3), placing: "bare", lines: 2, letters: least };
    }

    // Two rows of them take much of a panel.
    readonly property real keyHeight: Math.max(plan.rows > 1 ? Math.max(Theme.reach(0), Theme.target * 0.8) : Theme.target,
                                               ...wishes.map(wish => wish.least))

    signal prefer(string wish)
    signal listen(string what)
    signal turnSound

    columns: plan.columns
    columnSpacing: Math.max(Theme.px(3.4), Theme.leastApart)
    rowSpacing: columnSpacing
    uniformCellWidths: true

    component Face: WishFace {
        edge: bar.edge
        placing: bar.plan.placing
        signSize: above ? bar.signAbove : bar.signBeside
        gap: beside ? bar.gapBeside : bar.edge
        letters: bar.plan.letters
        lines: bar.plan.lines
    }
    component Wish: Target {
        id: wish

        property bool offered: true
        property string sign
        property string text

        visible: offered
        name: text
        radius: Theme.radiusS
        readonly property real least: face.implicitHeight + bar.edge * (face.above ? 5 : 2)
        Layout.fillWidth: true
        Layout.preferredHeight: bar.keyHeight

        Rectangle {
            anchors.fill: parent
            radius: wish.radius
            color: wish.held ? Theme.colour.tint : Theme.colour.surface
            border.width: Math.max(Theme.hair * 1.4, Theme.edgeWidth)
            border.color: Theme.colour.line
        }
        Face {
            id: face
            anchors.fill: parent
            sign: wish.sign
            text: wish.text
        }
    }

    Even {
        id: ruler
        visible: false
        silent: true
        pixelSize: 100
        bold: true
    }
    // It stays where it is touched once more to be silent again.
    Wish {
        id: voiceWish
        offered: bar.canSpeak
        sign: bar.speaks ? "speakerOff" : "speaker"
        text: (bar.speaks ? bar.words.voice_off : bar.words.voice) ?? ""
        objectName: "prefer:speech"
        onChosen: bar.prefer(bar.speaks ? "speech:off" : "speech:on")
    }
    Wish {
        id: againWish
        offered: bar.speaks
        sign: "again"
        text: bar.words.voice_again ?? ""
        objectName: "listen:again"
        onChosen: bar.listen("again")
    }
    Wish {
        id: soundWish
        offered: bar.speaks
        sign: bar.soundOpen ? "down" : "sliders"
        text: bar.words.voice_sound ?? ""
        objectName: "voice:sound"
        onChosen: bar.turnSound()
    }
    Wish {
        id: sizeWish
        sign: "letter"
        text: bar.words[bar.nextSize === "normal" ? "normal_size" : bar.nextSize] ?? ""
        objectName: "prefer:size"
        onChosen: bar.prefer("size:" + bar.nextSize)
    }
    Wish {
        id: languageWish
        offered: bar.otherLanguage !== ""
        sign: "globe"
        text: bar.words.other_language ?? ""
        objectName: "prefer:language"
        onChosen: bar.prefer("language:" + bar.otherLanguage)
    }
    Wish {
        id: contrastWish
        sign: "contrast"
        text: (Theme.highContrast ? bar.words.normal_contrast : bar.words.high_contrast) ?? ""
        objectName: "prefer:contrast"
        onChosen: bar.prefer(Theme.highContrast ? "contrast:normal" : "contrast:high")
    }
    Wish {
        id: reachWish
        offered: Theme.low || Theme.canLower
        sign: Theme.low ? "raise" : "lower"
        text: (Theme.low ? bar.words.reach_full : bar.words.reach_low) ?? ""
        objectName: "prefer:reach"
        onChosen: bar.prefer(Theme.low ? "reach:full" : "reach:low")
    }
    Wish {
        id: handWish
        sign: bar.nextHand === "left" ? "handLeft" : bar.nextHand === "right" ? "hand" : "hands"
        text: bar.words["hand_" + bar.nextHand] ?? ""
        objectName: "prefer:hand"
        onChosen: bar.prefer("hand:" + bar.nextHand)
    }
    // Not to be touched, so without an edge.
    Item {
        visible: bar.hotline !== ""
        Layout.fillWidth: true
        Layout.preferredHeight: bar.keyHeight
        Layout.columnSpan: bar.plan.rows * bar.plan.columns - bar.wishes.length
        Accessible.role: Accessible.StaticText
        Accessible.name: bar.hotline

        Face {
            anchors.fill: parent
            sign: "call"
            text: ruler.leastWidth(bar.hotline, bar.plan.lines) * letters / ruler.pixelSize < room - 2 ? bar.hotline : bar.number
            colour: Theme.colour.inkSoft
        }
    }
}
