pragma ComponentBehavior: Bound

import QtQuick
import "../controls"
import "../controls/pictures"

Page {
    picture: Busy {}
}
