"""The manners of a resident-ID reader: what ``drivers.api.IdCardReader`` promises, one by one.

Simulated hands lay invented documents of every kind and know what is on them; a person's hands lay a resident ID card
and nothing of what it says enters the evidence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from drivers.api import (
    Condition,
    DeviceLost,
    DeviceTimeout,
    DocumentLifted,
    DocumentUnreadable,
    IdCardReader,
    IdDocument,
    Remedy,
    SecurityModuleFault,
)
from drivers.contract.manners import Bench, Manner, manner
from drivers.contract.observe import (
    Held,
    cancels,
    eventually,
    expect,
    given_back,
    happens,
    opened_and_closed,
    refused,
    started,
    waits,
    within,
)
from drivers.contract.samples import DOCUMENTS, OTHER, PERMIT, RESIDENT
from drivers.faults import Fault, FaultPlan
from drivers.idcard.frames import Sw3


class IdHands(Protocol):
    """Whoever lays documents on the pad. What these hands cannot do raises NotTried."""

    @property
    def simulated(self) -> bool: ...

    @property
    def faults(self) -> FaultPlan:
        """Trouble at an exact moment, which only a simulated reader can make."""
        ...

    async def lay(self, document: IdDocument) -> None:
        """Lay down this document, or any of its kind."""
        ...

    async def lift(self) -> None: ...

    def recognise(self, laid: IdDocument, read: IdDocument) -> bool:
        """Whether what was read is what was laid down."""
        ...

    async def unplug(self) -> None: ...

    async def plug(self) -> None: ...


IdBench = Bench[IdCardReader, IdHands]
MANNERS: list[Manner[IdCardReader, IdHands]] = []


async def _read(bench: IdBench, laid: IdDocument) -> None:
    read = await within(bench.patience.soon_s, bench.driver.document(), "document() with one on the pad")
    expect(bench.hands.recognise(laid, read), "what was read is not what was laid down")


async def _taken_off(bench: IdBench) -> None:
    """Lift the document and leave the reader the time to notice."""
    await bench.hands.lift()
    await asyncio.sleep(1.5 * bench.patience.still_s)


# --- status ----------------------------------------------------------------------------------------------------------


@manner(MANNERS, "A reader in order says that it is online, and which model it is.")
async def healthy(bench: IdBench) -> None:
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    expect(health.condition is Condition.ONLINE and health.usable, f"condition {health.condition} instead of online")
    expect(bool(health.model), "no model")


@manner(MANNERS, "Asked while somebody waits for a document, health answers.")
async def health_while_waiting(bench: IdBench) -> None:
    async with started(bench.driver.document()) as waiting:
        await waits(waiting, 0.0, "document()")
        await asyncio.sleep(0)
        health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
        expect(health.condition is Condition.ONLINE, f"condition {health.condition} instead of online")
        await bench.hands.lay(RESIDENT)
        await happens(bench, "laid to document()", waiting)
        expect(bench.hands.recognise(RESIDENT, waiting.result()), "what was read is not what was laid down")


# --- reading ---------------------------------------------------------------------------------------------------------


def _later(document: IdDocument) -> Callable[[IdBench], Coroutine[Any, Any, None]]:
    async def read_later(bench: IdBench) -> None:
        async with started(bench.driver.document()) as waiting:
            await waits(waiting, bench.patience.still_s, "document() before an empty pad")
            await bench.hands.lay(document)
            await happens(bench, "laid to document()", waiting)
            expect(bench.hands.recognise(document, waiting.result()), "what was read is not what was laid down")

    return read_later


_SORTS = (
    "resident card",
    "resident card with a rare name",
    "permit",
    "foreigner's card of 2017",
    "foreigner's card of 2023",
)
for _document, _sort in zip(DOCUMENTS, _SORTS, strict=True):
    _name = f"reads-a-{_sort}".replace(" ", "-").replace("'", "")
    _promise = f"document() waits, reads a {_sort} that is laid down, and tells every field as it is stored."
    MANNERS.append(Manner(_name, _promise, _later(_document)))


@manner(MANNERS, "A document that lies there already is read.")
async def lies_there_already(bench: IdBench) -> None:
    await bench.hands.lay(RESIDENT)
    await _read(bench, RESIDENT)


@manner(MANNERS, "Left lying, a document is not read twice; lifted and laid down again, it is.")
async def left_lying_is_not_read_twice(bench: IdBench) -> None:
    await bench.hands.lay(RESIDENT)
    await _read(bench, RESIDENT)
    async with started(bench.driver.document()) as again:
        await waits(again, bench.patience.still_s, "document() with the old document on the pad")
        await _taken_off(bench)
        await waits(again, 0.0, "document() after the document was lifted")
        await bench.hands.lay(RESIDENT)
        await happens(bench, "laid again to document()", again)
        expect(bench.hands.recognise(RESIDENT, again.result()), "what was read is not what was laid down")


@manner(MANNERS, "A document exchanged while nobody asks is a new one: the former holder is not told again.")
async def exchanged_while_nobody_asks(bench: IdBench) -> None:
    _ = bench.hands.faults  # a person has but one document
    await bench.hands.lay(RESIDENT)
    await _read(bench, RESIDENT)
    await _taken_off(bench)
    await bench.hands.lay(PERMIT)
    await _read(bench, PERMIT)
    await _taken_off(bench)
    await bench.hands.lay(OTHER)
    await _read(bench, OTHER)


@manner(MANNERS, "A document does not show its holder when it is printed into a log.")
async def stays_out_of_repr(bench: IdBench) -> None:
    await bench.hands.lay(RESIDENT)
    read = await within(bench.patience.soon_s, bench.driver.document(), "document() with one on the pad")
    shown = repr(read)
    for value in (read.name, read.number, read.address, read.issuer, read.name_latin):
        expect(not value or value not in shown, "repr() shows personal data")


# --- documents that move, or cannot be read --------------------------------------------------------------------------


@manner(MANNERS, "Lifted at the moment of reading, the document is told as lifted; laid down again, it is read.")
async def lifted_at_the_reading(bench: IdBench) -> None:
    bench.hands.faults.fail_next("read", Fault.PULL)
    await bench.hands.lay(RESIDENT)
    await refused(bench.patience.soon_s, bench.driver.document(), DocumentLifted, what="reading a lifted document")
    await bench.hands.lay(RESIDENT)
    await _read(bench, RESIDENT)


@manner(MANNERS, "Lifted by hand during a slow reading, the document is told as lifted.")
async def lifted_during_a_slow_reading(bench: IdBench) -> None:
    faults = bench.hands.faults
    faults.delay("read", 0.1)
    await bench.hands.lay(RESIDENT)
    async with started(bench.driver.document()) as waiting:
        await eventually(lambda: faults.calls["read"] > 0, bench.patience.soon_s, "the document was never read")
        await bench.hands.lift()
        await refused(bench.patience.soon_s, waiting, DocumentLifted, what="reading a lifted document")


@manner(MANNERS, "A document that cannot be read is told once, with the reader's status, and must be lifted.")
async def unreadable_is_told_once(bench: IdBench) -> None:
    bench.hands.faults.fail_next("read", Fault.ERROR)
    await bench.hands.lay(RESIDENT)
    what = "reading a damaged document"
    unreadable = await refused(bench.patience.soon_s, bench.driver.document(), DocumentUnreadable, what=what)
    expect(unreadable.status == Sw3.INFORMATION_CHECK, f"SW3={unreadable.status:02X} instead of 33")
    async with started(bench.driver.document()) as again:
        await waits(again, bench.patience.still_s, "document() with the unreadable document on the pad")
        await _taken_off(bench)
        await bench.hands.lay(RESIDENT)
        await happens(bench, "laid again to document()", again)
        expect(bench.hands.recognise(RESIDENT, again.result()), "what was read is not what was laid down")


# --- readers in trouble ----------------------------------------------------------------------------------------------


@manner(MANNERS, "A broken security module is told as such, in reading and in health, and may heal.")
async def broken_security_module(bench: IdBench) -> None:
    bench.hands.faults.fail_always("sam", Fault.ERROR)
    await bench.hands.lay(RESIDENT)
    what = "reading with a broken security module"
    await refused(bench.patience.soon_s, bench.driver.document(), SecurityModuleFault, what=what)
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    found = (health.condition, health.remedy)
    expect(found == (Condition.HARDWARE_ERROR, Remedy.MAINTENANCE), f"health {found[0]}, {found[1]}")
    bench.hands.faults.heal()
    await _read(bench, RESIDENT)


@manner(MANNERS, "An answer that never comes ends in time, and the next reading works.")
async def lost_answer_ends_in_time(bench: IdBench) -> None:
    bench.hands.faults.drop("read")
    await bench.hands.lay(RESIDENT)
    begun = asyncio.get_running_loop().time()
    await refused(bench.patience.soon_s, bench.driver.document(), DeviceTimeout, what="reading without an answer")
    bench.timings["silence to DeviceTimeout"] = asyncio.get_running_loop().time() - begun
    await _read(bench, RESIDENT)


@manner(MANNERS, "A mute module times out and is offline until it is plugged in again.")
async def mute_until_plugged_again(bench: IdBench) -> None:
    bench.hands.faults.fail_next("find", Fault.MUTE)
    soon_s = bench.patience.soon_s
    for _ in range(2):
        await refused(soon_s, bench.driver.document(), DeviceTimeout, what="document() of a mute module")
    health = await within(soon_s, bench.driver.health(), "health() of a mute module")
    expect(health.condition is Condition.OFFLINE, f"condition {health.condition} instead of offline")
    await bench.hands.unplug()
    health = await within(soon_s, bench.driver.health(), "health() of an unplugged reader")
    expect(not health.usable, f"condition {health.condition} of an unplugged reader")
    await bench.hands.plug()
    await bench.hands.lay(RESIDENT)
    await _read(bench, RESIDENT)


@manner(MANNERS, "Unplugged, the wait ends with DeviceLost and health says so; plugged in again, it reads.")
async def unplugged_while_waiting(bench: IdBench) -> None:
    soon_s = bench.patience.soon_s
    async with started(bench.driver.document()) as waiting:
        await waits(waiting, bench.patience.still_s, "document() before an empty pad")
        await bench.hands.unplug()
        await refused(soon_s, waiting, DeviceLost, what="document() of an unplugged reader")
    health = await within(soon_s, bench.driver.health(), "health() of an unplugged reader")
    expect(health.condition is Condition.NO_DEVICE, f"condition {health.condition} instead of no_device")
    await refused(soon_s, bench.driver.document(), DeviceLost, what="document() of an unplugged reader")
    await bench.hands.plug()
    await bench.hands.lay(RESIDENT)
    await _read(bench, RESIDENT)
    health = await within(soon_s, bench.driver.health(), "health()")
    expect(health.condition is Condition.ONLINE, f"condition {health.condition} instead of online")


@manner(MANNERS, "Unplugged in the middle of a reading, the reader is told as lost.")
async def lost_in_the_middle_of_a_reading(bench: IdBench) -> None:
    bench.hands.faults.fail_next("read", Fault.LOSE)
    await bench.hands.lay(RESIDENT)
    await refused(bench.patience.soon_s, bench.driver.document(), DeviceLost, what="reading with a lost reader")


# --- waiting, cancelling, closing ------------------------------------------------------------------------------------


@manner(MANNERS, "Every wait can be cancelled, and costs nothing.")
async def cancelled_waiting_costs_nothing(bench: IdBench) -> None:
    for _ in range(3):
        async with started(bench.driver.document()) as waiting:
            await asyncio.sleep(0.01)
            await cancels(waiting, "document()")
    await bench.hands.lay(RESIDENT)
    await _read(bench, RESIDENT)


@manner(MANNERS, "A second one who waits for a document is refused, and the first one is served.")
async def two_may_not_wait(bench: IdBench) -> None:
    async with started(bench.driver.document()) as first:
        await asyncio.sleep(0)
        await refused(bench.patience.soon_s, bench.driver.document(), RuntimeError, what="a second document()")
        await bench.hands.lay(RESIDENT)
        await happens(bench, "laid to document()", first)
        expect(bench.hands.recognise(RESIDENT, first.result()), "what was read is not what was laid down")


@manner(
    MANNERS,
    "close() ends the wait, may be called twice, and gives back every descriptor, task and process.",
    alone=True,
)
async def close_gives_everything_back(bench: IdBench) -> None:
    before = Held.now()
    soon_s = bench.patience.soon_s
    async with started(bench.driver.document()) as waiting:
        await waits(waiting, bench.patience.still_s, "document() before an empty pad")
        await within(soon_s, bench.driver.close(), "close()")
        await within(soon_s, bench.driver.close(), "close() again")
        await refused(soon_s, waiting, DeviceLost, what="document() of a reader that was closed")
    health = await within(soon_s, bench.driver.health(), "health() after close()")
    expect(not health.usable, f"condition {health.condition} after close()")
    await refused(soon_s, bench.driver.document(), DeviceLost, what="document() after close()")
    del waiting
    await given_back(before, min(2.0, bench.patience.soon_s))


@manner(MANNERS, "Opened and closed many times, nothing adds up.", alone=True)
async def open_and_close_many_times(bench: IdBench) -> None:
    await opened_and_closed(bench)
