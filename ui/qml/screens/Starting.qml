import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    centred: true
    framed: false
    picture: Busy { icon: "card" }
}
