pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"

// The accounts: the first one large on teal, the others as rows, on pages where there is no room for all of them. Hidden
// ones show dots. A larger size never makes any of it smaller: it takes more lines, and then more pages.
ColumnLayout {
    id: list

    property var accounts: []
    property bool hidden: false
    property bool veiled: true          // with the button that shows and covers
    property var asOf: null
    property var words: ({})
    property real room: Infinity        // height to keep to
    // Several accounts in the largest letters: only what is needed.
    readonly property bool crowded: Theme.xlarge && others.length > 0 && !hidden
    readonly property string asOfText: list.asOf !== null
        ? (words.as_of_label ?? "") + " " + list.asOf.date + " " + list.asOf.time : ""
    readonly property alias toggle: toggle
    readonly property var main: accounts.length > 0 ? accounts[0] : null
    readonly property var others: accounts.slice(1)

    readonly property int nameSize: Theme.slowBody
    readonly property int sumSize: Math.max(Theme.textBody, Theme.letters(Theme.normalMeasures.heading))
    // A name that leaves no room for its amount has the line to itself; then all have, so that the amounts stand in one
    // column.
    readonly property bool stacked: others.some(each => nameLetters.advanceWidth(insurance(each))
        + sumLetters.advanceWidth(amount(each)) * 1.03 + Theme.gapM > width - Theme.gapL * 2)
    readonly property real statusHeight: others.some(each => each.status !== "1") ? Theme.textLabel * 1.45 + Theme.gapXs : 0
    readonly property real leastContent: stacked
        ? nameSize * 1.28 + Math.max(statusHeight, sumSize * 1.28)
        : Math.max(nameSize * 1.28 + statusHeight, sumSize * 1.28)
    // One alone has the page to itself.
    readonly property bool alone: others.length === 0 && !Theme.landscape
    readonly property int display: Math.round(Theme.textDisplay * (alone ? 1.25 : 1))
    // Too little room: first the air gives way.
    readonly property bool tight: others.length > 0 && !hidden
        && mainContent + Theme.gapL * 2.2 + airy * gaps + Theme.gapM + Theme.gapS * 2
           + others.length * (leastContent + Theme.gapS * 1.8) > room
    readonly property real airy: Theme.landscape ? Theme.gapS : alone ? Theme.gapL : Theme.gapM
    readonly property int gaps: (veiled ? 1 : 0) + (about.told ? 1 : 0) + 1
    readonly property real mainContent: mainName.height + mainSum.height + about.height + (veiled ? toggle.height : 0)

    signal toggled

    function amount(account: var): string {
        const balance = account?.balance ?? null;
        return balance === null || hidden ? words.hidden_amount ?? "" : "¥ " + balance.text;
    }

    function insurance(account: var): string {
        return account !== null ? words["insurance." + account.insurance] ?? words["insurance.other"] ?? "" : "";
    }

    spacing: tight ? Theme.gapS : Theme.gapM

    FontMetrics {
        id: nameLetters
        font.family: Theme.family
        font.pixelSize: list.nameSize
    }
    FontMetrics {
        id: sumLetters
        font.family: Theme.family
        font.pixelSize: list.sumSize
        font.bold: true
    }
    Rectangle {
        id: mainCard
        Layout.fillWidth: true
        implicitHeight: face.height + (list.tight ? Theme.gapS * 2.6 : Theme.gapL * 2.2)
        radius: Theme.radius * 1.2
        color: Theme.colour.accent

        Column {
            id: face
            x: Theme.gapL
            y: (parent.height - height) / 2
            width: parent.width - Theme.gapL * 2
            spacing: list.tight ? Theme.gapXs * 1.5 : list.airy

            Item {
                width: parent.width
                height: mainName.height

                Writing {
                    id: mainName
                    x: Theme.mirrored && about.beside === "name" ? pill.width + Theme.gapS : 0
                    width: parent.width - (about.beside === "name" ? pill.width + Theme.gapS : 0)
                    text: list.insurance(list.main)
                    color: Theme.colour.onAccentSoft
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: Theme.letters(0)
                    wrapMode: Text.NoWrap
                }
            }
            Writing {
                id: mainSum
                width: parent.width
                text: list.amount(list.main)
                color: Theme.colour.onAccent
                font.pixelSize: list.display
                // Dots stand in full-width cells; figures do not.
                font.letterSpacing: list.hidden ? -0.4 * list.display : 0
                font.bold: true
                font.features: ({ "tnum": 1 })
                wrapMode: Text.NoWrap
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: Theme.textHeading
                lineHeight: Theme.titleLineHeight
            }
            // How old the figures are, and how it stands with the insurance: side by side, or the status beside the
            // name, or on a line of its own.
            Item {
                id: about
                readonly property bool stated: (list.words["status." + pill.status] ?? "") !== ""
                readonly property bool told: age.text !== "" || stated
                readonly property string beside: !stated ? ""
                    : age.text === "" || age.implicitWidth + pill.width + Theme.gapS <= width ? "age"
                    : mainName.implicitWidth + pill.width + Theme.gapS <= width ? "name" : "none"
                width: parent.width
                height: !told ? 0 : beside === "age" ? Math.max(age.height, pill.height)
                      : age.height + (beside === "none" ? pill.height + Theme.gapXs : 0)
                visible: told

                Writing {
                    id: age
                    x: Theme.mirrored && about.beside === "age" ? pill.width + Theme.gapS : 0
                    y: about.beside === "age" ? (parent.height - height) / 2 : 0
                    width: about.beside === "age" ? parent.width - pill.width - Theme.gapS : parent.width
                    text: list.asOfText
                    color: Theme.colour.onAccentSoft
                    font.pixelSize: Theme.textLabel
                }
                StatusPill {
                    id: pill
                    x: about.beside === "none" ? (Theme.mirrored ? parent.width - width : 0)
                                               : (Theme.mirrored ? 0 : parent.width - width)
                    y: about.beside === "age" ? (parent.height - height) / 2
                     : about.beside === "none" ? age.height + Theme.gapXs
                     : face.children[0].y + (mainName.height - height) / 2 - about.y
                    status: list.main !== null ? list.main.status : ""
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
    PagedRows {
        id: rows
        readonly property real needed: list.others.length * leastRow + inner * 2
        Layout.fillWidth: true
        Layout.preferredHeight: Math.max(leastRow + inner * 2, Math.min(needed, Math.floor(list.room - mainCard.implicitHeight - list.spacing) - 1))
        visible: list.others.length > 0 && !list.hidden
        framed: true
        gap: 0
        items: list.others
        // A catalogue that has no words for the two buttons says where they lead.
        words: ({ page_up: list.words.page_up ?? Math.max(1, page) + " / " + pages,
                  page_down: list.words.page_down ?? Math.min(pages, page + 2) + " / " + pages })

        row: Item {
            id: row
            required property var modelData
            required property int index
            // That all is well goes without saying here; what is not does not.
            readonly property bool told: modelData.status !== "1"
            readonly property real content: list.stacked ? name.height + Math.max(state.height, sum.height)
                                                         : Math.max(name.height + state.height, sum.height)
            width: parent?.width ?? 0
            height: rows.longer ? Math.floor((rows.room - rows.pagerRoom) / rows.rows) : rows.leastRow
            implicitHeight: content + (list.tight ? Theme.gapXs : Theme.gapS * 1.8)

            Item {
                width: parent.width
                height: row.content
                y: (parent.height - height) / 2

                Writing {
                    id: name
                    x: Theme.mirrored && !list.stacked ? sum.width + Theme.gapM : 0
                    width: list.stacked ? parent.width : parent.width - sum.width - Theme.gapM
                    y: list.stacked || row.told ? 0 : (parent.height - height) / 2
                    text: list.insurance(row.modelData)
                    font.pixelSize: list.nameSize
                    lineHeight: Theme.titleLineHeight
                }
                StatusPill {
                    id: state
                    y: name.height + (list.stacked ? (parent.height - name.height - height) / 2 : 0)
                    x: Theme.mirrored ? parent.width - width : 0
                    height: row.told ? implicitHeight : 0
                    visible: row.told
                    status: row.modelData.status
                    words: list.words
                }
                Writing {
                    id: sum
                    anchors.right: parent.right
                    y: list.stacked ? parent.height - height : (parent.height - height) / 2
                    text: list.amount(row.modelData)
                    font.pixelSize: list.sumSize
                    font.bold: true
                    font.features: ({ "tnum": 1 })
                    lineHeight: Theme.titleLineHeight
                    wrapMode: Text.NoWrap
                }
            }
            Rectangle {
                visible: row.index > 0
                width: parent.width
                height: Theme.hair
                color: Theme.colour.line
            }
        }
    }
}
