"""Rows of one height: the trial that is not shown finds the height that the rows on the glass need."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QObject, QUrl
from PySide6.QtQml import QQmlComponent
from PySide6.QtQuick import QQuickItem, QQuickWindow

from ui.application import QML
from ui.gallery.run import Gallery

PAGE = """
import QtQuick
import "style"
import "controls"
Window {
    width: 1080; height: 1920
    PagedRows {
        id: rows
        objectName: "rows"
        width: 700; height: 1600
        items: ["Employee basic medical insurance of the whole province", "One"]
        row: Tile {
            required property string modelData
            width: parent?.width ?? 0
            height: rows.leastRow
            title: modelData
            lowest: 0
            %s
        }
    }
}"""


@pytest.mark.parametrize(
    "tile",
    [
        pytest.param("", id="a name"),
        pytest.param("icon: 'balance'", id="a sign"),
        pytest.param("help: 'What it takes, in so many words that they need a second line'", id="help"),
        pytest.param("availability: 'no'; unavailableNote: 'Not here now, touch to see where to go'", id="a note"),
    ],
)
def test_a_row_is_as_high_as_what_stands_on_it(gallery: Gallery, tile: str) -> None:
    component = QQmlComponent(gallery.showcase.engine)
    component.setData(QByteArray((PAGE % tile).encode()), QUrl.fromLocalFile(str(QML / "Tried.qml")))
    window = component.create()
    assert isinstance(window, QQuickWindow), component.errorString()
    component.setParent(window)  # else it takes the window with it
    window.show()
    gallery.showcase.until(window.isExposed)
    rows = window.findChild(QObject, "rows")
    assert rows is not None
    first = rows.property("first")
    assert isinstance(first, QQuickItem)
    assert rows.property("leastRow") == pytest.approx(first.implicitHeight(), abs=1.0)
    window.close()
    window.deleteLater()
