pragma Singleton

import QtQuick

// The line drawings, each on a field of 24 x 24, as paths of SVG. They stand here once for all icons: an object of this
// many names takes longer to make than all the rest of an icon.
QtObject {
    id: drawings

    readonly property var also: ({ activate: "check", password: "lock", balance: "receipt", pin: "lock", key: "lock" })
    readonly property var paths: ({
        check: "M4.5 12.5 L10 18 L20 6.5",
        lock: "M5.5 11 H18.5 V20.5 H5.5 Z M8 11 V8 A4 4 0 0 1 16 8 V11 M12 14.5 V17",
        receipt: "M6 3 H18 V21 L15 19 L12 21 L9 19 L6 21 Z M9 8 H15 M9 12 H15",
        card: "M3 5.5 H21 V18.5 H3 Z M6 9.5 H10 V13 H6 Z M14 15.5 H18",
        idCard: "M3 5 H21 V19 H3 Z M6 9.5 H11.5 M6 13 H11.5 M15 13.5 H18.5 M16.75 11 A1.7 1.7 0 1 0 16.75 7.6 A1.7 1.7 0 1 0 16.75 11",
        phone: "M7 2.5 H17 V21.5 H7 Z M11 18.3 H13",
        person: "M12 11.5 A4 4 0 1 0 12 3.5 A4 4 0 1 0 12 11.5 Z M4.5 20.5 C5 16.2 8 14.5 12 14.5 C16 14.5 19 16.2 19.5 20.5",
        bank: "M3 9 L12 4 L21 9 Z M6 12 V16.5 M10 12 V16.5 M14 12 V16.5 M18 12 V16.5 M3.5 20 H20.5",
        calendar: "M4 6 H20 V20 H4 Z M4 10.5 H20 M8.5 3.5 V7 M15.5 3.5 V7",
        place: "M12 21.5 C12 21.5 19 14.8 19 9.8 A7 7 0 0 0 5 9.8 C5 14.8 12 21.5 12 21.5 Z M12 12.3 A2.5 2.5 0 1 0 12 7.3 A2.5 2.5 0 1 0 12 12.3",
        bag: "M4 8.5 H20 V20 H4 Z M9 8.5 V5 H15 V8.5 M4 13.5 H20",
        attention: "M12 3 A9 9 0 1 0 12 21 A9 9 0 1 0 12 3 Z M12 7.5 V13 M12 16.3 V16.5",
        call: "M6.5 3.5 H9.8 L11.3 8 L9.2 9.6 A11 11 0 0 0 14.4 14.8 L16 12.7 L20.5 14.2 V17.5 A3 3 0 0 1 17.5 20.5 C10 20.5 3.5 14 3.5 6.5 A3 3 0 0 1 6.5 3.5 Z",
        eye: "M2.5 12 C5 7.5 8.5 5.5 12 5.5 C15.5 5.5 19 7.5 21.5 12 C19 16.5 15.5 18.5 12 18.5 C8.5 18.5 5 16.5 2.5 12 Z M12 15 A3 3 0 1 0 12 9 A3 3 0 1 0 12 15",
        eyeOff: "M2.5 12 C5 7.5 8.5 5.5 12 5.5 C15.5 5.5 19 7.5 21.5 12 C19 16.5 15.5 18.5 12 18.5 C8.5 18.5 5 16.5 2.5 12 Z M4.5 20 L19.5 4",
        printer: "M7 9 V3.5 H17 V9 M7 17 H3.5 V9 H20.5 V17 H17 M7 14 H17 V20.5 H7 Z",
        list: "M9 6 H20 M9 12 H20 M9 18 H20 M4.5 6 H4.6 M4.5 12 H4.6 M4.5 18 H4.6",
        pencil: "M4 20 L5 15.5 L16 4.5 L19.5 8 L8.5 19 Z M13.5 7 L17 10.5",
        erase: "M9 5 H21 V19 H9 L3 12 Z M12.5 9.5 L17.5 14.5 M17.5 9.5 L12.5 14.5",
        clock: "M12 3 A9 9 0 1 0 12 21 A9 9 0 1 0 12 3 Z M12 7 V12 L15.5 14",
        contrast: "M12 3 A9 9 0 1 0 12 21 A9 9 0 1 0 12 3 Z M12 3 V21 M12 8 H19.5 M12 12 H20.5 M12 16 H19.5",
        letter: "M3 19 L8.5 6 L14 19 M5 14.5 H12 M15.5 19 L18.5 11.5 L21.5 19 M16.5 16.5 H20.5",
        globe: "M12 3 A9 9 0 1 0 12 21 A9 9 0 1 0 12 3 Z M3.5 9 H20.5 M3.5 15 H20.5 M12 3 C8 7.5 8 16.5 12 21 M12 3 C16 7.5 16 16.5 12 21",
        exit: "M11 4 H5 V20 H11 M10 12 H20.5 M16.5 8 L20.5 12 L16.5 16",
        left: "M15 5 L8 12 L15 19",
        right: "M9 5 L16 12 L9 19",
        hand: "M9.5 14 V4.8 A1.5 1.5 0 0 1 12.5 4.8 V11 L17.6 12.1 A2.2 2.2 0 0 1 19.3 14.6 L18.2 21 H10.4 L5.3 15.9 A1.6 1.6 0 0 1 7.6 13.6 L9.5 15.4",
        handLeft: "M14.5 14 V4.8 A1.5 1.5 0 0 0 11.5 4.8 V11 L6.4 12.1 A2.2 2.2 0 0 0 4.7 14.6 L5.8 21 H13.6 L18.7 15.9 A1.6 1.6 0 0 0 16.4 13.6 L14.5 15.4",
        hands: "M10 13.6 V6.2 A1.3 1.3 0 0 0 7.4 6.2 V12 L3.9 12.9 A1.7 1.7 0 0 0 2.7 14.9 L3.6 20 H10 Z M14 13.6 V6.2 A1.3 1.3 0 0 1 16.6 6.2 V12 L20.1 12.9 A1.7 1.7 0 0 1 21.3 14.9 L20.4 20 H14 Z",
        lower: "M6 3 H18 V21 H6 Z M9.5 17.3 H14.5 M12 6.3 V13 M9 10.3 L12 13.3 L15 10.3",
        raise: "M6 3 H18 V21 H6 Z M9.5 6.7 H14.5 M12 17.7 V11 M9 13.7 L12 10.7 L15 13.7",
        sliders: "M4 8 H11.5 M16.5 8 H20 M14 10.5 A2.5 2.5 0 1 0 14 5.5 A2.5 2.5 0 1 0 14 10.5 M4 16 H7.5 M12.5 16 H20 M10 18.5 A2.5 2.5 0 1 0 10 13.5 A2.5 2.5 0 1 0 10 18.5",
        up: "M5 15 L12 8 L19 15",
        down: "M5 9 L12 16 L19 9",
        next: "M4 12 H20 M13 5 L20 12 L13 19",
        plus: "M12 5 V19 M5 12 H19",
        minus: "M5 12 H19",
        speaker: "M3.5 9.5 H7.5 L12.5 5 V19 L7.5 14.5 H3.5 Z M16 9 A4.2 4.2 0 0 1 16 15 M18.5 6.3 A8 8 0 0 1 18.5 17.7",
        speakerOff: "M3.5 9.5 H7.5 L12.5 5 V19 L7.5 14.5 H3.5 Z M16 9.5 L21 14.5 M21 9.5 L16 14.5",
        speakerLow: "M5.5 9.5 H9.5 L14.5 5 V19 L9.5 14.5 H5.5 Z M18 9.8 A3.6 3.6 0 0 1 18 14.2",
        again: "M5.2 9.5 A7.5 7.5 0 1 1 4.8 14 M4.5 4.5 V9.8 H9.8",
        slower: "M13 5 L6 12 L13 19 M19 5 L12 12 L19 19",
        quicker: "M5 5 L12 12 L5 19 M11 5 L18 12 L11 19",
        pause: "M9 5.5 V18.5 M15 5.5 V18.5"
    })

    // An unknown name shows a card.
    function of(name: string): string {
        return paths[name] ?? paths[also[name] ?? "card"];
    }
}
