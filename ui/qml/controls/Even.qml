import QtQuick
import "../style"

// Words of which no single character is left over on a line of its own: the lines are made about equally long.
Item {
    id: even

    property string text
    property int pixelSize: Theme.textBody
    property bool bold: false
    property var features: ({})
    property bool silent: false          // inside a control that says it all itself
    property real leading: Theme.lineHeight
    property int role: Accessible.StaticText
    property bool centred: false
    property color colour: Theme.colour.ink

    // A line break that was meant for a wider place is given up.
    readonly property string flowing: given.implicitWidth <= width ? text
                                    : text.replace(/\n/g, /[\u4e00-\u9fff]/.test(text) ? "" : " ")
    readonly property int lines: Math.max(1, Math.ceil(free.implicitWidth / Math.max(1, width)))
    // As wide as an equal share of the words, and a little air for words that do not break there.
    readonly property real tight: Math.min(width, free.implicitWidth / lines + pixelSize * 1.1)
    readonly property real loose: Math.min(width, free.implicitWidth / lines + pixelSize * 2.6)
    readonly property real share: trial.lineCount <= full.lineCount ? tight
                                : second.lineCount <= full.lineCount ? loose : width

    // Lines break best where the sentence breathes, if that takes no more of them.
    readonly property string parted: lines === 1 || flowing.includes("\n") ? flowing : atPauses()

    function weight(part: string): real {
        return Array.from(part).reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2000 ? 2 : 1), 0);
    }

    function atPauses(): string {
        // A pause ends with a Chinese sign, or with a Latin one and a space.
        const clauses = flowing.match(/.+?(?:[，。？！；：、　]+|[.,:?!] |$)/g) ?? [flowing];
        const room = width * 0.97 / free.implicitWidth * weight(flowing);
        if (lines === 2) {
            // As even as the pauses allow.
            let best = "", least = 0.3;
            for (let i = 1; i < clauses.length; i += 1) {
                const head = clauses.slice(0, i).join("").trim(), tail = clauses.slice(i).join("").trim();
                const uneven = Math.abs(weight(head) / weight(flowing) - 0.5);
                if (Math.max(weight(head), weight(tail)) < room && uneven < least) {
                    least = uneven;
                    best = head + "\n" + tail;
                }
            }
            return best === "" ? flowing : best;
        }
        let done = "", line = "", count = 1;
        for (const clause of clauses) {
            if (weight(clause.trim()) > room) {
                return flowing;
            }
            const longer = `${line}${clause}`;
            if (weight(longer.trim()) > room) {
                done += line.trim() + "\n";
                line = clause;
                count += 1;
            } else {
                line = longer;
            }
        }
        return count > full.lineCount ? flowing : done + line.trim();
    }

    implicitHeight: text === "" ? 0 : shown.height
    visible: text !== ""

    Writing {
        id: given
        visible: false
        text: even.text
        font: free.font
        wrapMode: Text.NoWrap
    }
    Writing {
        id: free
        visible: false
        text: even.flowing
        font.pixelSize: even.pixelSize
        font.bold: even.bold
        font.features: even.features
        wrapMode: Text.NoWrap
    }
    Writing {
        id: full
        visible: false
        width: even.width
        text: even.flowing
        font: free.font
    }
    Writing {
        id: trial
        visible: false
        width: even.tight
        text: even.flowing
        font: free.font
    }
    Writing {
        id: second
        visible: false
        width: even.loose
        text: even.flowing
        font: free.font
    }
    Writing {
        id: shown
        width: even.parted === even.flowing ? even.share : even.width
        x: even.centred ? (even.width - width) / 2 : Theme.mirrored ? even.width - width : 0
        horizontalAlignment: even.centred ? Text.AlignHCenter : Text.AlignLeft
        text: even.parted
        color: even.colour
        font: free.font
        lineHeight: even.leading
        Accessible.name: even.flowing
        Accessible.role: even.role
        Accessible.ignored: even.silent || text === ""
    }
}
