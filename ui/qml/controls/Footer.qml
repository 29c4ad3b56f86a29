import QtQuick
import "../style"

// The bar that never moves. In a visit: finish on the left, time and hotline on the right. Between visits: how this citizen
// wants it.
Rectangle {
    id: footer

    property var words: ({})
    property bool waiting: false        // between visits
    property bool canFinish: false
    property bool cardIn: false
    property real idleSeconds: -1
    property string otherLanguage

    signal finish
    signal prefer(string wish)

    readonly property alias finishButton: finishPill

    function restartTime(): void {
        time.restart();
    }

    implicitHeight: Theme.target + Theme.gapS * 2
    color: Theme.colour.surface

    Rectangle {
        width: parent.width
        height: Theme.hair
        color: Theme.colour.line
    }
    Pill {
        id: finishPill
        visible: !footer.waiting && footer.canFinish
        x: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        icon: "exit"
        text: (footer.cardIn ? footer.words.finish_take_card : footer.words.finish) ?? ""
        objectName: "finish"
        onChosen: footer.finish()
    }
    Row {
        visible: footer.waiting
        x: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.gapTarget

        Pill {
            icon: Theme.landscape || !Theme.large ? "letter" : ""
            text: (Theme.large ? footer.words.normal_size : footer.words.large) ?? ""
            objectName: "prefer:size"
            onChosen: footer.prefer(Theme.large ? "size:normal" : "size:large")
        }
        Pill {
            visible: footer.otherLanguage !== ""
            icon: Theme.landscape || !Theme.large ? "globe" : ""
            text: footer.words.other_language ?? ""
            objectName: "prefer:language"
            onChosen: footer.prefer("language:" + footer.otherLanguage)
        }
        Pill {
            icon: Theme.landscape || !Theme.large ? "contrast" : ""
            text: (Theme.highContrast ? footer.words.normal_contrast : footer.words.high_contrast) ?? ""
            objectName: "prefer:contrast"
            onChosen: footer.prefer(Theme.highContrast ? "contrast:normal" : "contrast:high")
        }
    }
    Row {
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.gapM

        TimeLeft {
            id: time
            anchors.verticalCenter: parent.verticalCenter
            seconds: footer.idleSeconds
            lead: footer.words.time_left ?? ""
            unit: footer.words.seconds ?? ""
        }
        Row {
            visible: !footer.waiting || Theme.landscape
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.gapXs

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: "call"
                size: Theme.textLabel * 1.1
                colour: Theme.colour.inkSoft
            }
            Writing {
                anchors.verticalCenter: parent.verticalCenter
                text: footer.words.hotline ?? ""
                font.pixelSize: Theme.textLabel
                color: Theme.colour.inkSoft
                wrapMode: Text.NoWrap
            }
        }
    }
}
