"""A person's hands at real hardware: asked on the terminal, one thing at a time, each with a time limit.

What no hand can play (a card pulled between two bytes, a broken security module) raises NotTried before the person is
asked for anything. Nothing that a card, document or code says is shown or kept; that a code is the same again is known
by a hash that means nothing outside this process.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TextIO, TypeVar

from drivers.api import Device, IdDocument
from drivers.card.chip import Chip
from drivers.contract.manners import Bench, NotTried, Patience
from drivers.contract.samples import CODE, RESIDENT
from drivers.faults import FaultPlan

HAND_S = 60.0
"""So long a person may take for one thing."""
HARDWARE = Patience(still_s=1.0, soon_s=10.0, limit_s=900.0)

_EXACT = "needs trouble at an exact moment, which no hand can make"

D = TypeVar("D", bound=Device)


class Asking(Protocol):
    """The way to the person."""

    async def do(self, what: str) -> None:
        """Return once the person has done it. Raises NotTried when nobody does."""
        ...

    async def sees(self, question: str) -> bool: ...


class Terminal:
    """A person at ``source``, a terminal or a pipe; questions go to standard error, so that the report stays clean."""

    def __init__(self, source: int = 0, target: TextIO | None = None, limit_s: float = HAND_S) -> None:
        self._source = source
        self._target = target if target is not None else sys.stderr
        self._limit_s = limit_s
        self._typed = bytearray()

    async def do(self, what: str) -> None:
        await self._answer(f"  > {what}, then press Enter ({self._limit_s:.0f} s): ")

    async def sees(self, question: str) -> bool:
        answer = await self._answer(f"  > {question} [y/n] ({self._limit_s:.0f} s): ")
        return answer.strip().lower() in ("y", "yes", "是")

    async def _answer(self, prompt: str) -> str:
        self._target.write(prompt)
        self._target.flush()
        try:
            async with asyncio.timeout(self._limit_s):
                while b"\n" not in self._typed:
                    await self._read_more()
        except TimeoutError:
            self._target.write("\n")
            raise NotTried(f"nobody did it within {self._limit_s:.0f} s") from None
        line, _, rest = bytes(self._typed).partition(b"\n")
        self._typed[:] = rest
        return line.decode("utf-8", "replace")

    async def _read_more(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        try:
            loop.add_reader(self._source, ready.set)
        except PermissionError:
            raise NotTried("standard input is a file, not a person") from None
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._source)
        typed = os.read(self._source, 1024)
        if not typed:
            raise NotTried("nobody is at the terminal")
        self._typed += typed


class _Hands:
    simulated = False

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._unplugged = False

    @property
    def faults(self) -> FaultPlan:
        raise NotTried(_EXACT)

    async def ready(self) -> None:
        """Put everything back as it was before the last manner."""
        if self._unplugged:
            await self.plug()

    async def unplug(self) -> None:
        await self._asking.do("Unplug the device")
        self._unplugged = True

    async def plug(self) -> None:
        await self._asking.do("Plug the device in again and wait until it is ready")
        self._unplugged = False


class HumanCardHands(_Hands):
    """A person with chip cards of their own, asked to take out only what they were asked to put in."""

    _occupied = False

    async def ready(self) -> None:
        await super().ready()
        await self.pull()

    async def insert(self, chip: Chip | None = None) -> None:
        if chip is not None:
            raise NotTried("needs the sample card, which is only simulated")
        await self.pull()
        await self._asking.do("Put a chip card in, the right way round")
        self._occupied = True

    async def insert_wrong_way(self) -> None:
        await self.pull()
        await self._asking.do("Put a card in the wrong way round")
        self._occupied = True

    async def pull(self) -> None:
        if self._occupied:
            await self._asking.do("Take the card out")
            self._occupied = False

    def released(self) -> bool:
        raise NotTried("nobody sees from outside whether a card has power")


class HumanIdHands(_Hands):
    """A person with their own resident ID card; other documents are not asked for."""

    _laid = False

    async def ready(self) -> None:
        await super().ready()
        await self.lift()

    async def lay(self, document: IdDocument) -> None:
        if document != RESIDENT:
            raise NotTried("needs a document that not everybody has at hand")
        await self.lift()
        await self._asking.do("Lay your resident ID card on the reader")
        self._laid = True

    async def lift(self) -> None:
        if self._laid:
            await self._asking.do("Take the ID card away")
            self._laid = False

    def recognise(self, laid: IdDocument, read: IdDocument) -> bool:
        """Only the kind, and that there is something in the fields: what it says is nobody's business."""
        return laid.kind is read.kind and bool(read.name and len(read.number) == 18 and read.born)


