pragma Singleton

import QtQuick

// The one place where sizes, colours and motion come from. Main tells it the panel and the citizen's wishes; the
// controls read roles. It holds values and decides nothing else.
QtObject {
    id: theme

    // --- told by Main ---
    property real widthPx: 1080
    property real heightPx: 1920
    property real widthMm: 336
    property real heightMm: 597
    property real lowerEdgeMm: 850       // of the picture, above the floor
    property string size: "normal"       // normal, large, xlarge
    property bool highContrast: false
    property bool low: false             // every control where somebody who sits reaches it
    property string hand: "both"         // both, left, right
    property bool mirrored: false        // the language is written from right to left
    property bool reducedMotion: false
    property string wholeWords: ""       // of a language without spaces: what no line break may part
    // What a line break may stand behind: Latin words and numbers, Chinese words that must stay whole, single characters;
    // each with the signs that belong to it and the space that follows. A number keeps what it counts.
    readonly property var piece: {
        const word = (wholeWords === "" ? "" : wholeWords.replace(/ /g, "|") + "|")
                   + "[^\\s\u2e80-\u9fff\uff00-\uffef“”]+|.";
        return new RegExp("[“《（(]*(?:[0-9]+ (?:" + word + ")|" + word + ")[”》）)，。？！；：、]*[ 　]?", "g");
    }
    property real pageTop: 0             // where the screen itself begins, below the top line
    // True from a key until the next touch: then the focus is drawn.
    property bool keysInUse: false

    readonly property bool large: size !== "normal"
    readonly property bool xlarge: size === "xlarge"

    // --- the panel ---
    readonly property bool landscape: widthPx > heightPx
    readonly property real pxPerMm: widthPx / Math.max(1, widthMm)
    // EN 301 549 8.3: what a seated citizen reaches, in millimetres above the floor.
    readonly property real reachLowMm: 380
    readonly property real reachHighMm: 1220
    readonly property real upperEdgeMm: lowerEdgeMm + heightMm
    readonly property real reachedMm: Math.min(upperEdgeMm, reachHighMm) - Math.max(lowerEdgeMm, reachLowMm)
    // Moving the controls is worth a button where some are out of reach now and can be brought into it: none ever stands in
    // the top line.
    readonly property real controlsMm: upperEdgeMm - pageTop * heightMm / heightPx
    readonly property bool canLower: (controlsMm > reachHighMm || lowerEdgeMm < reachLowMm) && reachedMm >= Math.min(180, heightMm)
    // While they are low: no control above this line, none closer to the lower edge than that.
    readonly property real reachTop: low ? Math.max(0, (upperEdgeMm - reachHighMm) * heightPx / heightMm) : 0
    readonly property real reachLine: Math.max(0, reachTop - pageTop)    // the same, within the screen itself
    readonly property real reachInset: low ? Math.max(0, (reachLowMm - lowerEdgeMm) * heightPx / heightMm) : 0

    // Large words on a wide panel: headlines and buttons give a little, reading text does not.
    readonly property real wide: !large || !landscape ? 1 : xlarge ? 0.78 : 0.86
    // How the drawn panel fits this one: smaller panels shrink down to the floors, larger ones grow.
    readonly property real fit: Math.max(0.2, Math.min(1.6, widthMm / (landscape ? 575 : 334),
                                                       heightMm / (landscape ? 334 : 580)))
    // On panels too small even for the floors everything gives way together; large then means less, but never
    // less than normal does.
    readonly property real shortSide: Math.min(widthMm, heightMm)
    readonly property real give: Math.min(1, shortSide / (xlarge ? 330 : large ? 300 : 150))
    readonly property real leastText: Math.max(mm.leastText * give, normalMeasures.leastText * Math.min(1, shortSide / 150))
    readonly property real leastTarget: Math.max(mm.leastTarget * give, normalMeasures.leastTarget * Math.min(1, shortSide / 150))

    // --- value sets ---
    readonly property Colours colour: highContrast ? contrast : large ? strong : calm
    readonly property Measures mm: xlarge ? xlargeMeasures : large ? largeMeasures : normalMeasures

    // --- letters, in pixels: never smaller at a larger size ---
    readonly property int textDisplay: letters(Math.max(mm.display * wide, normalMeasures.display))
    readonly property int textTitle: letters(Math.max(mm.title * wide, normalMeasures.title))
    readonly property int textHeading: letters(Math.max(mm.heading * wide, normalMeasures.heading))
    readonly property int textBody: letters(mm.body)
    readonly property int textLabel: letters(mm.label)
    // What headlines, and words where there is little room, fall back to: never below the size before.
    readonly property int leastTitle: letters(normalMeasures.title)
    readonly property int leastHeading: letters(normalMeasures.heading)
    readonly property int leastBody: xlarge ? letters(largeMeasures.body) : textBody
    // What is read where there is the least room grows more slowly than elsewhere, yet it grows.
    readonly property int slowBody: Math.max(textLabel, letters(normalMeasures.body))
    // By what part words may be smaller where that saves a line.
    readonly property real giving: 0.06
    readonly property string family: "Noto Sans CJK SC"
    // The font itself leads by 1.45 of the em.
    readonly property real lineHeight: 1.0
    // Headlines are short and large: they stand closer.
    readonly property real titleLineHeight: 0.88

    // --- space ---
    readonly property real gapXs: px(2.6)
    readonly property real gapS: px(4.5)
    readonly property real gapM: px(8)
    readonly property real gapL: px(12)
    readonly property real gapXl: px(18)
    readonly property real margin: px(landscape ? 22 : 20)
    // Between things to touch.
    readonly property real leastApart: mm.leastGap * pxPerMm * give
    readonly property real gapTarget: Math.max(px(6), leastApart)
    readonly property real radius: px(11)
    readonly property real radiusS: px(7)
    readonly property real hair: Math.max(1, px(0.45))
    readonly property real edgeWidth: highContrast ? Math.max(2, px(0.9)) : 0
    readonly property real lift: highContrast ? 0 : Math.max(1, px(0.7))
    readonly property real focusWidth: Math.max(3, px(1.8))

    // --- targets ---
    readonly property real target: reach(mm.target)
    readonly property real button: reach(mm.button * wide)
    readonly property real key: reach(mm.key)
    readonly property real tile: reach(mm.tile)
    readonly property real icon: px(large ? 17 : 14.5)
    readonly property real badge: px(large ? 34 : 30)

    // --- motion ---
    readonly property bool still: reducedMotion || highContrast
    readonly property int quick: still ? 0 : 120
    readonly property int glide: still ? 0 : 260

    readonly property Colours calm: CalmColours {}
    readonly property Colours strong: StrongColours {}
    readonly property Colours contrast: ContrastColours {}
    readonly property Measures normalMeasures: NormalMeasures {}
    readonly property Measures largeMeasures: LargeMeasures {}
    readonly property Measures xlargeMeasures: XLargeMeasures {}

    // Millimetres of the drawing to pixels of this panel.
    function px(millimetres: real): real {
        return Math.round(millimetres * fit * pxPerMm);
    }

    // The same for letters, which have a floor.
    function letters(millimetres: real): int {
        return Math.ceil(Math.max(millimetres * fit, leastText) * pxPerMm);
    }

    // The same for things to touch.
    function reach(millimetres: real): real {
        return Math.ceil(Math.max(millimetres * fit, leastTarget) * pxPerMm);
    }
}
