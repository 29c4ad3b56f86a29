"""What the dock needs of a simulated hall: acts of a person in front of the terminal, and what can be seen there.

Every member is called on the core's loop and returns at once. An act that is impossible now (pulling a card that is
not in) raises; the dock says so and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class DockPerson(Protocol):
    """An invented person whose card, ID card and phone can be used."""

    @property
    def slug(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def description_zh(self) -> str: ...

    @property
    def description_en(self) -> str: ...

    @property
    def state(self) -> str:
        """State of the card: ``issued``, ``active``, ``lost`` …"""
        ...


class SimulatedHall(Protocol):
    """The hall around a simulated terminal."""

    def people(self) -> Sequence[DockPerson]: ...

    def state(self) -> Mapping[str, Any]:
        """What is to be seen in the hall. The dock reads these keys and shows ``unknown`` for one that is missing:

        ``person``  slug of who stands there, ``""`` for nobody
        ``card``    ``out``, ``in``, ``wrong_way``, ``foreign``
        ``lamp``    what the reader's lamp says: ``off``, ``on``, ``blinking``
        ``id``      ``""`` or the slug of whose ID card lies on the pad
        ``code``    ``""``, ``valid``, ``expired``, ``payment``: what is held before the camera
        ``paper``   ``ok``, ``low``, ``out``;  ``jammed``  bool;  ``slip_waiting``  bool: a slip hangs in the mouth
        ``network`` ``up``, ``down``, ``dropping`` (the next reply will be lost)
        ``slip``    path of the picture of the last printed slip, ``""`` before the first
        ``health``  what the terminal believes of each device, by its name: ``condition``, ``remedy``, ``detail``
        """
        ...

    def choose(self, slug: str) -> None: ...

    def insert_card(self) -> None: ...

    def insert_card_wrong_way(self) -> None: ...

    def insert_foreign_card(self) -> None: ...

    def pull_card(self) -> None: ...

    def swap_card(self, slug: str) -> None: ...

    def fail_next_apdu(self) -> None: ...

    def lay_id(self) -> None: ...

    def lay_other_id(self) -> None: ...

    def lift_id(self) -> None: ...

    def show_code(self) -> None: ...

    def show_expired_code(self) -> None: ...

    def show_payment_code(self) -> None: ...

    def hide_code(self) -> None: ...

    def take_paper(self) -> None:
        """Take the roll out: the printer has no paper."""
        ...

    def refill_paper(self) -> None: ...

    def paper_low(self) -> None: ...

    def jam_printer(self) -> None: ...

    def clear_printer(self) -> None: ...

    def cut_network(self) -> None: ...

    def drop_next_reply(self) -> None: ...

    def restore_network(self) -> None: ...
