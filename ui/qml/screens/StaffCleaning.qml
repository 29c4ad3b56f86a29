pragma ComponentBehavior: Bound

import QtQuick
import "../controls"

Page {
    id: page

    picture: Countdown { seconds: page.screen.seconds ?? 0 }
}
