pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Shapes
import "../../style"

// What a QR code looks like; it says nothing.
Item {
    id: code

    readonly property real cell: width / 17
    readonly property var rows: [
        "11111110101111111", "10000010011000001", "10111010101011101", "10111010010011101", "10111010111011101",
        "10000010010000001", "11111110101111111", "00000000110000000", "10110111001011011", "01001001110110100",
        "00000000101100110", "11111110011011010", "10000010110100111", "10111010001110010", "10111010110011101",
        "10000010101001011", "11111110110110110"
    ]

    height: width

    Shape {
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            strokeColor: "transparent"
            fillColor: Theme.highContrast ? "black" : Theme.colour.machineDark
            PathSvg {
                path: {
                    const c = code.cell;
                    let d = "";
                    for (let y = 0; y < code.rows.length; y += 1) {
                        for (let x = 0; x < code.rows[y].length; x += 1) {
                            if (code.rows[y][x] === "1") {
                                d += `M${x * c} ${y * c} h${c} v${c} h${-c} Z `;
                            }
                        }
                    }
                    return d;
                }
            }
        }
    }
}
