import QtQuick

Measures {
    display: 38
    title: 26.5
    heading: 17
    body: 13.5
    label: 10.5
    target: 22
    button: 40
    key: 45
    tile: 65
    leastText: 6.55   // capital 4.8 mm
    leastTarget: 12.7
}
