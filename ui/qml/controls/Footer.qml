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
    property bool offersLarge: false
    readonly property bool signed: !Theme.large || (Theme.landscape && !Theme.xlarge)    // room for signs

    signal finish
    signal prefer(string wish)

    readonly property alias finishButton: finishPill

    function restartTime(): void {
        time.restart();
    }

    readonly property var sizes: ["normal", "large", "xlarge"]
    readonly property string nextSize: sizes[(sizes.indexOf(Theme.size) + 1) % sizes.length]
    readonly property var hands: ["both", "left", "right"]
    readonly property string nextHand: hands[(hands.indexOf(Theme.hand) + 1) % hands.length]

    implicitHeight: bar.height + Theme.gapS * 2 + (offersLarge ? offer.height : 0)
    color: Theme.colour.surface

    Rectangle {
        width: parent.width
        height: Theme.hair
        color: Theme.colour.line
    }
    // Asked of whoever is of an age to want it; who does not answer goes on undisturbed.
    Rectangle {
        id: offer
        visible: footer.offersLarge
        y: Theme.hair
        width: parent.width
        height: Math.max(question.height, Theme.target) + Theme.gapS * 2
        color: Theme.colour.tint

        Writing {
            id: question
            anchors.left: parent.left
            anchors.leftMargin: Theme.margin
            anchors.right: answers.left
            anchors.rightMargin: Theme.gapS
            anchors.verticalCenter: parent.verticalCenter
            text: footer.words.offer_large ?? ""
            font.bold: true
            lineHeight: Theme.titleLineHeight
        }
        Row {
            id: answers
            anchors.right: parent.right
            anchors.rightMargin: Theme.margin
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.gapTarget

            Pill {
                text: footer.words.offer_decline ?? ""
                objectName: "prefer:keep_size"
                onChosen: footer.prefer("size:normal")
            }
            Pill {
                icon: "letter"
                text: footer.words.offer_accept ?? ""
                objectName: "prefer:large"
                onChosen: footer.prefer("size:large")
            }
        }
    }
    Item {
        id: bar
        x: Theme.margin
        y: parent.height - Theme.gapS - height
        width: parent.width - Theme.margin * 2
        height: Math.max(footer.waiting ? wishes.height : Theme.target, aside.visible ? aside.height : 0)
    }
    Pill {
        id: finishPill
        visible: !footer.waiting && footer.canFinish
        anchors.left: bar.left
        anchors.verticalCenter: bar.verticalCenter
        // A long language gives way a little, so that the hotline keeps its place.
        width: Math.min(implicitWidth, bar.width * 0.62)
        icon: "exit"
        text: (footer.cardIn ? footer.words.finish_take_card : footer.words.finish) ?? ""
        objectName: "finish"
        onChosen: footer.finish()
    }
    Flow {
        id: wishes
        visible: footer.waiting
        anchors.left: bar.left
        anchors.bottom: bar.bottom
        width: bar.width - (aside.visible ? aside.width + Theme.gapM : 0)
        spacing: Theme.gapTarget

        Pill {
            icon: footer.signed ? "letter" : ""
            text: footer.words[footer.nextSize === "normal" ? "normal_size" : footer.nextSize] ?? ""
            objectName: "prefer:size"
            onChosen: footer.prefer("size:" + footer.nextSize)
        }
        Pill {
            icon: footer.signed ? "contrast" : ""
            text: (Theme.highContrast ? footer.words.normal_contrast : footer.words.high_contrast) ?? ""
            objectName: "prefer:contrast"
            onChosen: footer.prefer(Theme.highContrast ? "contrast:normal" : "contrast:high")
        }
        Pill {
            visible: footer.otherLanguage !== ""
            icon: footer.signed ? "globe" : ""
            text: footer.words.other_language ?? ""
            objectName: "prefer:language"
            onChosen: footer.prefer("language:" + footer.otherLanguage)
        }
        Pill {
            visible: Theme.low || Theme.canLower
            icon: footer.signed ? (Theme.low ? "up" : "down") : ""
            text: (Theme.low ? footer.words.reach_full : footer.words.reach_low) ?? ""
            objectName: "prefer:reach"
            onChosen: footer.prefer(Theme.low ? "reach:full" : "reach:low")
        }
        Pill {
            icon: footer.signed ? "hand" : ""
            text: footer.words["hand_" + footer.nextHand] ?? ""
            objectName: "prefer:hand"
            onChosen: footer.prefer("hand:" + footer.nextHand)
        }
    }
    Row {
        id: aside
        visible: !footer.waiting || Theme.landscape
        anchors.right: bar.right
        anchors.verticalCenter: bar.verticalCenter
        spacing: Theme.gapM

        TimeLeft {
            id: time
            anchors.verticalCenter: parent.verticalCenter
            seconds: footer.idleSeconds
            lead: footer.words.time_left ?? ""
            unit: footer.words.seconds ?? ""
        }
        Row {
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.gapXs

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: "call"
                size: Theme.textLabel * 1.1
                colour: Theme.colour.inkSoft
            }
            Writing {
                // Where a long language leaves too little room, the number stands below its word.
                width: Math.min(implicitWidth, Math.max(Theme.target, footer.waiting ? implicitWidth
                                : bar.width - (finishPill.visible ? finishPill.width : 0)
                                  - (time.visible ? time.width + aside.spacing : 0) - Theme.textLabel * 1.1 - Theme.gapM * 2))
                anchors.verticalCenter: parent.verticalCenter
                text: footer.words.hotline ?? ""
                font.pixelSize: Theme.textLabel
                color: Theme.colour.inkSoft
            }
        }
    }
}
