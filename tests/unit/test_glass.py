"""The glass: no answer acts on a screen that it was not given to. The lifecycle: total, and never stuck."""

import asyncio
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from kiosk.glass import Glass
from kiosk.lifecycle import Event, State, after
from kiosk.screens import (
    Answer,
    Attract,
    EnterPin,
    Finish,
    Key,
    Pick,
    PinPurpose,
    Preferences,
    Proceed,
    Reading,
    Scene,
    Size,
    StillThere,
    Touched,
)


def glass() -> tuple[Glass, list[Scene]]:
    drawn: list[Scene] = []
    return Glass(drawn.append), drawn


async def answers(glass: Glass) -> list[Answer]:
    found: list[Answer] = []
    while True:
        try:
            found.append(await asyncio.wait_for(glass.answer(), 0.001))
        except TimeoutError:
            return found


async def test_a_late_answer_is_dropped() -> None:
    g, drawn = glass()
    g.show(Scene(0, Attract(())))
    g.show(Scene(0, Attract(())))
    g.receive(Pick("activate"), drawn[0].serial)
    assert await answers(g) == []
    g.receive(Pick("activate"), drawn[1].serial)
    assert await answers(g) == [Pick("activate")]


async def test_a_second_tap_does_not_reach_the_next_screen() -> None:
    g, drawn = glass()
    g.show(Scene(0, Attract(())))
    g.receive(Pick("activate"), drawn[0].serial)
    g.receive(Pick("activate"), drawn[0].serial)
    await g.answer()
    g.show(Scene(0, Attract(())))
    assert await answers(g) == []


async def test_what_the_screen_did_not_ask_for_is_dropped() -> None:
    g, drawn = glass()
    g.show(Scene(0, Reading()))
    g.receive(Proceed(), drawn[0].serial)
    g.receive(Finish(), drawn[0].serial)
    assert await answers(g) == []


async def test_fast_typing_survives_new_values_on_the_same_screen() -> None:
    g, drawn = glass()
    g.show(Scene(0, EnterPin(PinPurpose.NEW)))
    for position in range(3):
        g.receive(Key(position), drawn[0].serial)
    g.update(EnterPin(PinPurpose.NEW, filled=1))
    assert drawn[-1].serial == drawn[0].serial
    assert await answers(g) == [Key(0), Key(1), Key(2)]


async def test_a_touch_counts_on_every_screen() -> None:
    g, _ = glass()
    g.receive(Touched(), 0)
    g.show(Scene(0, Reading()))
    g.receive(Touched(), 99)
    assert await answers(g) == [Touched()]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_every_state_knows_every_event(state: State, event: Event) -> None:
    assert after(state, event) in State
    assert after(state, Event.STOP) is State.STOPPING
    assert after(State.STOPPING, event) is State.STOPPING


def test_attract_can_always_be_reached_again() -> None:
    for state in set(State) - {State.STOPPING}:
        seen = {state}
        for _ in State:
            seen |= {after(s, e) for s in seen for e in set(Event) - {Event.STOP}}
        assert State.ATTRACT in seen, state


def test_a_broken_device_never_interrupts_a_visit() -> None:
    assert after(State.VISIT, Event.BROKEN) is State.VISIT


def test_a_scene_with_new_values_keeps_all_that_stands_around_its_screen() -> None:
    scene = Scene(
        serial=7,
        screen=StillThere(20, True),
        preferences=Preferences(language="en", size=Size.LARGE),
        service="balance",
        step=2,
        steps=3,
        idle_s=31.5,
        card_in=True,
        offers_large=True,
        another_waits=True,
        can_speak=True,
        can_read_out=True,
        slip=("a line",),
        now=datetime(2026, 11, 20, 9, 41, tzinfo=UTC),
    )
    unlike_a_new_one = [part.name for part in fields(Scene) if getattr(scene, part.name) == part.default]
    assert unlike_a_new_one == []
    assert scene.showing(StillThere(19, True)) == replace(scene, screen=StillThere(19, True))
