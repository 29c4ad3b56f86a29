import QtQuick

// For people to whom the large size is still small. Headlines hardly grow any more: what is read does.
Measures {
    display: 42
    title: 30
    heading: 22.5
    body: 19
    label: 15
    target: 27
    button: 50
    key: 50
    tile: 68
    leastText: 11.6   // capital 8.5 mm
    leastTarget: 20
}
