pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// The bar that never moves. In a visit: finish on the left, time and hotline on the right. Between visits: how this citizen
// wants it, in one quiet row; what is wished for rarely is laid open by its last key where the row has no room for it. For
// one hand it begins on that hand's side.
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
    readonly property bool voiceInBar: speaks && Theme.landscape && !waiting
        && finishLeast + heard.least + Theme.gapM + timeLeast + shortCall <= bar.width
    readonly property bool voiceTight: finishSpace + heard.needed + Theme.gapM + timeLeast + shortCall > bar.width
    readonly property real heardSpace: !voiceTight ? heard.needed : Math.max(heard.least, Math.min(heard.needed,
        bar.width - finishSpace - timeLeast - shortCall - Theme.gapM))

    readonly property real voiceSpace: voiceInBar ? heardSpace + Theme.gapM
                                     : offersVoice ? (voiceWorded ? worded : sign) + Theme.gapTarget : 0
    readonly property bool timeTerse: finishSpace + voiceSpace + timeSpace + shortCall > bar.width
    readonly property bool hotlineWhole: waiting ? wishes.wanted + Theme.gapM + longCall <= bar.width
        : finishSpace + voiceSpace + (time.visible ? time.width + Theme.gapM : 0) + longCall <= bar.width
    readonly property real beside: bar.x + (finishPill.visible ? finishPill.width + Theme.gapM : 0)
    readonly property bool striped: speaks && !voiceInBar && !waiting
    // Large letters need the room: the strip then stands in the air that a page leaves below itself.
    readonly property real lap: striped && Theme.large && !Theme.landscape ? Theme.gapXl * 0.6 : 0
    property string open                // "sound" or "wishes", laid open over the page
    readonly property bool unfolded: open !== ""
    property string place               // name of the screen; another one folds it up

    // Between visits: first the signs give way, then the rare wishes, then the hotline. The wish for low buttons stays in
    // the row as long as it can: whoever needs it should not have to look for it.
    readonly property var often: [speaks ? words.voice_again : canSpeak ? words.voice : "", speaks ? words.voice_sound : "",
                                  sizeText, otherLanguage !== "" ? words.other_language : ""]
    readonly property var rare: [contrastText, offersReach ? reachText : "", handText]
    readonly property string sizeText: words[nextSize === "normal" ? "normal_size" : nextSize] ?? ""
    readonly property string contrastText: (Theme.highContrast ? words.normal_contrast : words.high_contrast) ?? ""
    readonly property string reachText: (Theme.low ? words.reach_full : words.reach_low) ?? ""
    readonly property string handText: words["hand_" + nextHand] ?? ""
    readonly property bool offersReach: Theme.low || Theme.canLower
    readonly property real rowRoom: bar.width - shortCall - Theme.gapM
    readonly property bool allSigned: rowOf([...often, ...rare], true) <= rowRoom
    readonly property bool folds: !allSigned && rowOf([...often, ...rare], false) > rowRoom
    readonly property bool reachNear: offersReach && folds && rowOf([...often, reachText, words.more], false) <= rowRoom
    readonly property var folded: [...often, reachNear ? reachText : "", words.more]
    readonly property bool signed: allSigned || folds && rowOf(folded, true) <= rowRoom

    signal finish
    signal prefer(string wish)
    signal listen(string what)

    readonly property alias finishButton: finishPill

    // How wide pills with these words are, side by side.
    function rowOf(texts: var, withSigns: bool): real {
        const signs = withSigns ? Theme.textLabel * 1.15 + Theme.gapXs * 1.3 : 0;
        return texts.filter(text => (text ?? "") !== "").reduce((sum, text) => sum + Theme.gapTarget
            + Math.ceil(Math.max(Theme.target * 1.5, letters.advanceWidth(text) + 1 + signs + Theme.gapM * 2)), -Theme.gapTarget);
    }

    function fold(): void {
        const was = open;
        open = "";
        if (was === "wishes") {
            moreWish.forceActiveFocus();
        } else if (was !== "" && waiting) {
            soundWish.forceActiveFocus();
        } else if (was !== "") {
            heard.takeFocus();
        }
    }

    function wishRarely(wish: string): void {
        fold();
        prefer(wish);
    }

    function turn(what: string): void {
        if (open === what) {
            fold();
        } else {
            open = what;
            if (what === "sound") {
                sounds.takeFocus();
            } else {
                laidOpen.first.forceActiveFocus();
            }
        }
    }

    function restartTime(): void {
        time.restart();
    }

    readonly property bool fromRight: Theme.hand === "both" ? Theme.mirrored : Theme.hand === "right"
    readonly property bool turned: fromRight !== Theme.mirrored     // against the line of reading
    readonly property var sizes: ["normal", "large", "xlarge"]
    readonly property string nextSize: sizes[(sizes.indexOf(Theme.size) + 1) % sizes.length]
    readonly property var hands: ["both", "left", "right"]
    readonly property string nextHand: hands[(hands.indexOf(Theme.hand) + 1) % hands.length]

    onPlaceChanged: open = ""
    onSpeaksChanged: open = ""
    onFoldsChanged: open = ""

    implicitHeight: bar.height + Theme.gapS * 2 + (offersLarge ? offer.height : 0) + (striped ? heard.height - lap : 0)
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
    // Wherever else it is touched, it is folded up.
    MouseArea {
        visible: footer.unfolded
        y: -height
        width: parent.width
        height: Theme.heightPx
        onClicked: footer.fold()
    }
    SoundPanel {
        id: sounds
        visible: footer.open === "sound" && footer.speaks
        y: -height - footer.lap
        width: parent.width
        height: implicitHeight
        words: footer.words
        volume: footer.volume
        rate: footer.rate
        onPrefer: wish => footer.prefer(wish)
    }
    Rectangle {
        id: seldom

        visible: footer.open === "wishes"
        y: -height
        width: parent.width
        height: laidOpen.height + Theme.gapM * 2
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
        RareWishes {
            id: laidOpen
            x: Theme.margin
            y: Theme.gapM
            width: parent.width - x * 2
            layoutDirection: footer.turned ? Qt.RightToLeft : Qt.LeftToRight
            withSigns: true
        }
    }
    VoicePanel {
        id: heard
        visible: footer.speaks && !footer.waiting
        bare: footer.voiceInBar
        x: !bare ? 0 : footer.fromRight ? parent.width - footer.beside - width : footer.beside
        y: bare ? bar.y + (bar.height - height) / 2 : (footer.lap > 0 ? -footer.lap : Theme.hair) + (footer.offersLarge ? offer.height : 0)
        width: bare ? footer.heardSpace : parent.width
        words: footer.words
        readsOut: footer.canReadOut
        unfolded: footer.open === "sound"
        turned: footer.turned
        giving: footer.giving
        tight: bare ? footer.voiceTight : needed > width - Theme.margin * 2
        onListen: what => footer.listen(what)
        onUnfold: footer.turn("sound")
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
        x: footer.fromRight ? bar.x + bar.width - width : bar.x
        anchors.verticalCenter: bar.verticalCenter
        // A long language gives way a little, so that what stands beside it keeps its place.
        width: Math.min(implicitWidth, bar.width - aside.width - Theme.gapM - footer.voiceSpace)
        icon: "exit"
        text: (footer.cardIn ? footer.words.finish_take_card : footer.words.finish) ?? ""
        objectName: "finish"
        onChosen: footer.finish()
    }
    component Wish: Pill {
        property string sign
        property bool withSign: footer.signed

        icon: withSign ? sign : ""
        readonly property real said: implicitWidth <= Theme.target * 1.5 + 1 ? 0 : implicitWidth - (icon === "" ? 0 : Theme.textLabel * 1.15) - Theme.gapM * 2

        width: Math.floor(implicitWidth - said * wishes.give)
        // Two rows of them take much of a wide panel.
        height: Theme.landscape && wishes.wraps ? Math.max(Theme.target * 0.88, Theme.reach(0)) : Theme.target
    }
    component ReachWish: Wish {
        sign: Theme.low ? "up" : "down"
        text: footer.reachText
        objectName: "prefer:reach"
        onChosen: footer.wishRarely(Theme.low ? "reach:full" : "reach:low")
    }
    component RareWishes: Flow {
        id: rarely
        property bool withSigns: footer.signed
        readonly property Item first: contrast

        spacing: Theme.gapTarget

        Wish {
            id: contrast
            withSign: rarely.withSigns
            sign: "contrast"
            text: footer.contrastText
            objectName: "prefer:contrast"
            onChosen: footer.wishRarely(Theme.highContrast ? "contrast:normal" : "contrast:high")
        }
        ReachWish {
            visible: footer.offersReach && !footer.reachNear
            withSign: rarely.withSigns
        }
        Wish {
            withSign: rarely.withSigns
            sign: "hand"
            text: footer.handText
            objectName: "prefer:hand"
            onChosen: footer.wishRarely("hand:" + footer.nextHand)
        }
    }
    FontMetrics {
        id: letters
        font: longVoice.font
    }
    Flow {
        id: wishes
        visible: footer.waiting
        x: footer.fromRight ? bar.x + bar.width - width : bar.x
        anchors.bottom: bar.bottom
        layoutDirection: footer.turned ? Qt.RightToLeft : Qt.LeftToRight
        width: bar.width - (aside.visible ? aside.width + Theme.gapM : 0)
        spacing: Theme.gapTarget

        readonly property real wanted: footer.rowOf(footer.folds ? footer.folded : [...footer.often, ...footer.rare], footer.signed)
        // A little too much for one row: each gives a little.
        readonly property real said: {
            let sum = 0;
            for (const wish of [voiceWish, againWish, soundWish, sizeWish, languageWish, nearReach, moreWish]) {
                sum += wish.visible ? wish.said : 0;
            }
            return sum;
        }
        readonly property real least: wanted - said * footer.giving
        readonly property bool squeezed: wanted > width && least <= width
        readonly property real give: squeezed ? Math.min(footer.giving, (wanted - width + 6) / Math.max(1, said)) : 0
        readonly property bool wraps: wanted > width && !squeezed

        Wish {
            id: voiceWish
            visible: footer.canSpeak && !footer.speaks
            sign: "speaker"
            text: footer.words.voice ?? ""
            objectName: "prefer:speech"
            onChosen: footer.prefer("speech:on")
        }
        Wish {
            id: againWish
            visible: footer.speaks
            sign: "again"
            text: footer.words.voice_again ?? ""
            objectName: "listen:again"
            onChosen: footer.listen("again")
        }
        Wish {
            id: soundWish
            visible: footer.speaks
            sign: footer.open === "sound" ? "down" : "up"
            text: footer.words.voice_sound ?? ""
            objectName: "voice:sound"
            onChosen: footer.turn("sound")
        }
        Wish {
            id: sizeWish
            sign: "letter"
            text: footer.sizeText
            objectName: "prefer:size"
            onChosen: footer.prefer("size:" + footer.nextSize)
        }
        Wish {
            id: languageWish
            visible: footer.otherLanguage !== ""
            sign: "globe"
            text: footer.words.other_language ?? ""
            objectName: "prefer:language"
            onChosen: footer.prefer("language:" + footer.otherLanguage)
        }
        ReachWish {
            id: nearReach
            visible: footer.reachNear
        }
        RareWishes {
            visible: !footer.folds
            layoutDirection: wishes.layoutDirection
        }
        Wish {
            id: moreWish
            visible: footer.folds
            sign: footer.open === "wishes" ? "down" : "up"
            text: footer.words.more ?? ""
            objectName: "wishes:more"
            onChosen: footer.turn("wishes")
        }
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
        visible: !footer.waiting || wishes.least <= footer.rowRoom
        x: footer.fromRight ? bar.x : bar.x + bar.width - width
        anchors.verticalCenter: bar.verticalCenter
        spacing: Theme.gapM

        TimeLeft {
            id: time
            anchors.verticalCenter: parent.verticalCenter
            seconds: footer.idleSeconds
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
