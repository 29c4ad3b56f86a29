pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Window
import "../qml/style"
import "../qml/controls"
import "../qml/controls/pictures"

// Every control in every state, on sheets as wide as the panel and as long as they need. The theme is that of the terminal's
// window in the same engine; the words are given.
Window {
    id: sheet

    required property string part
    required property var words

    readonly property Item laidOut: part === "acts" ? acts : part === "facts" ? facts : part === "frame" ? frame
                                  : part === "pad" ? pad : part === "signs" ? signs : pictures

    width: Theme.widthPx
    height: Math.ceil(laidOut.implicitHeight + Theme.gapXl * 2)
    color: Theme.colour.paper

    // Without what is not on this sheet: only what is visible is painted and measured.
    component Sheet: ColumnLayout {
        x: Theme.margin
        y: Theme.gapXl
        width: sheet.width - Theme.margin * 2
        spacing: Theme.gapM
        visible: sheet.laidOut === this
        LayoutMirroring.enabled: Theme.mirrored
        LayoutMirroring.childrenInherit: true
    }

    Sheet {
        id: acts
        Headline { Layout.fillWidth: true; text: sheet.words.title }
        ActionButton { Layout.fillWidth: true; text: sheet.words.act }
        ActionButton { Layout.fillWidth: true; text: sheet.words.act; enabled: false }
        ActionButton { Layout.fillWidth: true; text: sheet.words.act; primary: false }
        ActionButton { Layout.fillWidth: true; text: sheet.words.act; icon: "printer" }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapTarget
            Pill { text: sheet.words.pill }
            Pill { text: sheet.words.pill; icon: "globe" }
            Pill { text: sheet.words.pill; icon: "right"; iconLast: true }
            Pill { text: sheet.words.pill; enabled: false }
            Pill { icon: "up"; name: "up" }
        }
        Tile { Layout.fillWidth: true; icon: "activate"; title: sheet.words.tile; help: sheet.words.help }
        Tile {
            Layout.fillWidth: true
            icon: "balance"
            title: sheet.words.tile
            help: sheet.words.help
            availability: "without_paper"
            withoutPaperNote: sheet.words.without_paper
        }
        Tile {
            Layout.fillWidth: true
            icon: "password"
            title: sheet.words.tile
            help: sheet.words.help
            availability: "no"
            unavailableNote: sheet.words.unavailable
        }
        OtherWay { Layout.fillWidth: true; icon: "phone"; lead: sheet.words.lead; text: sheet.words.way }
        OtherWay { Layout.fillWidth: true; icon: "idCard"; lead: sheet.words.lead; text: sheet.words.way; bare: true }
        Rectangle {
            Layout.fillWidth: true
            implicitHeight: veils.height + Theme.gapL * 2
            radius: Theme.radius
            color: Theme.colour.accent
            Column {
                id: veils
                anchors.centerIn: parent
                width: parent.width - Theme.gapL * 2
                spacing: Theme.gapTarget
                Veil { width: parent.width; text: sheet.words.show; hidden: true }
                Veil { width: parent.width; text: sheet.words.hide; hidden: false }
            }
        }
    }
    Sheet {
        id: facts
        Notice { Layout.fillWidth: true; text: sheet.words.notice; also: sheet.words.help }
        Notice { Layout.fillWidth: true; tone: "calm"; icon: "next"; text: sheet.words.notice }
        Notice { Layout.fillWidth: true; tone: "good"; icon: "calendar"; text: sheet.words.notice }
        FactCard {
            Layout.fillWidth: true
            FactRow { Layout.fillWidth: true; icon: "person"; label: sheet.words.lead; value: sheet.words.tile }
            FactRow { Layout.fillWidth: true; icon: "check"; tone: "good"; bare: true; label: sheet.words.lead; value: sheet.words.way }
            FactRow { Layout.fillWidth: true; label: sheet.words.lead; value: sheet.words.way; note: sheet.words.help; last: true }
        }
        SlipNote {
            Layout.fillWidth: true
            outcome: "printed"
            note: sheet.words.notice
            number: sheet.words.number
            numberLabel: sheet.words.lead
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapS
            Repeater {
                model: ["0", "1", "2", "4"]
                StatusPill { required property string modelData; status: modelData; words: sheet.words }
            }
        }
        AccountList {
            Layout.fillWidth: true
            words: sheet.words
            hidden: true
            accounts: [{ insurance: "310", status: "1", balance: null }]
        }
    }
    Sheet {
        id: frame
        SimulatedBanner { Layout.fillWidth: true; text: sheet.words.simulated }
        StepBar { Layout.fillWidth: true; step: 1; steps: 5 }
        StepBar { Layout.fillWidth: true; step: 3; steps: 5 }
        StepBar { Layout.fillWidth: true; step: 5; steps: 5 }
        MonthBar { Layout.fillWidth: true; olderText: sheet.words.pill; newerText: sheet.words.pill; hasOlder: true }
        TimeLeft { seconds: 60; lead: sheet.words.time_left; unit: sheet.words.seconds }
        TimeLeft { Component.onCompleted: remaining = 12; seconds: 60; lead: sheet.words.time_left; unit: sheet.words.seconds }
        Row {
            spacing: Theme.gapM
            Repeater {
                model: [0, 0.25, 0.6, 1]
                Ring { required property real modelData; part: modelData; width: Theme.badge; height: width }
            }
            Repeater {
                model: ["calm", "turn", "good"]
                Badge { required property string modelData; icon: "check"; tone: modelData }
            }
        }
        Countdown { Layout.fillWidth: true; Layout.preferredHeight: Theme.px(120); seconds: 30 }
    }
    Sheet {
        id: pad
        PinDots { Layout.fillWidth: true; filled: 0; length: 6 }
        PinDots { Layout.fillWidth: true; filled: 3; length: 6 }
        PinDots { Layout.fillWidth: true; filled: 6; length: 6 }
        PinPad { Layout.fillWidth: true; clearText: sheet.words.clear; deleteText: sheet.words.delete }
    }
    Sheet {
        id: signs
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapM
            Repeater {
                model: Object.keys(Drawings.paths)
                Icon { required property string modelData; name: modelData; size: Theme.icon * 1.6 }
            }
        }
    }
    Sheet {
        id: pictures
        GridLayout {
            Layout.fillWidth: true
            columns: Theme.landscape ? 4 : 2
            columnSpacing: Theme.gapM
            rowSpacing: Theme.gapM
            component Framed: Rectangle {
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                implicitHeight: Theme.px(110)
                radius: Theme.radius
                color: Theme.colour.tint
                clip: true
            }
            Framed { CardSlot { anchors.fill: parent; act: "in" } }
            Framed { CardSlot { anchors.fill: parent; act: "out" } }
            Framed { CardSlot { anchors.fill: parent; act: "turn" } }
            Framed { CardSlot { anchors.fill: parent; act: "hold" } }
            Framed { CardSlot { anchors.fill: parent; act: "in"; foreign: true } }
            Framed { Belongings { anchors.fill: parent; slip: true; idCard: true } }
            Framed { IdPad { anchors.fill: parent } }
            Framed { PhoneCode { anchors.fill: parent } }
            Framed { CardWith { anchors.fill: parent; sign: "check"; tone: "good" } }
            Framed { CardWith { anchors.fill: parent; sign: "lock"; tone: "turn" } }
            Framed { Outcome { anchors.fill: parent; kind: "done" } }
            Framed { Outcome { anchors.fill: parent; kind: "partly" } }
            Framed { Outcome { anchors.fill: parent; kind: "open" } }
            Framed { LostLine { anchors.fill: parent } }
            Framed { NextMachine { anchors.fill: parent } }
            Framed { Printing { anchors.fill: parent } }
            Framed { Printing { anchors.fill: parent; done: true } }
            Framed { Busy { anchors.fill: parent; icon: "card" } }
            Framed { Farewell { anchors.fill: parent } }
        }
    }
}
