import QtQuick

// 关怀版: for people who see less and aim less well.
Measures {
    display: 41
    title: 29
    heading: 20
    body: 16.2
    label: 12.6
    target: 25
    button: 46
    key: 48
    tile: 66
    leastText: 9.97   // capital 7.3 mm
    leastTarget: 16
}
