"""Where a PIN is typed: on the pad beside the glass if there is one that works, else on the glass.

Owns the choice between the two and one entry on either. Digits go into one ``Pin`` and nowhere else; a pad that fails
while it is used hands over to the glass, empty. It checks no PIN and gives none to a chip.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace

from drivers.api import DeviceError, PinCancelled, PinPad, PlainPin
from kiosk.endings import Ending, Instead, VisitOver
from kiosk.outline import outline
from kiosk.pin import LENGTH, Pin
from kiosk.screens import EnterPin, Key, Keypad, Pick, PinProblem, PinPurpose, Proceed, ServiceTile
from kiosk.visit import Visit

log = logging.getLogger(__name__)

GLASS = "glass"
"""Choice of a citizen who rather types on the glass; it counts for the rest of the visit."""


class GivesNoDigits(DeviceError):
    """The pad gave an encrypted block, or what is no PIN: whoever can open it is not here; the chip takes digits."""


async def enter_pin(
    visit: Visit,
    purpose: PinPurpose,
    problem: PinProblem | None = None,
    tries_left: int | None = None,
    *,
    reset: ServiceTile | None = None,
) -> Pin:
    """Six digits. The caller owns the Pin and wipes it. ``reset`` is offered to whoever has forgotten theirs; raises
    Instead if they choose it."""
    pad = visit.station.pin_pad
    screen = EnterPin(purpose, problem=problem, tries_left=tries_left, or_reset=reset is not None)
    pin = Pin()
    try:
        if pad is not None and visit.asks_pad:
            screen = replace(screen, keypad=Keypad.PAD)
            try:
                if await _on_pad(visit, pad, pin, screen, reset):
                    return pin
                screen = replace(screen, keypad=Keypad.GLASS)
            except DeviceError as error:
                log.warning("no PIN pad, the glass stands in: %s", outline(error))
                screen = replace(screen, keypad=Keypad.GLASS_INSTEAD)
            visit.asks_pad = False
            pin.wipe()
        await _on_glass(visit, pin, screen, reset)
    except BaseException:
        pin.wipe()
        raise
    return pin


async def _on_glass(visit: Visit, pin: Pin, screen: EnterPin, reset: ServiceTile | None) -> None:
    again = False
    while True:
        answer = await visit.ask(screen, again=again)
        again = True
        if isinstance(answer, Key):
            pin.press(answer.position)
            screen = screen.typed(len(pin))
        elif isinstance(answer, Pick):
            _unless_forgotten(visit, answer, reset)
        elif isinstance(answer, Proceed) and pin.complete:
            return


def _unless_forgotten(visit: Visit, answer: Pick, reset: ServiceTile | None) -> None:
    if reset is not None and answer.choice == reset.id:
        raise Instead(reset.id, of=visit.service)


async def _on_pad(visit: Visit, pad: PinPad, pin: Pin, screen: EnterPin, reset: ServiceTile | None) -> bool:
    """True when the PIN is there, false if the citizen rather uses the glass. Raises DeviceError.

    The red key takes back what was typed; where nothing was, it ends the visit, as it does on every pad.
    """
    while True:
        following = asyncio.ensure_future(_follow(visit, pad, pin, screen))
        try:
            answer, taken = await visit.either(screen, _take(pad, pin))
        except PinCancelled as cancelled:
            if not cancelled.typed:
                raise VisitOver(Ending.FINISHED) from None
            continue
        finally:
            following.cancel()
            await asyncio.wait({following})
        if taken:
            return True
        if isinstance(answer, Pick):
            if answer.choice == GLASS:
                return False
            _unless_forgotten(visit, answer, reset)


async def _take(pad: PinPad, pin: Pin) -> bool:
    """The digits, as soon as they are there, into the buffer that is wiped whatever becomes of the visit."""
    found = None if pad.gives is not None else await pad.pin(LENGTH)
    if not isinstance(found, PlainPin):
        raise GivesNoDigits("encrypted blocks only")
    try:
        pin.take(found.digits)
    except ValueError as error:
        raise GivesNoDigits("not six digits") from error
    return True


async def _follow(visit: Visit, pad: PinPad, pin: Pin, screen: EnterPin) -> None:
    """Show how many digits there are; each is a sign that somebody is there. Not how the pad empties once it has given
    them."""
    filled = screen.filled
    try:
        async with aclosing(pad.typed()) as counts:
            async for count in counts:
                if count != filled and not pin.complete:
                    filled = count
                    visit.ask_still(replace(screen, filled=count, problem=None if count else screen.problem))
    except DeviceError as error:
        log.warning("the PIN pad does not count: %s", outline(error))
