"""The manners of a printer: what ``drivers.api.Printer`` promises, one by one; above all that nothing comes out late.

Simulated hands read every slip that came out whole; a person's hands are asked what lies in the tray. A link that
can only be written cannot keep the promises about paper: it is certified by what it says, which is "unknown".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from drivers.api import (
    Condition,
    CoverOpen,
    CutterJammed,
    DeviceLost,
    DeviceTimeout,
    NoPaper,
    Paper,
    Printer,
    PrinterError,
    PrinterFault,
    Remedy,
)
from drivers.contract.manners import Bench, Manner, NotTried, manner
from drivers.contract.observe import Held, cancels, expect, given_back, opened_and_closed, refused, started, within
from drivers.contract.samples import SLIP, page
from drivers.faults import Fault, FaultPlan
from drivers.printer.layout import transcript


class PrinterHands(Protocol):
    """Whoever stands at the printer. What these hands cannot do raises NotTried."""

    @property
    def simulated(self) -> bool: ...

    @property
    def faults(self) -> FaultPlan: ...

    async def out_of_paper(self) -> None: ...

    async def out_of_paper_after(self, lines: int) -> None:
        """Let the paper end when so many more lines are printed."""
        ...

    async def refill(self) -> None: ...

    async def paper_low(self) -> None: ...

    async def open_cover(self) -> None: ...

    async def close_cover(self) -> None: ...

    async def jam_cutter(self) -> None: ...

    async def clear_jam(self) -> None: ...

    async def break_down(self) -> None: ...

    async def repair(self) -> None: ...

    async def unplug(self) -> None: ...

    async def plug(self) -> None: ...

    async def settle(self) -> None:
        """Give anything late the time to come out."""
        ...

    async def slips(self, *texts: str) -> bool:
        """Whether exactly these slips have come out whole since the bench was laid out, oldest first.

        The first line of a slip may carry what was printed of a page that was broken off before.
        """
        ...


PrinterBench = Bench[Printer, PrinterHands]
MANNERS: list[Manner[Printer, PrinterHands]] = []


async def _prints(bench: PrinterBench, text: str) -> None:
    await within(bench.patience.page_s, bench.driver.print(page(text)), "print()")


async def _refused(bench: PrinterBench, *errors: type[Exception], what: str) -> Exception:
    return await refused(bench.patience.page_s, bench.driver.print(SLIP), *errors, what=what)


async def _lies_there(bench: PrinterBench, *texts: str) -> None:
    expect(await bench.hands.slips(*texts), f"in the tray there are not exactly {len(texts)} slips, as they should be")


# --- status ----------------------------------------------------------------------------------------------------------


async def _well(bench: PrinterBench) -> Condition:
    """What a printer in order says of itself: online, or unknown where it cannot know."""
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    known = health.condition in (Condition.ONLINE, Condition.UNKNOWN)
    expect(known, f"condition {health.condition} instead of online or unknown")
    return health.condition


async def _speaks_at_rest(bench: PrinterBench) -> None:
    if await _well(bench) is Condition.UNKNOWN:
        raise NotTried("this printer tells nothing of itself while no page comes out")


@manner(MANNERS, "A printer in order says so: online, paper, cover closed; where it cannot know, unknown, never well.")
async def good_printer_says_so(bench: PrinterBench) -> None:
    status = await within(bench.patience.soon_s, bench.driver.status(), "status()")
    expect(status.can_print, "it says that it cannot print")
    told = (status.online, status.paper, status.cover_open)
    sure = await _well(bench) is Condition.ONLINE
    expect(told == ((True, Paper.OK, False) if sure else (None, Paper.UNKNOWN, None)), f"it says {told}")
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    expect(bool(health.model), "no model")


@manner(MANNERS, "Little paper is told, and prints all the same.")
async def low_paper_is_told_but_prints(bench: PrinterBench) -> None:
    await _speaks_at_rest(bench)
    await bench.hands.paper_low()
    status = await within(bench.patience.soon_s, bench.driver.status(), "status()")
    expect(status.paper is Paper.LOW, f"paper {status.paper} instead of low")
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    expect(health.condition is Condition.ONLINE, f"condition {health.condition} instead of online")
    expect("paper" in health.detail, "health does not speak of paper")
    await within(bench.patience.page_s, bench.driver.print(SLIP), "print()")
    await _lies_there(bench, transcript(SLIP))


@manner(MANNERS, "While a page comes out the printer is busy, and afterwards it is not.")
async def busy_while_a_page_comes_out(bench: PrinterBench) -> None:
    async with started(bench.driver.print(SLIP)) as job:
        await asyncio.sleep(0)
        health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
        expect(health.condition is Condition.BUSY, f"condition {health.condition} instead of busy")
        await within(bench.patience.page_s, job, "print()")
    await _well(bench)


# --- pages -----------------------------------------------------------------------------------------------------------


@manner(MANNERS, "print() returns when the page is out, whole and as it was given.")
async def returns_when_the_paper_is_out(bench: PrinterBench) -> None:
    begun = asyncio.get_running_loop().time()
    await within(bench.patience.page_s, bench.driver.print(SLIP), "print()")
    bench.timings["print()"] = asyncio.get_running_loop().time() - begun
    await _lies_there(bench, transcript(SLIP))


@manner(MANNERS, "A second page waits its turn.")
async def second_page_waits_its_turn(bench: PrinterBench) -> None:
    async with started(bench.driver.print(page("第一"))) as first, started(bench.driver.print(page("第二"))) as second:
        await within(bench.patience.page_s, first, "the first print()")
        await within(bench.patience.page_s, second, "the second print()")
    await _lies_there(bench, "第一", "第二")


@manner(MANNERS, "A page that is cancelled is not printed later.")
async def cancelled_page_is_not_printed_later(bench: PrinterBench) -> None:
    async with started(bench.driver.print(SLIP)) as job:
        await asyncio.sleep(0.02)
        await cancels(job, "print()")
    await bench.hands.settle()
    await _lies_there(bench)
    await _prints(bench, "之后")
    await _lies_there(bench, "之后")


@manner(MANNERS, "A page that does not come out ends at its deadline.")
async def page_has_a_deadline(bench: PrinterBench) -> None:
    bench.hands.faults.fail_next("print", Fault.MUTE)
    await _refused(bench, DeviceTimeout, PrinterFault, what="print() on a printer that fell silent")


# --- obstacles -------------------------------------------------------------------------------------------------------

Act = Callable[[PrinterHands], Awaitable[None]]


def _obstacle(name: str, said: str, happen: Act, mend: Act, error: type[PrinterError], remedy: Remedy) -> None:
    """Two manners for one obstacle: before a page, and while it comes out."""

    async def before_a_page(bench: PrinterBench) -> None:
        await _speaks_at_rest(bench)
        await happen(bench.hands)
        status = await within(bench.patience.soon_s, bench.driver.status(), "status()")
        expect(not status.can_print, "it says that it can print")
        health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
        expect(not health.usable, f"condition {health.condition}")
        expect(health.remedy is remedy, f"remedy {health.remedy} instead of {remedy}")
        await refused(bench.patience.page_s, bench.driver.print(page("未打印")), error, what="print()")
        await mend(bench.hands)
        await bench.hands.settle()
        await _lies_there(bench)
        await _prints(bench, "之后")
        await _lies_there(bench, "之后")

    async def during_a_page(bench: PrinterBench) -> None:
        _ = bench.hands.faults  # no hand is quick enough
        if error is NoPaper:
            await bench.hands.out_of_paper_after(3)
            await _refused(bench, error, what="print()")
        else:
            async with started(_soon(happen, bench.hands)):
                await _refused(bench, error, what="print()")
        await mend(bench.hands)
        await bench.hands.settle()
        await _lies_there(bench)
        await _well(bench)
        await _prints(bench, "之后")
        await _lies_there(bench, "之后")

    MANNERS.append(
        Manner(
            f"{name}-refused-before-a-page",
            f"With {said}, status and health say so and the page is refused before anything is sent.",
            before_a_page,
        )
    )
    MANNERS.append(
        Manner(
            f"{name}-during-a-page",
            f"With {said} while a page comes out, print() says so, and nothing of the page is printed later.",
            during_a_page,
        )
    )


async def _soon(happen: Act, hands: PrinterHands) -> None:
    await asyncio.sleep(0.01)
    await happen(hands)


_obstacle(
    "no-paper",
    "no paper",
    lambda hands: hands.out_of_paper(),
    lambda hands: hands.refill(),
    NoPaper,
    Remedy.CLEAR,
)
_obstacle(
    "cover",
    "the cover open",
    lambda hands: hands.open_cover(),
    lambda hands: hands.close_cover(),
    CoverOpen,
    Remedy.CLEAR,
)
_obstacle(
    "cutter",
    "the cutter jammed",
    lambda hands: hands.jam_cutter(),
    lambda hands: hands.clear_jam(),
    CutterJammed,
    Remedy.CLEAR,
)
_obstacle(
    "broken",
    "a mechanical error",
    lambda hands: hands.break_down(),
    lambda hands: hands.repair(),
    PrinterFault,
    Remedy.MAINTENANCE,
)


# --- recovery, close, secrecy ----------------------------------------------------------------------------------------


@manner(MANNERS, "A printer that is lost is told as lost, with its remedy, and prints again when it is back.")
async def lost_and_back(bench: PrinterBench) -> None:
    soon_s = bench.patience.soon_s
    await _prints(bench, "之前")
    await bench.hands.unplug()
    await refused(soon_s, bench.driver.status(), DeviceLost, what="status() of an unplugged printer")
    await _refused(bench, DeviceLost, what="print() on an unplugged printer")
    health = await within(soon_s, bench.driver.health(), "health() of an unplugged printer")
    expect(not health.usable and health.remedy is not Remedy.NONE, f"health {health.condition}, {health.remedy}")
    await bench.hands.plug()
    await bench.hands.settle()
    await _prints(bench, "之后")
    await _lies_there(bench, "之前", "之后")


@manner(MANNERS, "Unplugged in the middle of a page, the printer is told as lost, and the page is not printed later.")
async def unplugged_in_the_middle(bench: PrinterBench) -> None:
    bench.hands.faults.fail_next("print", Fault.LOSE)
    await _refused(bench, DeviceLost, what="print() on a printer that is unplugged meanwhile")
    await bench.hands.plug()
    await bench.hands.settle()
    await _prints(bench, "之后")
    await _lies_there(bench, "之后")


@manner(
    MANNERS,
    "close() may be called twice, gives back every descriptor, task and process, and nothing is opened again.",
    alone=True,
)
async def close_gives_everything_back(bench: PrinterBench) -> None:
    before = Held.now()
    soon_s = bench.patience.soon_s
    await within(soon_s, bench.driver.status(), "status()")
    await within(soon_s, bench.driver.close(), "close()")
    await within(soon_s, bench.driver.close(), "close() again")
    await refused(soon_s, bench.driver.print(SLIP), DeviceLost, what="print() after close()")
    await refused(soon_s, bench.driver.status(), DeviceLost, what="status() after close()")
    health = await within(soon_s, bench.driver.health(), "health() after close()")
    expect(not health.usable, f"condition {health.condition} after close()")
    await given_back(before, min(2.0, soon_s))
    await _lies_there(bench)


@manner(MANNERS, "Opened and closed many times, nothing adds up.", alone=True)
async def open_and_close_many_times(bench: PrinterBench) -> None:
    await opened_and_closed(bench)


@manner(MANNERS, "An error holds nothing of what should have been printed.")
async def errors_hold_nothing_personal(bench: PrinterBench) -> None:
    await bench.hands.out_of_paper()
    secret = page("周某某 0417")
    page_s = bench.patience.page_s
    error: BaseException | None = await refused(page_s, bench.driver.print(secret), PrinterError, what="print()")
    while error is not None:
        expect("0417" not in f"{error!r} {error}", "the error repeats the page")
        error = error.__cause__ or error.__context__
    expect("0417" not in repr(secret), "repr() shows the page")
