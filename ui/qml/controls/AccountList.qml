pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"

// The accounts: the first one large on teal, the others as rows. Hidden ones show dots.
ColumnLayout {
    id: list

    property var accounts: []
    property bool hidden: false
    property bool veiled: true          // with the button that shows and covers
    property var asOf: null
    property var words: ({})
    // Several accounts in the largest letters: their names in smaller ones, and only what is needed.
    readonly property bool crowded: Theme.xlarge && others.length > 0 && !hidden
    readonly property string asOfText: list.asOf !== null
        ? (words.as_of_label ?? "") + " " + list.asOf.date + " " + list.asOf.time : ""
    readonly property alias toggle: toggle
    readonly property var main: accounts.length > 0 ? accounts[0] : null
    readonly property var others: accounts.slice(1)

    signal toggled

    function amount(account: var): string {
        const balance = account?.balance ?? null;
        return balance === null || hidden ? words.hidden_amount ?? "" : "¥ " + balance.text;
    }

    spacing: Theme.gapM

    Rectangle {
        Layout.fillWidth: true
        implicitHeight: face.height + Theme.gapL * 2.2
        radius: Theme.radius * 1.2
        color: Theme.colour.accent

        Column {
            id: face
            x: Theme.gapL
            y: Theme.gapL * 1.1
            width: parent.width - Theme.gapL * 2
            spacing: Theme.landscape ? Theme.gapS : Theme.gapM

            Writing {
                width: parent.width
                text: list.main !== null ? list.words["insurance." + list.main.insurance] ?? list.words["insurance.other"] ?? "" : ""
                color: Theme.colour.onAccentSoft
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: Theme.letters(0)
                wrapMode: Text.NoWrap
            }
            Writing {
                width: parent.width
                text: list.amount(list.main)
                color: Theme.colour.onAccent
                font.pixelSize: list.crowded ? Theme.textTitle : Theme.textDisplay
                // Dots stand in full-width cells; figures do not.
                font.letterSpacing: list.hidden ? -0.4 * Theme.textDisplay : 0
                font.bold: true
                font.features: ({ "tnum": 1 })
                wrapMode: Text.NoWrap
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: Theme.textHeading
                lineHeight: Theme.titleLineHeight
            }
            Item {
                width: parent.width
                height: visible ? Math.max(age.height, pill.height) : 0
                visible: !list.crowded || !Theme.landscape

                Writing {
                    id: age
                    anchors.verticalCenter: parent.verticalCenter
                    width: parent.width - pill.width - Theme.gapS
                    text: list.asOfText
                    color: Theme.colour.onAccentSoft
                    font.pixelSize: list.crowded ? Theme.letters(0) : Theme.textLabel
                }
                StatusPill {
                    id: pill
                    small: list.crowded
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    status: list.main !== null && !(list.crowded && list.main.status === "1") ? list.main.status : ""
                    words: list.words
                }
            }
            Veil {
                id: toggle
                visible: list.veiled
                width: parent.width
                hidden: list.hidden
                text: (list.hidden ? list.words.show : list.words.hide) ?? ""
                objectName: list.hidden ? "pick:show" : "pick:hide"
                onChosen: list.toggled()
            }
        }
    }
    FactCard {
        Layout.fillWidth: true
        visible: list.others.length > 0 && !list.hidden

        Repeater {
            model: list.others

            Item {
                id: row
                required property var modelData
                required property int index
                // That all is well goes without saying here; what is not does not.
                readonly property bool told: modelData.status !== "1"
                Layout.fillWidth: true
                implicitHeight: Math.max(names.height, sum.height) + Theme.gapS * (list.crowded ? 1 : 1.8)

                Column {
                    id: names
                    anchors.left: parent.left
                    anchors.right: sum.left
                    anchors.rightMargin: Theme.gapM
                    anchors.verticalCenter: parent.verticalCenter
                    spacing: Theme.gapXs * 0.5

                    Writing {
                        width: parent.width
                        text: list.words["insurance." + row.modelData.insurance] ?? list.words["insurance.other"] ?? ""
                        font.pixelSize: list.crowded ? Theme.letters(0) : Theme.large ? Theme.textLabel : Theme.textBody
                    }
                    StatusPill {
                        small: list.crowded
                        visible: row.told
                        status: row.modelData.status
                        words: list.words
                    }
                }
                Writing {
                    id: sum
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    text: list.amount(row.modelData)
                    font.pixelSize: list.crowded ? Theme.textLabel : Theme.large ? Theme.textBody : Theme.textHeading
                    font.bold: true
                    font.features: ({ "tnum": 1 })
                    wrapMode: Text.NoWrap
                }
                Rectangle {
                    visible: row.index < list.others.length - 1
                    anchors.bottom: parent.bottom
                    width: parent.width
                    height: Theme.hair
                    color: Theme.colour.line
                }
            }
        }
    }
}
