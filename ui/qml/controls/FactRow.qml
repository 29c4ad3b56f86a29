import QtQuick
import "../style"

// One value with its name and a sign in front.
Item {
    id: row

    required property string label
    required property string value
    property string note            // in small letters below the value
    property string icon
    property int pixelSize: Theme.textBody
    property bool bare: false       // without the name: where the sign says enough
    property string tone: "calm"
    property bool last: false
    property bool strong: true

    // Beside its name where the card wants it and what cannot be parted has room there.
    readonly property FactCard card: row.parent?.parent as FactCard
    readonly property real names: card?.names ?? nameWidth
    readonly property real nameWidth: bare ? 0 : Math.ceil(name.implicitWidth)
    readonly property real column: words.width - names - Theme.gapM
    // Beside its name it would take more than two lines: below it there is more room.
    readonly property bool long: visible && !bare && said.longest <= column && said.leastWidth(value, 2) > column
    readonly property real air: Theme.gapS * (card?.airy && !Theme.landscape && !Theme.xlarge ? 0.8 : 0)
                              + Theme.gapS * (Theme.xlarge ? 0.5 : Theme.large ? 0.8 : card?.beside ? 1 : 2.2)
    readonly property bool inline: (card?.beside ?? false) && !bare && said.longest <= column

    implicitHeight: Math.max(words.height, badge.visible ? badge.height : 0) + air
    visible: value !== ""

    Badge {
        id: badge
        visible: row.icon !== ""
        anchors.left: parent.left       // so that a language that runs leftwards has it on its side
        y: row.inline ? Math.max(0, words.y + name.y + (name.height - height) / 2) : (parent.height - height) / 2
        icon: row.icon
        tone: row.tone
        size: Theme.badge * 0.8
    }
    Item {
        id: words
        anchors.left: badge.visible ? badge.right : parent.left
        anchors.leftMargin: badge.visible ? Theme.gapM : 0
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        height: Math.max(row.inline ? name.height : 0, facts.y + facts.height)

        Writing {
            id: name
            anchors.left: parent.left
            y: row.inline ? said.baselineOffset - baselineOffset : 0
            visible: !row.bare
            text: row.label
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
            wrapMode: Text.NoWrap
        }
        Column {
            id: facts
            anchors.right: parent.right
            width: row.inline ? row.column : parent.width
            y: row.inline || row.bare ? 0 : name.height

            Even {
                id: said
                width: parent.width
                text: row.value
                pixelSize: row.pixelSize
                bold: row.strong
                features: ({ "tnum": 1 })
                leading: Theme.titleLineHeight
            }
            Even {
                width: parent.width
                text: row.note
                pixelSize: Theme.textLabel
                colour: Theme.colour.inkSoft
            }
        }
    }
    Rectangle {
        visible: !row.last
        anchors.left: words.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height: Theme.hair
        color: Theme.colour.line
    }
}
