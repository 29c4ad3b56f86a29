import QtQuick
import QtQuick.Layouts
import "../style"

// What every screen is built on: the headline and its line of help, a picture of the hand's next move, what there is to
// read or choose, and below it the one act. Portrait: all in one column, the picture takes what is left. Landscape: two
// columns, with the picture, or the body where `bodyBeside`, on the right; turned round for a hand that comes from the
// other side and for a language that runs leftwards. Main sets the properties and listens to
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
    property Component picture: null
    property bool framed: true              // the picture on its tinted panel
    property bool bodyFills: false          // the body takes all the room
    property bool bodyBeside: false         // landscape: the body on the right
    property bool actsWithBody: false       // landscape: the act below the body, not below the headline
    property real leftShare: bodyBeside ? 0.44 : 0.5
    property bool bodyTouched: true         // there is something to touch in the body
    property bool bodyAdapts: false         // the body takes the room it is given rather than asking for some
    property real bodyLeast: 0              // of such a body: below that the headline gives way
    property bool bodyHanded: false         // the body comes nearer to the hand, and the act with it: keys to type on
    property bool bodyLow: picture !== null || Theme.low // the body at the bottom, within reach, rather than under the headline
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
    // The column with the act, or with the choices where there is none, is the one on the side of the hand.
    readonly property bool workRight: hasActs ? actsRight : bodyRight
    readonly property bool swapped: (two && (Theme.hand === "left" ? workRight : Theme.hand === "right" && !workRight))
                                    !== Theme.mirrored
    // Standing upright everything is as wide as the panel; keys to type on then have the part nearer to the hand.
    readonly property real handed: two || !bodyHanded || Theme.hand === "both" ? 1 : Theme.xlarge ? 0.9 : 0.82
    readonly property real rightX: Theme.margin + leftWidth + columnGap
    readonly property real rightWidth: width - rightX - Theme.margin
    readonly property real bodyX: bodyRight ? rightX : Theme.margin
    readonly property real bodyWidth: bodyRight ? rightWidth : leftWidth
    // Large letters take their room from the air first.
    readonly property real air: !Theme.large || !Theme.landscape && !Theme.xlarge ? Theme.gapL
                              : Theme.landscape && Theme.xlarge ? Theme.gapS * 1.2 : Theme.gapM
    readonly property real headGap: Theme.landscape && Theme.xlarge ? Theme.gapS : Theme.gapL
    readonly property real edge: Theme.landscape ? air : Theme.xlarge ? Theme.gapL : Theme.gapXl
    readonly property real topEdge: edge
    readonly property real bottomEdge: height - edge
    // Words longer than they were thought: the headline with its help gives way first, it is the largest on the page.
    readonly property bool bodyBelow: hasBody && !bodyRight
    readonly property real headSpace: (two && bodyRight && actsRight ? bottomEdge : aboveActs) - topEdge
    readonly property real headRoom: !bodyBelow ? headSpace
        : bodyAdapts || bodyFills ? Math.max(headSpace * 0.4, Math.min(headSpace * 0.62, headSpace - bodyLeast - headGap))
        : Math.max(headSpace * 0.62, headSpace - body.implicitHeight - headGap)
    // Then it gives up what a larger size gave it and some air; drawn smaller as a whole it is last.
    readonly property bool headTight: fullTitle.implicitHeight + fullHelp.implicitHeight
        + lead.implicitHeight + Theme.gapS * 3
        > (!bodyBelow || bodyAdapts || bodyFills ? headRoom : headSpace - body.implicitHeight - headGap)
    readonly property real headBottom: head.y + head.height * head.scale
    readonly property real actsTop: bottomEdge - (hasActs ? acts.implicitHeight : 0)
    readonly property real aboveActs: hasActs ? actsTop - air : bottomEdge
    readonly property real bodyTop: Math.max(bodyRight ? topEdge : headBottom + headGap,
                                             bodyTouched ? Theme.reachLine : 0)
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

    // Where something of width `wide` stands that stands at `left` when nothing is turned round.
    function sided(left: real, wide: real): real {
        return swapped ? width - left - wide : left;
    }

    // The same for what is narrower than its column because of the hand.
    function nearHand(left: real, wide: real): real {
        return sided(left, wide) + (handed < 1 && Theme.hand === "right" ? wide * (1 - handed) : 0);
    }

    function takeFocus(): void {
        if (firstFocus !== null && firstFocus.visible && firstFocus.enabled) {
            firstFocus.forceActiveFocus();
        } else {
            page.forceActiveFocus();
        }
    }

    Column {
        id: head
        x: page.sided(Theme.margin, width)
        y: page.topEdge
        width: page.leftWidth
        scale: Math.min(1, page.headRoom / Math.max(1, height))
        transformOrigin: Theme.mirrored ? Item.TopRight : Item.TopLeft
        spacing: page.headTight ? Theme.gapXs * 0.4 : Theme.gapS

        Item {
            width: parent.width
            height: headline.height

            // In line with the first line of the headline, on the side where it begins.
            Badge {
                id: sign
                visible: page.attention
                icon: "attention"
                tone: "turn"
                size: Theme.textTitle * 1.1
                x: Theme.mirrored ? parent.width - width : 0
                y: Theme.textTitle * 0.15
            }
            Headline {
                id: headline
                readonly property real begin: page.attention ? sign.width + Theme.gapS * 1.3 : 0
                x: Theme.mirrored ? 0 : begin
                width: parent.width - begin
                text: page.title
                pixelSize: page.headTight ? Theme.leastTitle : Theme.textTitle
            }
        }
        Even {
            width: parent.width
            text: page.help
            pixelSize: page.headTight ? Theme.leastBody : Theme.textBody
            giving: Theme.giving
            colour: Theme.colour.inkSoft
        }
        ColumnLayout {
            id: lead
            width: parent.width
            spacing: Theme.gapTarget
        }
    }

    Item {
        visible: false
        width: head.width

        Headline {
            id: fullTitle
            width: parent.width - headline.begin
            text: page.title
        }
        Even {
            id: fullHelp
            width: parent.width
            text: page.help
            giving: Theme.giving
        }
    }
    Loader {
        id: pictureHold
        x: page.sided(page.pictureRight ? page.rightX : Theme.margin, width)
        y: page.pictureTop
        z: -1
        // A card goes into the slot the same way in every language.
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true
        width: page.pictureRight ? page.rightWidth : page.leftWidth
        height: Math.max(0, page.pictureRoom)
        active: page.picture !== null
        // Too little room for a picture is room for air.
        visible: active && height > Theme.px(!Theme.xlarge ? 60 : page.framed ? 46 : 36)
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
        x: page.nearHand(page.bodyX, page.bodyWidth)
        y: page.bodyY
        width: page.bodyWidth * page.handed
        height: page.bodyFills ? page.bodyRoom : implicitHeight
        scale: page.squeeze
        transformOrigin: Item.Top
        spacing: Theme.xlarge && !page.bodyTouched ? Math.max(Theme.gapS, Theme.leastApart) : Theme.gapTarget
    }
    ColumnLayout {
        id: acts
        readonly property real room: page.actsRight ? page.rightWidth : page.leftWidth
        x: page.nearHand(page.actsRight ? page.rightX : Theme.margin, room)
        y: page.actsTop
        width: room * page.handed
        spacing: Theme.gapTarget
    }
}
