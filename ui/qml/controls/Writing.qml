import QtQuick
import "../style"

// Words on the glass. Everything that is read is one of these.
Text {
    // For whoever checks the layout: where the lines stand, and how large they came out where they fit themselves.
    readonly property int aligned: effectiveHorizontalAlignment
    readonly property real drawnSize: fontInfo.pixelSize

    // The same words, their end kept together: three Chinese characters, or a short last word with the one before it. No
    // line then holds less.
    function held(words: string): string {
        const end = words.match(/[\u4e00-\u9fff]{3}[，。？！；：、”」）]*$/);
        if (end !== null && words.length > 5) {
            return words.slice(0, end.index) + Array.from(end[0]).join("\u2060");
        }
        return words.replace(/ (\S{1,9}) (\S{1,6})$/, " $1\u00a0$2");
    }

    color: Theme.colour.ink
    font.family: Theme.family
    font.pixelSize: Theme.textBody
    lineHeight: Theme.lineHeight
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Accessible.ignored: text === ""
}