class HumanScannerHands(_Hands):
    """A person with any two codes, A and B. Of what each was read as, a hash is remembered for the examination, so
    that it is known again.
    """

    def __init__(self, asking: Asking) -> None:
        super().__init__(asking)
        self._read: dict[str, int] = {}
        self._shown = False

    async def ready(self) -> None:
        await super().ready()
        if self._shown:
            await self.clear()

    async def show(self, text: str) -> None:
        """Two codes of the person's own stand for the two that a manner shows."""
        await self._asking.do(f"Hold QR code {self._letter(text)} before the scanner (any two codes, A and B)")
        self._shown = True

    async def clear(self) -> None:
        await self._asking.do("Take the code away")
        self._shown = False

    def recognise(self, shown: str, read: str) -> bool:
        seen = hash(read)
        known = self._read.setdefault(self._letter(shown), seen)
        return known == seen and list(self._read.values()).count(seen) == 1

    def _letter(self, text: str) -> str:
        return "A" if text == CODE else "B"


class HumanPrinterHands(_Hands):
    """A person who sees to paper and cover, and says which slips came out since they last took them all away."""

    _paper_is_out = False
    _cover_is_open = False

    async def ready(self) -> None:
        await super().ready()
        if self._cover_is_open:
            await self.close_cover()
        if self._paper_is_out:
            await self.refill()
        await self._asking.do("Take all slips away")

    async def out_of_paper(self) -> None:
        await self._asking.do("Take the paper out and close the cover")
        self._paper_is_out = True

    async def out_of_paper_after(self, lines: int) -> None:  # noqa: ARG002 - the protocol's
        raise NotTried(_EXACT)

    async def refill(self) -> None:
        await self._asking.do("Put paper in and close the cover")
        self._paper_is_out = False

    async def paper_low(self) -> None:
        raise NotTried("needs a roll that is nearly used up")

    async def open_cover(self) -> None:
        await self._asking.do("Open the cover")
        self._cover_is_open = True

    async def close_cover(self) -> None:
        await self._asking.do("Close the cover")
        self._cover_is_open = False

    async def jam_cutter(self) -> None:
        raise NotTried("nobody jams a cutter on purpose")

    async def clear_jam(self) -> None:
        """Nothing was jammed."""

    async def break_down(self) -> None:
        raise NotTried("nobody breaks a printer on purpose")

    async def repair(self) -> None:
        """Nothing was broken."""

    async def settle(self) -> None:
        await self._asking.do("Wait until nothing moves any more")

    async def slips(self, *texts: str) -> bool:
        last = ", ".join(f"“{text.splitlines()[-1]}”" for text in texts)
        wanted = f"exactly {len(texts)}, ending with {last}, and no other" if texts else "none at all"
        return await self._asking.sees(f"Slips that came out whole since you took them away: {wanted}?")


class HumanHands(Protocol):
    """Any of these hands: :func:`hardware` has them put everything back before each manner."""

    async def ready(self) -> None: ...


Hands = TypeVar("Hands", bound=HumanHands)


@asynccontextmanager
async def hardware(
    make: Callable[[], D], hands: Hands, patience: Patience = HARDWARE
) -> AsyncIterator[Bench[D, Hands]]:
    """A bench with a driver of its own for the manner, and the person at the device."""
    await hands.ready()
    driver = make()
    try:
        yield Bench(driver, hands, make, patience)
    finally:
        await driver.close()
