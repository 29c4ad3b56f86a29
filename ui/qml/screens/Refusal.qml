pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../style"
import "../controls"
import "../controls/pictures"

Page {
    id: page

    readonly property string cause: page.screen.cause ?? ""
    readonly property var offer: page.screen.offer ?? null
    readonly property string offered: offer !== null ? offer.id : ""
    readonly property string slip: page.screen.slip ?? "not_asked"
    readonly property bool slipOffered: page.screen.slip_offered === true
    readonly property bool hasSlip: slip !== "not_asked"
    readonly property bool crowded: Theme.large && hasSlip

    bodyBeside: true
    bodyTouched: false       // the better way stands at its lower end
    // A wide panel keeps the right for what there is to read.
    actsWithBody: !hasSlip
    leftShare: crowded || slip === "on_screen" ? 0.38 : 0.44
    framed: cause === "insurer_down" || cause === "being_checked" || picture === next || picture === counter
    firstFocus: offer !== null ? better : slipOffered ? ask : go
    picture: cause === "insurer_down" || cause === "being_checked" ? line
           : cause === "device_down" || cause === "journal" || cause === "fault" ? next
           : atCounter.includes(cause) ? counter : card
    // Not the card is what it is about, but who decides: somebody at the counter.
    readonly property var atCounter: ["minor", "not_the_holder", "reset_at_counter", "authority_refused", "insurer_refused",
                                      "not_insured", "card_locked"]

    Component {
        id: line
        LostLine {}
    }
    Component {
        id: next
        NextMachine {}
    }
    Component {
        id: counter
        Counter {}
    }
    Component {
        id: card
        CardWith {
            readonly property bool fine: page.cause === "already_active"
            resident: page.cause === "id_expired"
            sign: ({ already_active: "check", pin_locked: "lock", in_making: "clock", id_expired: "clock", other_region: "place",
                     temporarily_lost: "pause", sealed: "pause", cancelled: "minus" })[page.cause] ?? "attention"
            tone: fine ? "good" : "turn"
        }
    }

    FactCard {
        Layout.fillWidth: true
        visible: (page.words.where ?? "") !== "" || (page.words.bring ?? "") !== ""

        FactRow {
            Layout.fillWidth: true
            icon: "place"
            bare: page.crowded
            pixelSize: Theme.leastBody
            label: page.words.where_label ?? ""
            value: page.words.where ?? ""
        }
        FactRow {
            Layout.fillWidth: true
            icon: "bag"
            bare: page.crowded
            pixelSize: Theme.leastBody
            label: page.words.bring_label ?? ""
            value: page.words.bring ?? ""
            last: true
        }
    }
    Tile {
        id: better
        Layout.fillWidth: true
        visible: page.offer !== null
        icon: page.offer !== null ? page.offer.icon : ""
        availability: page.offer !== null ? page.offer.available : "yes"
        title: page.words["service." + page.offered + ".title"] ?? ""
        help: page.words["service." + page.offered + ".help"] ?? ""
        unavailableNote: page.words.unavailable ?? ""
        withoutPaperNote: page.words.without_paper ?? ""
        objectName: "pick:" + page.offered
        onChosen: page.pick(page.offered)
    }
    SlipNote {
        Layout.fillWidth: true
        visible: page.hasSlip
        outcome: page.slip
        note: page.words["slip_" + page.slip] ?? ""
        number: page.screen.number ?? ""
        numberLabel: page.words.number_label ?? ""
        qrSource: page.qrSource
    }
    acts: [
        ActionButton {
            id: ask
            Layout.fillWidth: true
            visible: page.slipOffered
            text: page.words.slip ?? ""
            objectName: "pick:slip"
            onChosen: page.pick("slip")
        },
        ActionButton {
            id: go
            Layout.fillWidth: true
            primary: page.offer === null && !page.slipOffered
            text: page.screen.way_back === true ? page.words.to_menu ?? "" : page.words.proceed ?? ""
            objectName: "proceed"
            onChosen: page.proceed()
        },
        Writing {
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            text: page.words.code_label ?? ""
            font.pixelSize: Theme.textLabel
            color: Theme.colour.inkSoft
        }
    ]
}
