pragma ComponentBehavior: Bound

import QtQuick
import "../style"

// Where screens come and go. The same screen with other values stays and is told; another one comes in from where the
// step bar goes while the old one gives way. An answer is worth something only when nothing moves.
Item {
    id: pages

    required property var stage

    property int serial: -1             // of the scene that stands here
    property string name
    property Page current: null
    property int step: 0
    readonly property bool moving: glide.running
    readonly property bool goesBack: current !== null && current.goesBack

    signal proceed
    signal back
    signal pick(string choice)
    signal key(int position)
    signal shown

    function show(): void {
        const wanted = stage.screenName ?? "";
        if (wanted === "") {
            return;
        }
        const fresh = stage.serial !== serial;
        if (wanted === name && current !== null) {
            tell(current);
        } else {
            replace(wanted);
        }
        step = stage.step ?? 0;
        serial = stage.serial;      // last: whoever waits for this scene finds its page standing or on its way
        if (fresh) {
            shown();
        }
    }

    function tell(page: Page): void {
        page.screen = stage.screen;
        page.words = stage.words;
        page.cardIn = stage.cardIn === true;
        page.qrSource = stage.qrSource ?? "";
        page.previewSource = stage.previewSource ?? "";
    }

    function replace(wanted: string): void {
        glide.complete();
        const comes = first.sourceComponent === null && first.source.toString() === "" ? first : second;
        const goes = comes === first ? second : first;
        comes.setSource(Qt.resolvedUrl("../screens/" + wanted + ".qml"), {
            screen: stage.screen,
            words: stage.words,
            cardIn: stage.cardIn === true,
            qrSource: stage.qrSource ?? "",
            previewSource: stage.previewSource ?? ""
        });
        const page = comes.item as Page;
        if (page === null) {
            comes.source = "";      // Qt has said why; what stands there goes on standing
            return;
        }
        name = wanted;
        current = page;
        page.proceed.connect(pages.proceed);
        page.back.connect(pages.back);
        page.pick.connect(pages.pick);
        page.key.connect(pages.key);
        const backwards = (stage.step ?? 0) < step;
        if (Theme.glide > 0 && goes.item !== null && Window.visibility !== Window.Hidden) {
            glide.comes = comes;
            glide.goes = goes;
            glide.way = backwards ? -1 : 1;
            comes.opacity = 0;
            glide.start();
        } else {
            comes.opacity = 1;
            goes.source = "";
        }
        takeFocus();
    }

    function takeFocus(): void {
        if (current !== null) {
            current.takeFocus();
        }
    }

    Component.onCompleted: show()

    Connections {
        target: pages.stage
        ignoreUnknownSignals: true
        function onScreenNameChanged(): void { Qt.callLater(pages.show); }
        function onScreenChanged(): void { Qt.callLater(pages.show); }
        function onWordsChanged(): void { Qt.callLater(pages.show); }
        function onSerialChanged(): void { Qt.callLater(pages.show); }
        function onQrSourceChanged(): void { Qt.callLater(pages.show); }
        function onPreviewSourceChanged(): void {
            if (pages.current !== null && pages.name === pages.stage.screenName) {
                pages.current.previewSource = pages.stage.previewSource ?? "";
            }
        }
    }

    Loader {
        id: first
        objectName: "page"
        x: glide.comes === first ? Math.round(glide.shift) : 0
        width: pages.width
        height: pages.height
    }
    Loader {
        id: second
        objectName: "page"
        x: glide.comes === second ? Math.round(glide.shift) : 0
        width: pages.width
        height: pages.height
    }

    // Over both of them: what fades on a painted ground may as well fade into its colour. Where the processor paints,
    // that costs a third of drawing each letter of the page half transparent.
    Rectangle {
        id: mist
        anchors.fill: parent
        visible: glide.running
        color: Theme.colour.paper
        opacity: 0
    }

    // First the old one goes, then the new one comes: two headlines are never read through one another, and no frame has
    // to hold two pages.
    SequentialAnimation {
        id: glide

        property Loader comes: first
        property Loader goes: second
        property int way: 1
        property real shift: 0      // whole pixels on the glass: letters between two would be drawn anew in every frame

        onFinished: {
            goes.source = "";
            goes.opacity = 1;
        }

        NumberAnimation {
            target: mist
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.glide * 0.35
            easing.type: Easing.OutQuad
        }
        PropertyAction { target: glide.goes; property: "opacity"; value: 0 }
        PropertyAction { target: glide.comes; property: "opacity"; value: 1 }
        ParallelAnimation {
            NumberAnimation {
                target: glide
                property: "shift"
                from: glide.way * Theme.px(40) * (Theme.mirrored ? -1 : 1)
                to: 0
                duration: Theme.glide * 0.65
                easing.type: Easing.OutCubic
            }
            NumberAnimation {
                target: mist
                property: "opacity"
                from: 1
                to: 0
                duration: Theme.glide * 0.65
                easing.type: Easing.OutCubic
            }
        }
    }
}
