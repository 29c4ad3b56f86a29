import QtQuick

// The colour roles. All are required, so that a set which forgets one does not load; every role says what it is
// for, never what it looks like.
QtObject {
    // Grounds
    required property color paper      // the page
    required property color surface    // cards, keys, the footer
    required property color tint       // behind pictures, chosen or pressed surfaces
    required property color shade      // the hair of shadow under a card, tracks of rings and bars
    required property color line       // between rows, around quiet buttons
    required property color edge       // around cards; as the surface where space alone tells them apart

    // Words
    required property color ink
    required property color inkSoft

    // The one act, progress
    required property color accent
    required property color accentPressed
    required property color accentInk      // words and signs in the accent's colour
    required property color onAccent
    required property color onAccentSoft
    required property color muted          // the act while it is not possible yet
    required property color onMuted

    // You are here, your turn, take note
    required property color turn
    required property color turnTint
    required property color turnInk
    required property color banner
    required property color onBanner

    // Money and outcomes; always beside a sign or a word
    required property color good
    required property color goodTint

    // Focus of the keys
    required property color focus

    // Things in pictures
    required property color machine        // the terminal's front
    required property color machineDark    // its slots
    required property color machineLight   // its highlights
    required property color plastic        // a card
    required property color plasticLine    // what is printed on it
    required property color plasticBand
    required property color gold           // its chip
    required property color goldDark

    required property real leastContrast

    // Which words may stand on which ground: what a contrast check goes through.
    readonly property var pairs: [
        ["ink", "paper"], ["ink", "surface"], ["ink", "tint"], ["ink", "turnTint"], ["ink", "goodTint"],
        ["inkSoft", "paper"], ["inkSoft", "surface"], ["inkSoft", "tint"],
        ["accentInk", "paper"], ["accentInk", "surface"], ["accentInk", "tint"],
        ["onAccent", "accent"], ["onAccent", "accentPressed"], ["onAccentSoft", "accent"],
        ["onMuted", "muted"], ["turnInk", "turnTint"], ["turnInk", "paper"], ["turnInk", "surface"],
        ["onBanner", "banner"], ["good", "surface"], ["good", "goodTint"], ["good", "paper"]
    ]
}
