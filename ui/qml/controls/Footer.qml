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
    property bool canSpeak: false       // there is a voice
    property bool canReadOut: false     // and something of the citizen's own to be said on request
    property string speech: "off"
    property string volume: "normal"
    property string rate: "normal"
    readonly property bool speaks: canSpeak && speech === "on"
    readonly property string hotline: words.hotline ?? ""
    readonly property real leastHotline: Math.ceil(longest.advanceWidth) + Theme.hair
    // What stands in the bar beside the finish key and the hotline's words.
    readonly property real besideFinish: (voicePill.visible ? voicePill.width + Theme.gapTarget : 0)
                                         + (time.visible ? time.width + aside.spacing : 0)
                                         + Theme.textLabel * 1.1 + Theme.gapM * 2
    // A wide panel has room for it between finish and hotline.
    readonly property real beside: voicePill.x + voicePill.width + Theme.gapTarget
    readonly property real between: bar.x + bar.width - aside.width - Theme.gapM - beside
    // Larger letters leave no room for it: it is folded behind its key, and lies over the page while it is wanted.
    readonly property bool folded: speaks && Theme.large && !voiceInBar
    property bool unfolded: false
    property string place               // name of the screen; another one folds it up
    readonly property bool voiceInBar: speaks && Theme.landscape && !waiting && heard.needed <= between
    readonly property bool signed: !Theme.large || (Theme.landscape && !Theme.xlarge)    // room for signs

    signal finish
    signal prefer(string wish)
    signal listen(string what)

    readonly property alias finishButton: finishPill

    readonly property string voiceSign: folded ? (unfolded ? "speakerDown" : "speakerUp") : speaks ? "speakerOff" : "speaker"
    readonly property string voiceName: (folded ? words.voice_more : speaks ? words.voice_off : words.voice) ?? ""

    function turnVoice(): void {
        if (folded) {
            unfolded = !unfolded;
        } else {
            prefer(speaks ? "speech:off" : "speech:on");
        }
    }

    function restartTime(): void {
        time.restart();
    }

    readonly property var sizes: ["normal", "large", "xlarge"]
    readonly property string nextSize: sizes[(sizes.indexOf(Theme.size) + 1) % sizes.length]
    readonly property var hands: ["both", "left", "right"]
    readonly property string nextHand: hands[(hands.indexOf(Theme.hand) + 1) % hands.length]

    onPlaceChanged: unfolded = false
    onFoldedChanged: unfolded = false

    implicitHeight: bar.height + Theme.gapS * 2 + (offersLarge ? offer.height : 0) + (speaks && !voiceInBar && !folded ? heard.height : 0)
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
    VoicePanel {
        id: heard
        visible: footer.speaks && (!footer.folded || footer.unfolded)
        bare: footer.voiceInBar
        room: Theme.landscape && !footer.waiting ? footer.between : 0
        x: bare ? footer.beside : 0
        y: bare ? bar.y + (bar.height - height) / 2
         : footer.folded ? -height : Theme.hair + (footer.offersLarge ? offer.height : 0)
        z: 1
        width: bare ? footer.between : parent.width
        words: footer.words
        volume: footer.volume
        rate: footer.rate
        readsOut: footer.canReadOut
        ends: footer.folded
        roomy: footer.waiting && Theme.landscape && !Theme.large
        onPrefer: wish => footer.prefer(wish)
        onListen: what => footer.listen(what)
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
        // A long language gives way a little, so that the hotline keeps its place, and its number stays whole.
        width: Math.min(implicitWidth, bar.width * 0.62, bar.width - footer.besideFinish - footer.leastHotline)
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
            readonly property bool bare: Theme.large    // its sign says enough
            visible: footer.canSpeak
            icon: footer.voiceSign
            text: bare ? "" : name
            name: footer.voiceName
            width: bare ? Theme.target * 1.1 : implicitWidth
            objectName: "prefer:speech"
            onChosen: footer.turnVoice()
        }
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
    TextMetrics {
        id: longest
        font.family: Theme.family
        font.pixelSize: Theme.textLabel
        text: footer.hotline.split(" ").reduce((one, other) => other.length > one.length ? other : one)
    }
    // In a visit there is room for its sign only.
    Pill {
        id: voicePill
        visible: footer.canSpeak && !footer.waiting
        anchors.left: finishPill.visible ? finishPill.right : bar.left
        anchors.leftMargin: finishPill.visible ? Theme.gapTarget : 0
        anchors.verticalCenter: bar.verticalCenter
        width: Theme.target * 1.1
        icon: footer.voiceSign
        name: footer.voiceName
        objectName: "prefer:speech_here"
        onChosen: footer.turnVoice()
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
                width: footer.waiting ? implicitWidth : Math.min(implicitWidth, Math.max(footer.leastHotline,
                       bar.width - footer.besideFinish - (finishPill.visible ? finishPill.width : 0)))
                anchors.verticalCenter: parent.verticalCenter
                text: footer.hotline
                font.pixelSize: Theme.textLabel
                color: Theme.colour.inkSoft
            }
        }
    }
}
