import QtQuick
import "../style"

// Says that nothing here is real, for as long as anything is simulated. There is no way to close it.
Rectangle {
    id: banner

    property string text

    implicitHeight: words.height + Theme.gapXs * 1.6
    color: Theme.colour.banner

    Writing {
        id: words
        anchors.centerIn: parent
        width: banner.width - Theme.margin
        horizontalAlignment: Text.AlignHCenter
        text: banner.text
        font.pixelSize: Math.min(Theme.textLabel, Theme.letters(Theme.large ? 10 : 8))
        font.bold: true
        color: Theme.colour.onBanner
    }
}
