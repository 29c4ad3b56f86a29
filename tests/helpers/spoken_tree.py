"""What assistive technology is told of the terminal: the real window on an X server and a D-Bus session of its own,
read back over AT-SPI as a screen reader would read it.

    dbus-run-session -- python -m tests.helpers.spoken_tree LABEL...

shows these states of the gallery one after the other, in Chinese and English, and prints a line of JSON for each: what
stands on the screen and the tree that the accessibility bus gives.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any

from jeepney import DBusAddress, Message, Properties, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

NODES = 400
"""More than any of our screens has."""
ANSWERS_S = 10.0
ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE = "org.a11y.atspi.Accessible"
SHOWING = 25
"""ATSPI_STATE_SHOWING: the bit in what GetState answers (atspi-constants.h)."""
FOCUSABLE = 11
"""ATSPI_STATE_FOCUSABLE."""
SENSITIVE = 24
"""ATSPI_STATE_SENSITIVE: it can be used now."""


@dataclass(frozen=True)
class Node:
    role: str
    name: str
    focusable: bool
    showing: bool
    usable: bool
    actions: tuple[str, ...]


class Bus:
    """One D-Bus. Raises DBusErrorResponse for what is answered by an error."""

    def __init__(self, address: str) -> None:
        self._connection = open_dbus_connection(bus=address)

    def call(self, service: str, path: str, interface: str, method: str, signature: str = "", *values: Any) -> Any:
        where = DBusAddress(path, bus_name=service, interface=interface)
        return self._ask(new_method_call(where, method, signature or None, values))

    def read(self, service: str, path: str, interface: str, name: str) -> Any:
        return self._ask(Properties(DBusAddress(path, bus_name=service, interface=interface)).get(name))[1]

    def _ask(self, message: Message) -> Any:
        answer = self._connection.send_and_get_reply(message, timeout=ANSWERS_S)
        return unwrap_msg(answer)[0]

    def close(self) -> None:
        self._connection.close()


def accessibility_bus() -> Bus:
    """The bus that the session names for it; asking for it starts it."""
    session = Bus(os.environ["DBUS_SESSION_BUS_ADDRESS"])
    try:
        return Bus(session.call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"))
    finally:
        session.close()


def tree(bus: Bus) -> list[Node]:
    """All that the applications on this bus tell of themselves, parents before children."""
    found: list[Node] = []
    waiting = [tuple(child) for child in bus.call("org.a11y.atspi.Registry", ROOT, ACCESSIBLE, "GetChildren")]
    while waiting and len(found) < NODES:
        service, path = waiting.pop(0)
        states = bus.call(service, path, ACCESSIBLE, "GetState")
        held = states[0] | states[1] << 32
        role = bus.call(service, path, ACCESSIBLE, "GetRoleName")
        actions: tuple[str, ...] = ()
        if "button" in role:
            count = bus.read(service, path, "org.a11y.atspi.Action", "NActions")
            actions = tuple(
                bus.call(service, path, "org.a11y.atspi.Action", "GetName", "i", number) for number in range(count)
            )
        found.append(
            Node(
                role,
                bus.read(service, path, ACCESSIBLE, "Name"),
                bool(held >> FOCUSABLE & 1),
                bool(held >> SHOWING & 1),
                bool(held >> SENSITIVE & 1),
                actions,
            )
        )
        waiting += [tuple(child) for child in bus.call(service, path, ACCESSIBLE, "GetChildren")]
    return found


def main(labels: list[str]) -> int:
    from tests.helpers.lit import Lit
    from ui.application import application
    from ui.gallery.states import samples

    application(software=True)  # on the X server, before the showcase would take one without
    lit = Lit((540, 960))
    states = dict(samples())
    bus = accessibility_bus()
    for label in labels:
        for language in ("zh", "en"):
            lit.show(states[label], language=language)
            read: list[Node] = []
            reader = threading.Thread(target=lambda read=read: read.extend(tree(bus)))
            reader.start()
            while reader.is_alive():
                lit.app.processEvents()
            controls = {
                name: str(item.property("name") or item.property("face") or "")
                for name, item in lit.finger.controls().items()
                if item.property("isTarget") is True
            }
            words = dict(lit.stage.property("words"))
            told = {
                "label": label,
                "language": language,
                "controls": controls,
                "words": words,
                "nodes": [asdict(node) for node in read],
            }
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
    bus.close()
    lit.put_out()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
