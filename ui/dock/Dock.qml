pragma ComponentBehavior: Bound

import QtQuick
import "../qml/style"

// The simulated hall: who stands there, what they can do, what became of it. It shows what the hall says, never
// what was pressed.
Window {
    id: dock

    required property var desk

    readonly property var words: desk.words
    readonly property var hall: desk.state
    property string sought

    function known(table: string, value: var): string {
        if (value === undefined) {
            return words["unknown"];
        }
        const name = words[table + "." + value];
        return name !== undefined ? name : String(value);
    }

    function nameOf(slug: string): string {
        const person = desk.people.find(candidate => candidate.slug === slug);
        return person !== undefined ? person.name : slug;
    }

    function somebodyElse(): string {
        const other = desk.people.find(person => person.slug !== hall.person);
        return other !== undefined ? other.slug : "";
    }

    // The words for those faults of a device that the hall says are there; "" and false are no fault.
    function faults(real: var, names: var): var {
        return names.filter(name => real[name] === undefined || real[name] === true).map(name =>
            real[name] === undefined ? words["unknown"] : words["fault." + name]);
    }

    // What a device is really doing, as `said` and as `ailing` words.
    function real(device: string): var {
        const real = hall.really !== undefined ? hall.really[device] : undefined;
        if (real === undefined) {
            return {said: [words["unknown"]], ailing: []};
        }
        const unplugged = real.plugged === false ? [words["fault.unplugged"]] : [];
        switch (device) {
        case "card":
            return {
                said: [known("card", real.card), words["lamp_says"] + " " + known("lamp", real.lamp)],
                ailing: [...(real.service === "running" ? [] : [known("service", real.service)]),
                    ...faults(real, ["mute_next", "mute"])]
            };
        case "idcard":
            return {
                said: [real.document === undefined ? words["unknown"]
                    : real.document ? nameOf(real.document) : words["no_document"]],
                ailing: [...unplugged, ...faults(real, ["unreadable", "lifted_next", "sam_broken"])]
            };
        case "scanner":
            return {said: [known("code", real.code)], ailing: [...unplugged, ...faults(real, ["frozen"])]};
        case "pinpad":
            return {
                said: [known("keys", real.lit), words["digits"] + " " + (real.count === undefined ? words["unknown"] : real.count)],
                ailing: [...unplugged, ...faults(real, ["tampered"])]
            };
        case "printer":
            return {
                said: [...(real.paper === "ok" ? [known("paper", "ok")] : []), ...(real.slip_waiting ? [words["fault.slip_waiting"]] : [])],
                ailing: [...unplugged, ...(real.paper === "ok" ? [] : [known("paper", real.paper)]),
                    ...faults(real, ["cover_open", "jammed", "broken"])]
            };
        case "insurer":
            return {
                said: real.network === "up" ? [known("network", "up")] : [],
                ailing: [...(real.network === "up" ? [] : [known("network", real.network)]),
                    ...(real.reply === "" ? [] : [known("reply", real.reply)])]
            };
        }
        return {said: [words["unknown"]], ailing: []};
    }

    function belief(device: string): var {
        return hall.health !== undefined ? hall.health[device] : undefined;
    }

    width: 1240
    height: 920
    minimumWidth: 760
    minimumHeight: 480
    title: words["title"]
    color: calm.paper

    CalmColours {
        id: calm
    }

    // --- who stands there ---
    Column {
        id: left
        x: 24
        y: 24
        width: 260
        spacing: 12

        Text {
            text: dock.words["title"]
            color: calm.ink
            font.pixelSize: 30
            font.bold: true
        }
        Text {
            width: parent.width
            text: dock.words["help"]
            color: calm.inkSoft
            font.pixelSize: 16
            wrapMode: Text.Wrap
        }
        DockButton {
            objectName: "language"
            colours: calm
            text: dock.words["other_language"]
            onPressed: dock.desk.speak(dock.desk.language === "zh" ? "en" : "zh")
        }
        Rectangle {
            width: parent.width
            height: 48
            radius: 16
            color: calm.surface
            border.width: search.activeFocus ? 3 : 1
            border.color: search.activeFocus ? calm.focus : calm.line

            TextInput {
                id: search
                objectName: "search"
                anchors.fill: parent
                anchors.leftMargin: 16
                anchors.rightMargin: 16
                verticalAlignment: TextInput.AlignVCenter
                color: calm.ink
                font.pixelSize: 17
                clip: true
                activeFocusOnTab: true
                Accessible.name: dock.words["search"]
                onTextChanged: dock.sought = text.trim().toLowerCase()

                Text {
                    anchors.fill: parent
                    verticalAlignment: Text.AlignVCenter
                    visible: search.text === ""
                    text: dock.words["search"]
                    color: calm.inkSoft
                    font.pixelSize: 17
                    elide: Text.ElideRight
                }
            }
        }
    }

    ListView {
        id: list
        objectName: "people"
        anchors.left: left.left
        anchors.right: left.right
        anchors.top: left.bottom
        anchors.topMargin: 12
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 24
        clip: true
        spacing: 8
        boundsBehavior: Flickable.StopAtBounds
        model: dock.desk.people.filter(person => dock.sought === "" || [person.name, person.zh, person.en, person.slug]
            .some(text => text.toLowerCase().includes(dock.sought)))

        delegate: Rectangle {
            id: row

            required property var modelData
            readonly property bool chosen: dock.hall.person === modelData.slug

            objectName: "person:" + modelData.slug
            width: ListView.view.width
            height: facts.height + 24
            radius: 18
            color: chosen || area.pressed ? calm.tint : calm.surface
            border.width: activeFocus ? 3 : chosen ? 2 : 0
            border.color: activeFocus ? calm.focus : calm.accent
            activeFocusOnTab: true
            Accessible.role: Accessible.RadioButton
            Accessible.name: modelData.name
            Accessible.checked: chosen
            Accessible.onPressAction: dock.desk.act("choose", row.modelData.slug)

            Keys.onSpacePressed: dock.desk.act("choose", row.modelData.slug)
            Keys.onReturnPressed: dock.desk.act("choose", row.modelData.slug)

            Column {
                id: facts
                x: 16
                y: 12
                width: parent.width - 32

                Text {
                    width: parent.width
                    text: row.modelData.name + "　" + dock.known("state", row.modelData.state)
                    color: calm.ink
                    font.pixelSize: 18
                    font.bold: true
                    elide: Text.ElideRight
                    textFormat: Text.PlainText
                }
                Text {
                    width: parent.width
                    text: dock.desk.language === "zh" ? row.modelData.zh : row.modelData.en
                    color: calm.inkSoft
                    font.pixelSize: 15
                    wrapMode: Text.Wrap
                    textFormat: Text.PlainText
                }
            }
            MouseArea {
                id: area
                anchors.fill: parent
                onClicked: dock.desk.act("choose", row.modelData.slug)
            }
        }

        Text {
            anchors.centerIn: parent
            visible: list.count === 0
            text: dock.words["none_found"]
            color: calm.inkSoft
            font.pixelSize: 17
        }
    }

    // --- what they can do ---
    Flickable {
        id: middle
        anchors.left: left.right
        anchors.leftMargin: 20
        anchors.right: right.left
        anchors.rightMargin: 20
        anchors.top: parent.top
        anchors.bottom: parent.bottom
        contentHeight: groups.height + 32
        boundsBehavior: Flickable.StopAtBounds
        clip: true

        Column {
            id: groups
            y: 16
            width: parent.width
            spacing: 8

            Item {
                width: parent.width
                height: heal.height

                Text {
                    anchors.verticalCenter: parent.verticalCenter
                    anchors.left: parent.left
                    anchors.right: heal.left
                    anchors.rightMargin: 12
                    text: dock.hall.person ? dock.nameOf(dock.hall.person) : dock.words["nobody"]
                    color: calm.ink
                    font.pixelSize: 24
                    font.bold: true
                    elide: Text.ElideRight
                    textFormat: Text.PlainText
                }
                DockButton {
                    id: heal
                    objectName: "act:heal_everything"
                    anchors.right: parent.right
                    colours: calm
                    text: dock.words["act.heal_everything"]
                    onPressed: dock.desk.act("heal_everything", "")
                }
            }
            Repeater {
                model: dock.desk.groups

                DockGroup {
                    id: group

                    required property var modelData

                    width: groups.width
                    // A PIN pad is not in every hall.
                    visible: modelData.device !== "pinpad" || (dock.hall.really !== undefined && dock.hall.really.pinpad !== undefined)
                    colours: calm
                    words: dock.words
                    device: modelData.device
                    acts: modelData.acts
                    keys: modelData.keys
                    real: dock.real(modelData.device)
                    belief: dock.belief(modelData.device)
                    onKey: key => dock.desk.act("press_key", key)
                    onAct: name => dock.desk.act(name, name === "swap_card" ? dock.somebodyElse() : "")
                }
            }
        }
    }

    // --- what became of it ---
    Column {
        id: right
        anchors.right: parent.right
        anchors.rightMargin: 24
        y: 24
        width: 190
        spacing: 12

        // Here and not above the buttons: they must not move under the finger.
        Rectangle {
            width: parent.width
            height: refusal.height + 24
            radius: 18
            visible: dock.desk.refused !== ""
            color: calm.turnTint

            Text {
                id: refusal
                objectName: "refused"
                x: 12
                y: 12
                width: parent.width - 24
                text: dock.desk.refused
                color: calm.turnInk
                font.pixelSize: 15
                wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                textFormat: Text.PlainText
            }
        }
        Text {
            text: dock.words["last_slip"]
            color: calm.ink
            font.pixelSize: 20
            font.bold: true
        }
        Text {
            visible: !dock.hall.slip
            text: dock.words["no_slip"]
            color: calm.inkSoft
            font.pixelSize: 15
        }
        Flickable {
            width: parent.width
            height: Math.max(0, Math.min(contentHeight, dock.height - y - 48))
            contentHeight: slip.height
            boundsBehavior: Flickable.StopAtBounds
            clip: true

            Image {
                id: slip
                objectName: "slip"
                width: parent.width
                height: implicitWidth > 0 ? width * implicitHeight / implicitWidth : 0
                source: dock.hall.slip ? dock.hall.slip : ""
                cache: false
                smooth: true
                mipmap: true
            }
        }
    }
}
