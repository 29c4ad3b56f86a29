pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    centred: true
    framed: false
    picture: Busy {}
}
