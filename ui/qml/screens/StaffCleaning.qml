pragma ComponentBehavior: Bound

import QtQuick
import "../controls"

Page {
    id: page

    centred: true
    framed: false
    picture: Countdown { seconds: page.screen.seconds ?? 0 }
}
