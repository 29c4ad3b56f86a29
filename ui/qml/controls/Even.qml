import QtQuick
import "../style"

// Words of which no single character is left over on a line of its own: the lines are made about equally long.
Item {
    id: even

    property string text
    property int pixelSize: Theme.textBody
    property bool bold: false
    property real leading: Theme.lineHeight
    property int role: Accessible.StaticText
    property bool centred: false
    property color colour: Theme.colour.ink

    // A line break that was meant for a wider place is given up.
    readonly property string flowing: given.implicitWidth <= width ? text
                                    : text.replace(/\n/g, /[\u4e00-\u9fff]/.test(text) ? "" : " ")
    readonly property int lines: Math.max(1, Math.ceil(free.implicitWidth / Math.max(1, width)))
    // As wide as an equal share of the words, and a little air for words that do not break there.
    readonly property real share: Math.min(width, free.implicitWidth / lines + pixelSize * 1.1)

    // Two lines break best where the sentence breathes.
    readonly property string parted: {
        if (lines !== 2 || flowing.includes("\n")) {
            return flowing;
        }
        const weigh = part => Array.from(part).reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2000 ? 2 : 1), 0);
        const all = weigh(flowing);
        let best = -1, least = 0.3;
        for (let i = 1; i < flowing.length - 1; i += 1) {
            const latin = ".,:?!".includes(flowing[i]) && flowing[i + 1] === " ";
            if (!latin && !"，。？！；：、　".includes(flowing[i])) {
                continue;
            }
            const share = weigh(flowing.slice(0, i + 1)) / all;
            const longer = Math.max(share, 1 - share) * free.implicitWidth;
            if (longer < width * 0.97 && Math.abs(share - 0.5) < least) {
                least = Math.abs(share - 0.5);
                best = i;
            }
        }
        return best < 0 ? flowing : flowing.slice(0, best + 1) + "\n" + flowing.slice(best + 1).trim();
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
        width: even.share
        text: even.flowing
        font: free.font
    }
    Writing {
        id: shown
        width: even.parted === even.flowing && trial.lineCount <= full.lineCount ? even.share : even.width
        x: even.centred ? (even.width - width) / 2 : 0
        horizontalAlignment: even.centred ? Text.AlignHCenter : Text.AlignLeft
        text: even.parted
        color: even.colour
        font: free.font
        lineHeight: even.leading
        Accessible.role: even.role
    }
}
