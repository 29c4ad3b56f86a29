import QtQuick
import "../style"

// A sign and a few words, together in the middle: the sign above the words, beside them, or left out.
// What it stands on says them.
Item {
    id: face

    property string sign
    property string text
    property string placing: "above"    // above, beside, bare
    property real signSize: Theme.icon
    property real gap: 0                // between the two
    property real edge: 0               // left free on either side
    property int letters: Theme.textLabel
    property int lines: 1               // that there is room for: signs above words stand in line with their neighbours'
    property color colour: Theme.colour.ink

    readonly property bool above: placing === "above"
    readonly property bool beside: placing === "beside"

    readonly property real room: width - edge * 2 - (beside ? icon.width + gap : 0)
    readonly property real inLines: caption.oneLine * lines

    implicitHeight: (above ? inLines : caption.implicitHeight) + (above ? icon.height + gap : 0)

    Icon {
        id: icon
        readonly property real start: (face.width - width - (face.beside ? face.gap + caption.drawnWidth : 0)) / 2
        visible: face.above || face.beside
        x: Math.round(Theme.mirrored ? face.width - width - start : start)
        y: Math.round((face.height - (face.above ? face.implicitHeight : height)) / 2)
        name: face.sign
        size: face.signSize
        colour: face.colour
    }
    Even {
        id: caption
        x: !face.beside ? face.edge : Theme.mirrored ? icon.x - face.gap - width : icon.x + icon.width + face.gap
        y: !face.above ? Math.round((face.height - height) / 2)
                       : icon.y + icon.height + face.gap + Math.round((face.inLines - height) / 2)
        width: face.room
        height: implicitHeight
        silent: true
        centred: !face.beside
        text: face.text
        pixelSize: face.letters
        bold: true
        colour: face.colour
        leading: Theme.titleLineHeight
    }
}
