import QtQuick
import "../style"

// Words whose lines are about equally long and end where the sentence breathes: no character, no short word is left over
// on a line of its own, no Chinese word is torn. Only the drawing has these line breaks: who listens, or reads what is
// said of the text, gets it as it was given.
Item {
    id: even

    property string text
    property int pixelSize: Theme.textBody
    property real giving: 0              // by what part it may be smaller where that saves a line
    property bool bold: false
    property var features: ({})
    property bool silent: false          // inside a control that says it all itself
    property real leading: Theme.lineHeight
    property int role: Accessible.StaticText
    property bool centred: false
    property color colour: Theme.colour.ink
    // How wide it is on one line.
    readonly property real whole: Math.ceil(wide(flat)) + 1
    readonly property real longest: text === "" ? 0 : Math.ceil(Math.max(...pieces(flat).map(part => wide(part.trim())))) + 1

    readonly property real drawnWidth: shown.contentWidth
    readonly property real oneLine: shown.height / Math.max(1, shown.lineCount)

    readonly property string flat: text.replace(/\n/g, /[\u4e00-\u9fff]/.test(text) ? "" : " ")
    readonly property var laid: {
        const usual = inLines(width);
        const closer = giving > 0 && usual.includes("\n") ? inLines(width / (1 - giving)) : usual;
        const saves = closer.split("\n").length < usual.split("\n").length;
        return { text: saves ? closer : usual, part: saves ? 1 - giving : 1 };
    }
    readonly property string drawn: laid.text

    // What is asked of the letters is asked anew when they change.
    function wide(part: string): real {
        return letters.font.pixelSize > 0 ? letters.advanceWidth(part) : 0;
    }

    function pieces(flat: string): var {
        return flat.match(Theme.piece) ?? [flat];
    }

    // The least width in which such words would stand in so many lines.
    function leastWidth(words: string, lines: int): real {
        const parts = pieces(words);
        const least = (from, left) => {
            let best = wide(parts.slice(from).join("").trim());
            for (let to = from + 1; left > 1 && to < parts.length; to += 1) {
                best = Math.min(best, Math.max(wide(parts.slice(from, to).join("").trim()), least(to, left - 1)));
            }
            return best;
        };
        return words === "" ? 0 : least(0, lines);
    }

    // How bad it is to break behind a piece.
    function cost(piece: string): real {
        return /[。？！　][”’》）]?$|[.?!] $/.test(piece) ? 0 : /[，；：、,;:][”’》）]? ?$/.test(piece) ? 0.03
             : /[的了就]$/.test(piece) ? 0.35 : 0.5;
    }

    // A line break of the catalogue is kept where there is room for what it leaves.
    function inLines(width: real): string {
        return width <= 0 || text === "" || text.split("\n").every(line => wide(line) <= width) ? text : broken(width);
    }

    // The fewest lines there can be, and of these the most even ones.
    function broken(width: real): string {
        const parts = pieces(flat);
        const ends = parts.map(part => wide(part.trim()));
        const step = parts.map((part, i) => part.trim() === part ? ends[i] : wide(part));
        if (ends.some(part => part > width)) {
            return flat;        // no way to keep it whole
        }
        const room = width - 1, best = [{ lines: 0, bad: 0, text: "" }];
        let fewest = 1;
        for (let i = 0, filled = 0; i < parts.length; i += 1) {
            if (filled + ends[i] > room) {
                fewest += 1;
                filled = 0;
            }
            filled += step[i];
        }
        const share = step.reduce((sum, part) => sum + part, 0) / fewest;
        for (let end = 1; end <= parts.length; end += 1) {
            let line = ends[end - 1];
            for (let from = end - 1; from >= 0 && line <= room; from -= 1) {
                const before = best[from];
                if (before !== undefined) {
                    const uneven = line / share - 1;
                    const bad = before.bad + uneven * uneven + (end < parts.length ? cost(parts[end - 1]) : 0);
                    const now = best[end];
                    if (before.lines < fewest && (now === undefined || before.lines + 1 < now.lines
                            || before.lines + 1 === now.lines && bad < now.bad)) {
                        best[end] = { lines: before.lines + 1, bad: bad,
                                      text: (before.text === "" ? "" : before.text + "\n") + parts.slice(from, end).join("").trim() };
                    }
                }
                line += from > 0 ? step[from - 1] : 0;
            }
        }
        return best[parts.length]?.text ?? flat;
    }

    implicitHeight: text === "" ? 0 : shown.height
    baselineOffset: shown.baselineOffset
    visible: text !== ""

    FontMetrics {
        id: letters
        font.family: shown.font.family
        font.pixelSize: even.pixelSize
        font.bold: even.bold
        font.features: even.features
    }
    Writing {
        id: shown
        width: even.width
        horizontalAlignment: even.centred ? Text.AlignHCenter : Text.AlignLeft
        text: even.drawn
        color: even.colour
        font.pixelSize: Math.floor(even.pixelSize * even.laid.part)
        font.bold: even.bold
        font.features: even.features
        lineHeight: even.leading
        Accessible.name: even.flat
        Accessible.role: even.role
        Accessible.ignored: even.silent || text === ""
    }
}
