pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// The bar that never moves. In a visit: finish on the left, time and hotline on the right. Between visits: how this citizen
// wants it, and the hotline. For one hand it begins on that hand's side.
Rectangle {
    id: footer

    property var words: ({})
    property bool waiting: false        // between visits
    property bool canFinish: false
    property bool cardIn: false
    property real idleSeconds: -1
    property string otherLanguage
    property bool offersLarge: false
    property bool anotherWaits: false   // with the next card in: the time runs on, and is seen
    property bool canSpeak: false       // there is a voice
    property bool canReadOut: false     // and something of the citizen's own to be said on request
    property string speech: "off"
    property string volume: "normal"
    property string rate: "normal"
    readonly property bool speaks: canSpeak && speech === "on"
    readonly property string hotline: words.hotline ?? ""
    // Too little room for its word: the number says it with its sign.
    readonly property string number: hotline.split(" ").find(part => /\d/.test(part)) ?? hotline

    // In a visit one thing after the other gives way: the hotline's word, the voice's signs, the time's words.
    readonly property real call: Theme.textLabel * 1.1 + Theme.gapXs
    readonly property real finishSpace: finishPill.visible ? finishPill.implicitWidth + Theme.gapM : 0
    // By what part words may be set smaller before they fall below what may be read.
    readonly property real giving: Math.max(0, Math.min(0.22, 1 - (Theme.letters(0) + 1) / Theme.textLabel))
    readonly property real finishLeast: finishPill.visible ? finishSpace - finishWords.implicitWidth * giving : 0
    readonly property real timeSpace: idleSeconds > 0 ? time.full + Theme.gapM : 0
    readonly property real timeLeast: idleSeconds > 0 ? time.least + Theme.gapM : 0
    readonly property real longCall: call + longHotline.implicitWidth
    readonly property real shortCall: call + shortHotline.implicitWidth

    readonly property bool offersVoice: canSpeak && !speaks && !waiting
    readonly property real sign: Theme.target * 1.1
    readonly property real worded: Math.ceil(longVoice.implicitWidth + Theme.textLabel * 1.15 + Theme.gapXs * 1.3 + Theme.gapM * 2)
    readonly property bool voiceWorded: finishSpace + worded + Theme.gapTarget + timeSpace + shortCall <= bar.width

    // A wide panel has room for the voice between finish and hotline.
    readonly property bool voiceInBar: heard !== null && Theme.landscape && !waiting
        && finishLeast + heard.least + Theme.gapM + timeLeast + shortCall <= bar.width
    readonly property bool voiceTight: heard !== null && finishSpace + heard.needed + Theme.gapM + timeLeast + shortCall > bar.width
    readonly property real heardSpace: heard === null ? 0 : !voiceTight ? heard.needed : Math.max(heard.least, Math.min(heard.needed,
        bar.width - finishSpace - timeLeast - shortCall - Theme.gapM))

    readonly property real voiceSpace: voiceInBar ? heardSpace + Theme.gapM
                                     : offersVoice ? (voiceWorded ? worded : sign) + Theme.gapTarget : 0
    readonly property bool timeTerse: finishSpace + voiceSpace + timeSpace + shortCall > bar.width
    readonly property bool hotlineWhole: finishSpace + voiceSpace + (time.visible ? time.width + Theme.gapM : 0) + longCall <= bar.width
    readonly property real beside: bar.x + (finishPill.visible ? finishPill.width + Theme.gapM : 0)
    readonly property bool striped: heard !== null && !voiceInBar && !waiting
    // Large letters need the room: the strip then stands in the air that a page leaves below itself.
    readonly property real lap: striped && Theme.large && !Theme.landscape ? Theme.gapXl * 0.6 : 0
    property bool unfolded: false       // how it sounds, laid open over the page
    // Made while they are wanted: no more than that is made before the first screen stands.
    readonly property SoundPanel sounds: soundsHold.item as SoundPanel
    readonly property VoicePanel heard: heardHold.item as VoicePanel
    property string place               // name of the screen; another one folds it up

    signal finish
    signal prefer(string wish)
    signal listen(string what)

    readonly property alias finishButton: finishPill

    function fold(): void {
        const was = unfolded;
        unfolded = false;
        if (was && waiting) {
            wishes.soundKey.forceActiveFocus();
        } else if (was) {
            heard?.takeFocus();
        }
    }

    function turnSound(): void {
        if (unfolded) {
            fold();
        } else {
            unfolded = true;
            sounds?.takeFocus();
        }
    }

    function restartTime(): void {
        if (!anotherWaits) {
            time.restart();
        }
    }

    readonly property bool fromRight: Theme.hand === "both" ? Theme.mirrored : Theme.hand === "right"
    readonly property bool turned: fromRight !== Theme.mirrored     // against the line of reading

    onPlaceChanged: unfolded = false
    onSpeaksChanged: unfolded = false

    implicitHeight: bar.height + Theme.gapS * 2 + (offersLarge ? offer.height : 0) + (striped ? heard.height - lap : 0)
    color: Theme.colour.surface

    Rectangle {
        width: parent.width
        height: Theme.hair
        color: Theme.colour.line
    }
    // Asked of whoever is of an age to want it; who does not answer goes on undisturbed.
    Loader {
        id: offer
        active: footer.offersLarge
        y: Theme.hair
        width: parent.width
        sourceComponent: Rectangle {
            implicitHeight: Math.max(question.height, Theme.target) + Theme.gapS * 2
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
    }
    // Wherever else it is touched, it is folded up.
    MouseArea {
        visible: footer.unfolded
        y: -height
        width: parent.width
        height: Theme.heightPx
        onClicked: footer.fold()
    }
    Loader {
        id: soundsHold
        active: footer.unfolded && footer.speaks
        y: -height - footer.lap
        width: parent.width
        sourceComponent: SoundPanel {
            words: footer.words
            volume: footer.volume
            rate: footer.rate
            onPrefer: wish => footer.prefer(wish)
        }
    }
    Loader {
        id: heardHold
        active: footer.speaks && !footer.waiting
        x: !footer.voiceInBar ? 0 : footer.fromRight ? parent.width - footer.beside - width : footer.beside
        y: footer.voiceInBar ? bar.y + (bar.height - height) / 2
                             : (footer.lap > 0 ? -footer.lap : Theme.hair) + (footer.offersLarge ? offer.height : 0)
        width: footer.voiceInBar ? footer.heardSpace : parent.width
        sourceComponent: VoicePanel {
            bare: footer.voiceInBar
            words: footer.words
            readsOut: footer.canReadOut
            unfolded: footer.unfolded
            turned: footer.turned
            giving: footer.giving
            tight: bare ? footer.voiceTight : needed > width - Theme.margin * 2
            onListen: what => footer.listen(what)
            onUnfold: footer.turnSound()
        }
    }
    Item {
        id: bar
        x: Theme.margin
        y: parent.height - Theme.gapS - height
        width: parent.width - Theme.margin * 2
        height: footer.waiting ? wishes.implicitHeight : Math.max(Theme.target, aside.height)
    }
    Pill {
        id: finishPill
        visible: !footer.waiting && footer.canFinish
        x: footer.fromRight ? bar.x + bar.width - width : bar.x
        anchors.verticalCenter: bar.verticalCenter
        // A long language gives way a little, so that what stands beside it keeps its place.
        width: Math.min(implicitWidth, bar.width - aside.width - Theme.gapM - footer.voiceSpace)
        icon: "exit"
        text: (footer.cardIn ? footer.words.finish_take_card : footer.words.finish) ?? ""
        objectName: "finish"
        onChosen: footer.finish()
    }
    WishBar {
        id: wishes
        visible: footer.waiting
        anchors.fill: bar
        layoutDirection: footer.turned ? Qt.RightToLeft : Qt.LeftToRight
        words: footer.words
        hotline: footer.hotline
        number: footer.number
        otherLanguage: footer.otherLanguage
        canSpeak: footer.canSpeak
        speaks: footer.speaks
        soundOpen: footer.unfolded
        onPrefer: wish => footer.prefer(wish)
        onListen: what => footer.listen(what)
        onTurnSound: footer.turnSound()
    }
    Writing {
        id: finishWords
        visible: false
        Accessible.ignored: true
        text: finishPill.text
        font: longVoice.font
        wrapMode: Text.NoWrap
    }
    Writing {
        id: longVoice
        visible: false
        Accessible.ignored: true
        text: footer.words.voice ?? ""
        font.pixelSize: Theme.textLabel
        font.bold: true
        wrapMode: Text.NoWrap
    }
    Writing {
        id: longHotline
        visible: false
        Accessible.ignored: true
        text: footer.hotline
        font: shownHotline.font
        wrapMode: Text.NoWrap
    }
    Writing {
        id: shortHotline
        visible: false
        Accessible.ignored: true
        text: footer.number
        font: shownHotline.font
        wrapMode: Text.NoWrap
    }
    Pill {
        id: voicePill
        visible: footer.offersVoice
        readonly property real after: finishPill.visible ? finishPill.width + Theme.gapTarget : 0
        x: footer.fromRight ? bar.x + bar.width - after - width : bar.x + after
        anchors.verticalCenter: bar.verticalCenter
        width: footer.voiceWorded ? footer.worded : footer.sign
        icon: "speaker"
        text: footer.voiceWorded ? name : ""
        name: footer.words.voice ?? ""
        objectName: "prefer:speech_here"
        onChosen: footer.prefer("speech:on")
    }
    Row {
        id: aside
        visible: !footer.waiting
        x: footer.fromRight ? bar.x : bar.x + bar.width - width
        anchors.verticalCenter: bar.verticalCenter
        spacing: Theme.gapM

        TimeLeft {
            id: time
            anchors.verticalCenter: parent.verticalCenter
            seconds: footer.idleSeconds
            always: footer.anotherWaits
            terse: footer.timeTerse
            ringed: footer.finishLeast + footer.voiceSpace + footer.timeLeast + footer.shortCall <= bar.width
            lead: footer.words.time_left ?? ""
            unit: footer.words.seconds ?? ""
        }
        Row {
            visible: footer.hotline !== ""
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.gapXs

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: "call"
                size: Theme.textLabel * 1.1
                colour: Theme.colour.inkSoft
            }
            Writing {
                id: shownHotline
                anchors.verticalCenter: parent.verticalCenter
                text: footer.hotlineWhole ? footer.hotline : footer.number
                font.pixelSize: Theme.textLabel
                color: Theme.colour.inkSoft
                wrapMode: Text.NoWrap
                Accessible.name: footer.hotline
            }
        }
    }
}
