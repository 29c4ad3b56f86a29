"""The terminal's life as a pure, total state machine: every state knows what every event makes of it.

    starting -> attract -> visit -> farewell -> attract
    starting, attract, farewell, closed, maintenance -> out_of_order -> attract or closed;  anything -> stopping
    attract, out_of_order, closed -> maintenance -> attract, out_of_order or closed
    starting -> closed;  closed -> attract

Staff never come in between a citizen and the end of their visit: from ``visit`` and ``farewell`` no way leads to
``maintenance``.

It decides nothing else: what a state *does* stands in ``kiosk.terminal``, and for one citizen in
``kiosk.reception``.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What the terminal is doing. Log, snapshot and metrics name it by its value."""

    STARTING = "starting"
    ATTRACT = "attract"
    VISIT = "visit"
    FAREWELL = "farewell"
    OUT_OF_ORDER = "out_of_order"
    CLOSED = "closed"
    """Staff have paused it or taken it out of service."""
    MAINTENANCE = "maintenance"
    """Operator mode."""
    STOPPING = "stopping"


class Event(StrEnum):
    """What a state has come to: ``kiosk.terminal`` returns one from each state, and :func:`after` says which state is
    next."""

    READY = "ready"
    """Everything that a visit needs is there."""
    CITIZEN = "citizen"
    """Somebody put a card in or touched a choice."""
    VISIT_ENDED = "visit_ended"
    LEFT = "left"
    """The card is out and the goodbye was shown."""
    BROKEN = "broken"
    """Something without which no visit is possible is gone."""
    STAFF = "staff"
    """Somebody made the gesture of operator mode."""
    CLOSED = "closed"
    """Staff have closed the terminal, now or before it was started."""
    STOP = "stop"


_MOVES: dict[tuple[State, Event], State] = {
    (State.STARTING, Event.READY): State.ATTRACT,
    (State.ATTRACT, Event.CITIZEN): State.VISIT,
    (State.VISIT, Event.VISIT_ENDED): State.FAREWELL,
    (State.FAREWELL, Event.LEFT): State.ATTRACT,
    (State.OUT_OF_ORDER, Event.READY): State.ATTRACT,
    (State.OUT_OF_ORDER, Event.CLOSED): State.CLOSED,
    (State.STARTING, Event.BROKEN): State.OUT_OF_ORDER,
    (State.ATTRACT, Event.BROKEN): State.OUT_OF_ORDER,
    (State.FAREWELL, Event.BROKEN): State.OUT_OF_ORDER,
    (State.CLOSED, Event.BROKEN): State.OUT_OF_ORDER,
    (State.STARTING, Event.CLOSED): State.CLOSED,
    (State.ATTRACT, Event.STAFF): State.MAINTENANCE,
    (State.OUT_OF_ORDER, Event.STAFF): State.MAINTENANCE,
    (State.CLOSED, Event.STAFF): State.MAINTENANCE,
    (State.CLOSED, Event.READY): State.ATTRACT,
    (State.MAINTENANCE, Event.READY): State.ATTRACT,
    (State.MAINTENANCE, Event.BROKEN): State.OUT_OF_ORDER,
    (State.MAINTENANCE, Event.CLOSED): State.CLOSED,
}


def after(state: State, event: Event) -> State:
    """The next state. An event that means nothing to a state leaves it as it is; a broken device never interrupts a
    visit here, because the visit itself must first come to its honest end."""
    if event is Event.STOP:
        return State.STOPPING
    if state is State.STOPPING:
        return state
    return _MOVES.get((state, event), state)
