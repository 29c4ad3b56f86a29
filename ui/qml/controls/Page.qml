import QtQuick
import QtQuick.Layouts
import "../style"

// What every screen is built on: the headline and its line of help, a picture of the hand's next move, what there is to
// read or choose, and below it the one act. Portrait: all in one column, the picture takes what is left. Landscape: two
// columns, with the picture, or the body where `bodyBeside`, on the right. Main sets the properties and listens to
// the signals; a page knows nothing of the stage.
FocusScope {
    id: page

    // --- set by Main ---
    property var screen: ({})
    property var words: ({})
    property string previewSource
    property string qrSource
    property bool cardIn: false

    // --- the answers ---
    signal proceed
    signal back
    signal pick(string choice)
    signal key(int position)

    // --- for screens ---
    property string title: words.title ?? ""
    property string help: words.help ?? ""
    property bool attention: false          // the amber sign before the headline
    property bool centred: false
    property Component picture: null
    property bool framed: true              // the picture on its tinted panel
    property bool bodyFills: false          // the body takes all the room
    property bool bodyBeside: false         // landscape: the body on the right
    property bool actsWithBody: false       // landscape: the act below the body, not below the headline
    property real leftShare: bodyBeside ? 0.44 : 0.5
    property bool bodyLow: picture !== null // the body at the bottom, within reach, rather than under the headline
    property Item firstFocus: null
    property bool goesBack: false           // takes Back
    property alias lead: lead.data          // under the line of help
    default property alias body: body.data
    property alias acts: acts.data

    // --- geometry ---
    readonly property bool two: Theme.landscape && (picture !== null || bodyBeside)
    readonly property bool bodyRight: two && bodyBeside
    readonly property bool pictureRight: two && !bodyBeside
    readonly property bool actsRight: bodyRight && actsWithBody
    readonly property bool hasActs: acts.implicitHeight > 0
    readonly property bool hasBody: body.implicitHeight > 0
    readonly property real columnGap: Theme.gapXl * 1.6
    readonly property real leftWidth: two ? Math.round((width - 2 * Theme.margin - columnGap) * leftShare)
                                          : width - 2 * Theme.margin
    readonly property real rightX: Theme.margin + leftWidth + columnGap
    readonly property real rightWidth: width - rightX - Theme.margin
    readonly property real bodyX: bodyRight ? rightX : Theme.margin
    readonly property real bodyWidth: bodyRight ? rightWidth : leftWidth
    readonly property real topEdge: Theme.landscape ? Theme.gapL : Theme.gapXl
    readonly property real bottomEdge: height - (Theme.landscape ? Theme.gapL : Theme.gapXl)
    readonly property real headBottom: head.y + head.height
    readonly property real actsTop: bottomEdge - (hasActs ? acts.implicitHeight : 0)
    readonly property real aboveActs: hasActs ? actsTop - Theme.gapL : bottomEdge
    readonly property real bodyTop: bodyRight ? topEdge : headBottom + Theme.gapL
    readonly property real bodyBottom: bodyRight && !actsRight ? bottomEdge : aboveActs
    readonly property real bodyRoom: Math.max(1, bodyBottom - bodyTop)
    // A body that is too tall for a small panel is drawn smaller as a whole: nothing is cut off, nothing hides.
    readonly property real squeeze: bodyFills ? 1 : Math.min(1, bodyRoom / Math.max(1, body.implicitHeight))
    readonly property real bodyHeight: bodyFills ? bodyRoom : body.implicitHeight * squeeze
    readonly property real bodyY: bodyFills ? bodyTop
                                : bodyRight ? bodyTop + (bodyRoom - bodyHeight) / 2
                                : bodyLow ? bodyBottom - bodyHeight : bodyTop
    readonly property real pictureTop: pictureRight ? topEdge : headBottom + Theme.gapL
    readonly property real pictureBottom: pictureRight ? bottomEdge
                                        : bodyRight ? (actsRight ? bottomEdge : aboveActs)
                                        : hasBody ? bodyY - Theme.gapL : aboveActs
    readonly property real pictureRoom: pictureBottom - pictureTop

    function takeFocus(): void {
        if (firstFocus !== null && firstFocus.visible && firstFocus.enabled) {
            firstFocus.forceActiveFocus();
        } else {
            page.forceActiveFocus();
        }
    }

    Column {
        id: head
        x: Theme.margin
        y: page.topEdge
        width: page.leftWidth
        spacing: Theme.gapS

        Badge {
            // A wide panel has no room for it above large words.
            visible: page.attention && !(Theme.landscape && Theme.large)
            icon: "attention"
            tone: "turn"
            size: Theme.badge * 0.9
            x: page.centred ? (parent.width - width) / 2 : 0
        }
        Headline {
            width: parent.width
            text: page.title
            centred: page.centred
        }
        Even {
            width: parent.width
            text: page.help
            colour: Theme.colour.inkSoft
            centred: page.centred
        }
        ColumnLayout {
            id: lead
            width: parent.width
            visible: implicitHeight > 0
            spacing: Theme.gapTarget
        }
    }

    Loader {
        id: pictureHold
        x: page.pictureRight ? page.rightX : Theme.margin
        y: page.pictureTop
        z: -1
        width: page.pictureRight ? page.rightWidth : page.leftWidth
        height: Math.max(0, page.pictureRoom)
        active: page.picture !== null
        // Too little room for a picture is room for air.
        visible: active && height > Theme.px(80)
        sourceComponent: page.picture

        Rectangle {
            anchors.fill: parent
            z: -1
            visible: page.framed
            radius: Theme.radius
            color: Theme.colour.tint
        }
    }
    ColumnLayout {
        id: body
        x: page.bodyX
        y: page.bodyY
        width: page.bodyWidth
        height: page.bodyFills ? page.bodyRoom : implicitHeight
        scale: page.squeeze
        transformOrigin: Item.Top
        spacing: Theme.gapTarget
    }
    ColumnLayout {
        id: acts
        x: page.actsRight ? page.rightX : Theme.margin
        y: page.actsTop
        width: page.actsRight ? page.rightWidth : page.leftWidth
        spacing: Theme.gapTarget
    }
}
