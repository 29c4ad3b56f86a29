import QtQuick

// Sizes in millimetres on the glass, as they are on the panel the screens were drawn for (336 x 597 mm).
// `least…` are floors that hold on every panel: EN 301 549, ADA 707 and, for the largest
// size, VVSG 2.0 for letters; VVSG 2.0 for targets, the larger sizes this project's own.
QtObject {
    // Height of the em; a capital of Noto Sans CJK is 0.733 of it.
    required property real display   // the amount
    required property real title     // what to do
    required property real heading   // buttons, tiles
    required property real body      // the line of help, values
    required property real label     // names of values, the frame around the screen

    required property real target    // a small control
    required property real button    // the primary action
    required property real key       // height of a key of the PIN pad
    required property real tile      // least height of a service

    required property real leastText
    required property real leastTarget
    readonly property real leastGap: 2.54
}
