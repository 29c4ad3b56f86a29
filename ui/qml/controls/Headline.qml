import QtQuick
import "../style"

// What to do, large.
Even {
    pixelSize: Theme.textTitle
    bold: true
    leading: Theme.titleLineHeight
    role: Accessible.Heading
}
