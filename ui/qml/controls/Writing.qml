import QtQuick
import "../style"

// Words on the glass. Everything that is read is one of these.
Text {
    // For whoever checks the layout: where the lines stand, and how large they came out where they fit themselves.
    readonly property int aligned: effectiveHorizontalAlignment
    readonly property real drawnSize: fontInfo.pixelSize

    color: Theme.colour.ink
    font.family: Theme.family
    font.pixelSize: Theme.textBody
    lineHeight: Theme.lineHeight
    wrapMode: Text.Wrap
    // Figures and names in Latin letters too stand where the language begins.
    horizontalAlignment: Text.AlignLeft
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Accessible.ignored: text === ""
}
