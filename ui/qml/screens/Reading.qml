import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    picture: CardSlot { act: "hold" }
}
