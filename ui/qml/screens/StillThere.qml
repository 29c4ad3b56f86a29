pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import "../controls"

Page {
    id: page

    firstFocus: go
    picture: Countdown { seconds: page.screen.seconds ?? 0 }

    // Anywhere is right: whoever touches the glass is still there.
    TapHandler {
        onTapped: page.proceed()
    }
    acts: ActionButton {
        id: go
        Layout.fillWidth: true
        text: page.words.proceed ?? ""
        objectName: "proceed"
        onChosen: page.proceed()
    }
}
