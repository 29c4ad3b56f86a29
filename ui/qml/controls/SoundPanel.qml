import QtQuick
import QtQuick.Layouts
import "../style"

// How the voice sounds: softer and louder, slower and quicker, and off. It lies over the page while it is wanted.
Rectangle {
    id: panel

    property var words: ({})
    property string volume: "normal"
    property string rate: "normal"
    readonly property var volumes: ["low", "normal", "high", "full"]
    readonly property var rates: ["slow", "normal", "fast"]

    signal prefer(string wish)

    function stepped(scale: var, now: string, by: int): string {
        return scale[Math.max(0, Math.min(scale.length - 1, scale.indexOf(now) + by))];
    }

    function takeFocus(): void {
        (less.enabled ? less : more).forceActiveFocus();
    }

    component Wish: Pill {
        Layout.fillWidth: true
        Layout.preferredWidth: 1
        Layout.preferredHeight: Theme.target
    }

    implicitHeight: all.height + Theme.gapM * 2
    color: Theme.colour.tint

    // What lies below is not to be touched through it.
    MouseArea {
        anchors.fill: parent
    }
    Rectangle {
        width: parent.width
        height: Math.max(Theme.hair, Theme.edgeWidth)
        color: Theme.colour.line
    }
    Column {
        id: all
        x: Theme.margin
        y: Theme.gapM
        width: parent.width - x * 2
        spacing: Theme.gapS

        Writing {
            width: parent.width
            horizontalAlignment: Text.AlignLeft
            text: panel.words.voice_more ?? ""
            font.pixelSize: Theme.textLabel
            font.bold: true
        }
        GridLayout {
            width: parent.width
            columns: Theme.landscape ? 4 : 2
            columnSpacing: Theme.gapTarget
            rowSpacing: Theme.gapTarget
            uniformCellWidths: true

            Wish {
                id: less
                icon: "speakerLow"
                text: panel.words.volume_less ?? ""
                enabled: panel.volume !== panel.volumes[0]
                objectName: "prefer:volume_less"
                onChosen: panel.prefer("volume:" + panel.stepped(panel.volumes, panel.volume, -1))
            }
            Wish {
                id: more
                icon: "speaker"
                text: panel.words.volume_more ?? ""
                enabled: panel.volume !== panel.volumes[panel.volumes.length - 1]
                objectName: "prefer:volume_more"
                onChosen: panel.prefer("volume:" + panel.stepped(panel.volumes, panel.volume, 1))
            }
            Wish {
                icon: "slower"
                text: panel.words.rate_less ?? ""
                enabled: panel.rate !== panel.rates[0]
                objectName: "prefer:rate_less"
                onChosen: panel.prefer("rate:" + panel.stepped(panel.rates, panel.rate, -1))
            }
            Wish {
                icon: "quicker"
                text: panel.words.rate_more ?? ""
                enabled: panel.rate !== panel.rates[panel.rates.length - 1]
                objectName: "prefer:rate_more"
                onChosen: panel.prefer("rate:" + panel.stepped(panel.rates, panel.rate, 1))
            }
            Wish {
                Layout.columnSpan: Theme.landscape ? 4 : 2
                icon: "speakerOff"
                text: panel.words.voice_off ?? ""
                objectName: "prefer:speech_off"
                onChosen: panel.prefer("speech:off")
            }
        }
    }
}
