"""The manners of a card reader: what ``drivers.api.CardReader`` and ``Card`` promise, one by one.

Simulated hands put in the sample card and know what it holds; a person's hands put in whatever chip card is there,
and no manner sends such a card a command that could change it.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from drivers.api import Card, CardError, CardReader, Condition, DeviceLost, MuteCard, PulledEarly
from drivers.card.authority import Algorithm
from drivers.card.chip import Chip
from drivers.card.social_security import SSSE, PinNotProved, SocialSecurityCard
from drivers.contract import samples
from drivers.contract.manners import Bench, Manner, NotTried, manner
from drivers.contract.observe import (
    Held,
    cancels,
    eventually,
    expect,
    given_back,
    happens,
    refused,
    started,
    waits,
    within,
)
from drivers.faults import Fault, FaultPlan

SELECT_MF = bytes.fromhex("00A40000")
"""Harmless, and every chip card answers it (ISO 7816-4)."""
MUTE_TOLD_S = 2.0
"""``card()`` tells within 1 s of the insertion; a simulated slot needs up to 0.5 s more to be noticed, and a
person presses Enter after it."""
BACK_S = 5.0
"""A reader that came back is used again within this time."""


class CardHands(Protocol):
    """Whoever stands at the slot. What these hands cannot do raises NotTried."""

    @property
    def simulated(self) -> bool: ...

    @property
    def faults(self) -> FaultPlan:
        """Trouble at an exact moment, which only a simulated card can make."""
        ...

    async def insert(self, chip: Chip | None = None) -> None:
        """Put in this card, or any card in order."""
        ...

    async def insert_wrong_way(self) -> None: ...

    async def pull(self) -> None:
        """Take out whatever is in."""
        ...

    def released(self) -> bool:
        """Whether the card in the slot is without power."""
        ...

    async def unplug(self) -> None:
        """Let the reader, or the service behind which it stands, vanish."""
        ...

    async def plug(self) -> None: ...


CardBench = Bench[CardReader, CardHands]
MANNERS: list[Manner[CardReader, CardHands]] = []


async def _card(bench: CardBench) -> Card:
    return await within(bench.patience.soon_s, bench.driver.card(), "card() with a card in the slot")


async def _answers(bench: CardBench, card: Card) -> None:
    response = await within(bench.patience.soon_s, card.transmit(SELECT_MF), "transmit()")
    expect(0x6000 <= response.sw <= 0x9FFF, "the answer has no status word")
    expect(response.ok or not bench.hands.simulated, "a card in order refuses SELECT")


# --- status ----------------------------------------------------------------------------------------------------------


@manner(MANNERS, "An empty reader says that it is online, and which model it is.")
async def empty_reader_is_online(bench: CardBench) -> None:
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    expect(health.condition is Condition.ONLINE, f"condition {health.condition} instead of online")
    expect(bool(health.model), "no model")


@manner(MANNERS, "Asked while somebody waits for a card, health answers.")
async def health_while_waiting(bench: CardBench) -> None:
    async with started(bench.driver.card()) as waiting:
        health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
        expect(health.usable, f"condition {health.condition}")
        await waits(waiting, 0.0, "card()")


@manner(MANNERS, "Asked while a card is held, health answers, and the card hears nothing of it.")
async def health_while_a_card_is_held(bench: CardBench) -> None:
    await bench.hands.insert()
    card = await _card(bench)
    await _answers(bench, card)
    heard = bench.hands.faults.calls["apdu"] if bench.hands.simulated else 0
    for _ in range(3):
        health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
        expect(health.usable, f"condition {health.condition}")
    expect(not bench.hands.simulated or bench.hands.faults.calls["apdu"] == heard, "the card was sent a command")
    await _answers(bench, card)
    await card.release()


# --- insertion -------------------------------------------------------------------------------------------------------


@manner(MANNERS, "card() waits for an insertion, powers the card and tells its answer to reset.")
async def card_comes(bench: CardBench) -> None:
    async with started(bench.driver.card()) as waiting:
        await waits(waiting, bench.patience.still_s, "card() before an empty slot")
        await bench.hands.insert()
        await happens(bench, "insertion to card()", waiting)
        card = waiting.result()
    expect(len(card.atr) >= 2 and card.atr[0] in (0x3B, 0x3F), "no answer to reset")
    await _answers(bench, card)
    await card.release()


@manner(MANNERS, "A card that is in already is had at once, and again after its release.")
async def card_is_in_already(bench: CardBench) -> None:
    await bench.hands.insert()
    for _ in range(2):
        card = await _card(bench)
        await _answers(bench, card)
        await card.release()


@manner(MANNERS, "The answer to reset is the card's own, and file commands arrive at the chip unchanged.")
async def bytes_arrive_unchanged(bench: CardBench) -> None:
    inserted = _sample(bench)
    await bench.hands.insert(inserted)
    card = await _card(bench)
    expect(card.atr == inserted.atr, "another answer to reset than the card's")
    expect(not bench.hands.released(), "the card has no power")
    not_there = await card.transmit(bytes.fromhex("00A4000002EF05"))
    expect(not_there.sw == 0x6A82, "a file of an application that was not selected was found")


@manner(MANNERS, "The whole dialogue runs: both files read, tries asked, password reset by the authority.")
async def whole_dialogue(bench: CardBench) -> None:
    inserted = _sample(bench, Algorithm.SM4)
    await bench.hands.insert(inserted)
    card = await SocialSecurityCard.select(await _card(bench))
    expect((await card.public()).number == inserted.profile.number, "another card number")
    expect((await card.holder()).name == inserted.profile.name, "another name")
    expect(await card.tries_left() == 6, "another number of tries")
    await card.reset_pin(samples.SampleAuthority(), bytearray(b"778899"))
    expect(inserted.pin_matches(b"778899"), "the chip holds another password")


@manner(MANNERS, "An answer does not show its data when it is printed into a log.")
async def answer_stays_out_of_repr(bench: CardBench) -> None:
    inserted = _sample(bench)
    await bench.hands.insert(inserted)
    card = await _card(bench)
    await card.transmit(bytes.fromhex("00A404000F") + SSSE)
    await card.transmit(bytes.fromhex("00A4000002EF05"))
    response = await card.transmit(bytes.fromhex("00B2010500"))
    expect(response.ok and inserted.profile.number.encode() in response.data, "the card's number was not read")
    expect(inserted.profile.number not in repr(response), "repr() shows personal data")


# --- release and removal ---------------------------------------------------------------------------------------------


@manner(MANNERS, "release() takes the power from the card, and may be called twice.")
async def release_frees_the_card(bench: CardBench) -> None:
    await bench.hands.insert()
    card = await _card(bench)
    await within(bench.patience.soon_s, card.release(), "release()")
    await within(bench.patience.soon_s, card.release(), "release() again")
    if bench.hands.simulated:  # nobody sees it from outside a real card
        # Power-off crosses the wire without an answer.
        await eventually(
            bench.hands.released, min(2.0, bench.patience.soon_s), "the card still has power after release()"
        )
    await refused(bench.patience.soon_s, card.transmit(SELECT_MF), Exception, what="transmit() after release()")


@manner(MANNERS, "removed() waits while the card is in, and returns when it has left, also later.")
async def removed_tells_the_removal(bench: CardBench) -> None:
    await bench.hands.insert()
    card = await _card(bench)
    await card.release()
    async with started(card.removed()) as gone:
        await waits(gone, bench.patience.still_s, "removed() with the card in the slot")
        await bench.hands.pull()
        await happens(bench, "removal to removed()", gone)
    await within(bench.patience.soon_s, card.removed(), "removed() of a card that left long ago")


@manner(MANNERS, "A card that is held must be released before the next one can be had.")
async def held_card_must_be_released_first(bench: CardBench) -> None:
    await bench.hands.insert()
    card = await _card(bench)
    await refused(bench.patience.soon_s, bench.driver.card(), RuntimeError, what="card() while one is held")
    await card.release()


@manner(MANNERS, "A card that left while it was held ends every command with PulledEarly; the next card works.")
async def card_leaves_while_held(bench: CardBench) -> None:
    await bench.hands.insert()
    card = await _card(bench)
    async with started(card.removed()) as gone:
        await bench.hands.pull()
        await happens(bench, "removal to removed()", gone)
    await refused(bench.patience.soon_s, card.transmit(SELECT_MF), PulledEarly, what="transmit() after the removal")
    await bench.hands.insert()
    second = await _card(bench)
    await _answers(bench, second)
    await second.release()


@manner(MANNERS, "A command sent in the moment after the removal is not answered.")
async def command_just_after_the_removal(bench: CardBench) -> None:
    inserted = _sample(bench)
    await bench.hands.insert(inserted)
    card = await _card(bench)
    await bench.hands.pull()
    await refused(bench.patience.soon_s, card.transmit(SELECT_MF), PulledEarly, what="transmit() after the removal")


@manner(MANNERS, "A card exchanged for another is never taken for the first one.")
async def another_card_is_another_card(bench: CardBench) -> None:
    first, second = _sample(bench), _sample(bench, Algorithm.SM4)
    await bench.hands.insert(first)
    card = await _card(bench)
    await bench.hands.insert(second)
    await within(bench.patience.soon_s, card.removed(), "removed() of the first card")
    await refused(bench.patience.soon_s, card.transmit(SELECT_MF), PulledEarly, what="transmit() to the first card")
    expect(second.apdus == 0, "the second card was sent a command meant for the first")
    await _answers(bench, await _card(bench))
    expect(second.apdus == 1, "the second card was not reached")


@manner(MANNERS, "Pulled at any command of a password reset, the reset is never taken for a success.")
async def pulled_at_each_command(bench: CardBench) -> None:
    steps = 8  # select, select file, read, challenge, authenticate, challenge, reset, verify
    faults = bench.hands.faults
    for step in range(steps):
        inserted = samples.chip()
        faults.fail_next("apdu" if step % 2 else "answer", Fault.PULL, after=step)
        await bench.hands.insert(inserted)
        held = await _card(bench)

        async def reset(held: Card = held) -> None:
            await (await SocialSecurityCard.select(held)).reset_pin(samples.SampleAuthority(), bytearray(b"778899"))

        what = f"a password reset, pulled at command {step + 1}"
        await refused(bench.patience.soon_s, reset(), PulledEarly, PinNotProved, what=what)
        await within(bench.patience.soon_s, held.removed(), "removed()")
        expect(inserted.verifies <= 1, "VERIFY was sent more than once")
    happened = faults.fired["apdu", Fault.PULL] + faults.fired["answer", Fault.PULL]
    expect(happened == steps, "not every command reached the card")


# --- cards that do not answer ----------------------------------------------------------------------------------------


@manner(MANNERS, "A card put in the wrong way round is told once, soon, and the next one is waited for.")
async def wrong_way_round(bench: CardBench) -> None:
    async with started(bench.driver.card()) as waiting:
        await waits(waiting, 0.05, "card() before an empty slot")
        await bench.hands.insert_wrong_way()
        await happens(bench, "insertion to MuteCard", waiting, MUTE_TOLD_S)
        await refused(1.0, waiting, MuteCard, what="card() with a card the wrong way round")
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    expect(health.condition is Condition.USER_ERROR, f"condition {health.condition} instead of user_error")
    async with started(bench.driver.card()) as waiting:
        await waits(waiting, bench.patience.still_s, "card() after a mute card was told of")
        await bench.hands.pull()
        await bench.hands.insert()
        await happens(bench, "insertion to card()", waiting)
        await waiting.result().release()


@manner(MANNERS, "A card that falls silent for good is told as mute, stays so, and does not spoil the next card.")
async def card_falls_silent(bench: CardBench) -> None:
    await _silent(bench, Fault.MUTE)


@manner(MANNERS, "One answer that never comes makes the card mute: no command is sent twice, none is thought answered.")
async def answer_never_comes(bench: CardBench) -> None:
    await _silent(bench, Fault.DROP)


async def _silent(bench: CardBench, fault: Fault) -> None:
    inserted = _sample(bench)
    await bench.hands.insert(inserted)
    card = await _card(bench)
    bench.hands.faults.fail_next("apdu", fault)
    soon_s = bench.patience.soon_s
    begun = asyncio.get_running_loop().time()
    await refused(soon_s, card.transmit(SELECT_MF), MuteCard, what="transmit() to a silent card")
    bench.timings["silence to MuteCard"] = asyncio.get_running_loop().time() - begun
    await refused(soon_s, card.transmit(SELECT_MF), MuteCard, what="transmit() to a card that was mute")
    expect(inserted.apdus == 0, "a command was sent again")
    await within(soon_s, card.release(), "release() of a mute card")
    async with started(card.removed()) as gone:
        await waits(gone, 0.05, "removed() of a mute card in the slot")
        await bench.hands.pull()
        await within(soon_s, gone, "removed()")
    await bench.hands.insert()
    await _answers(bench, await _card(bench))


@manner(MANNERS, "A late answer is an answer.")
async def late_answer(bench: CardBench) -> None:
    faults = bench.hands.faults
    await bench.hands.insert()
    card = await _card(bench)
    faults.delay("apdu", 0.3)
    await _answers(bench, card)


@manner(MANNERS, "A damaged answer is not a success.")
async def damaged_answer(bench: CardBench) -> None:
    faults = bench.hands.faults
    await bench.hands.insert()
    card = await _card(bench)
    faults.fail_next("answer", Fault.GARBLE)
    what = "selecting the application, answered with damage"
    await refused(bench.patience.soon_s, SocialSecurityCard.select(card), CardError, what=what)


# --- waiting and cancelling ------------------------------------------------------------------------------------------


@manner(MANNERS, "Every wait can be cancelled, and leaves no trace.")
async def cancelled_waits_leave_no_trace(bench: CardBench) -> None:
    for _ in range(3):
        async with started(bench.driver.card()) as waiting:
            await asyncio.sleep(0.02)
            await cancels(waiting, "card()")
    await bench.hands.insert()
    card = await _card(bench)
    async with started(card.removed()) as gone:
        await asyncio.sleep(0)
        await cancels(gone, "removed()")
    await _answers(bench, card)
    await card.release()


@manner(MANNERS, "Cancelled while the card is being powered, the wait leaves it free.")
async def cancelled_while_powering(bench: CardBench) -> None:
    inserted = _sample(bench)
    for step in range(6):
        await bench.hands.insert(inserted)
        async with started(bench.driver.card()) as waiting:
            await asyncio.sleep(0.07 * step)
            waiting.cancel()
            await asyncio.wait([waiting], timeout=bench.patience.soon_s)
            expect(waiting.done(), "card(): cannot be cancelled")
            if not waiting.cancelled() and waiting.exception() is None:
                await waiting.result().release()
        card = await _card(bench)
        await _answers(bench, card)
        await card.release()


@manner(MANNERS, "A second one who waits for a card is refused.")
async def two_may_not_wait(bench: CardBench) -> None:
    async with started(bench.driver.card()) as first:
        await waits(first, 0.02, "card() before an empty slot")
        await refused(bench.patience.soon_s, bench.driver.card(), RuntimeError, what="a second card()")
        await waits(first, 0.0, "the first card()")


# --- recovery and close ----------------------------------------------------------------------------------------------


@manner(MANNERS, "A reader that vanishes ends the wait with DeviceLost and is not healthy; back, it is used again.")
async def lost_while_waiting(bench: CardBench) -> None:
    soon_s = bench.patience.soon_s
    async with started(bench.driver.card()) as waiting:
        await waits(waiting, bench.patience.still_s, "card() before an empty slot")
        await bench.hands.unplug()
        await refused(soon_s, waiting, DeviceLost, what="card() of a reader that vanished")
    health = await within(soon_s, bench.driver.health(), "health() of a reader that vanished")
    expect(not health.usable, f"condition {health.condition} of a reader that vanished")
    await refused(soon_s, bench.driver.card(), DeviceLost, what="card() of a reader that is not there")
    await bench.hands.plug()
    await bench.hands.insert()
    await _had_again(bench)


@manner(MANNERS, "A reader that vanishes while a card is held answers no command and tells the card as removed.")
async def lost_while_a_card_is_held(bench: CardBench) -> None:
    await bench.hands.insert()
    card = await _card(bench)
    await bench.hands.unplug()
    soon_s = bench.patience.soon_s
    await refused(soon_s, card.transmit(SELECT_MF), DeviceLost, PulledEarly, what="transmit() without a reader")
    await within(soon_s, card.removed(), "removed() without a reader")
    await within(soon_s, card.release(), "release() without a reader")
    await bench.hands.plug()
    await bench.hands.insert()
    await _had_again(bench)


async def _had_again(bench: CardBench) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while True:
        try:
            card = await within(BACK_S, bench.driver.card(), "card() of a reader that is back")
        except (DeviceLost, MuteCard):
            expect(loop.time() - begun < BACK_S, f"the reader is not back within {BACK_S:g} s")
            await asyncio.sleep(0.05)
        else:
            break
    bench.timings["plugged to card()"] = loop.time() - begun
    await _answers(bench, card)
    await card.release()


@manner(
    MANNERS,
    "close() ends the wait, may be called twice, and gives back every descriptor, task and process.",
    alone=True,
)
async def close_gives_everything_back(bench: CardBench) -> None:
    before = Held.now()
    soon_s = bench.patience.soon_s
    async with started(bench.driver.card()) as waiting:
        await waits(waiting, bench.patience.still_s, "card() before an empty slot")
        await within(soon_s, bench.driver.close(), "close()")
        await within(soon_s, bench.driver.close(), "close() again")
        await refused(soon_s, waiting, DeviceLost, what="card() of a reader that was closed")
    await refused(soon_s, bench.driver.card(), DeviceLost, what="card() after close()")
    health = await within(soon_s, bench.driver.health(), "health() after close()")
    expect(not health.usable, f"condition {health.condition} after close()")
    del waiting
    await given_back(before, min(2.0, bench.patience.soon_s))


@manner(MANNERS, "close() ends the wait for a card to leave, though it is still in: nobody looks at it any more.")
async def close_ends_the_wait_for_a_removal(bench: CardBench) -> None:
    await bench.hands.insert()
    card = await _card(bench)
    async with started(card.removed()) as gone:
        await waits(gone, bench.patience.still_s, "removed() with the card in the slot")
        await within(bench.patience.soon_s, bench.driver.close(), "close()")
        await within(bench.patience.soon_s, gone, "removed() of a card in a reader that was closed")
    await within(bench.patience.soon_s, card.removed(), "removed() after close()")


@manner(MANNERS, "Opened and closed many times, nothing adds up.", alone=True)
async def open_and_close_many_times(bench: CardBench) -> None:
    before = Held.now()
    for _ in range(3):
        reader = bench.another()
        async with started(reader.card()) as waiting:
            health = await within(bench.patience.soon_s, reader.health(), "health()")
            expect(health.usable, f"condition {health.condition}")
            await cancels(waiting, "card()")
        await within(bench.patience.soon_s, reader.close(), "close()")
        await within(bench.patience.soon_s, reader.close(), "close() again")
    del reader, waiting
    await given_back(before, min(2.0, bench.patience.soon_s))


def _sample(bench: CardBench, algorithm: Algorithm = Algorithm.TDES) -> Chip:
    """A sample card, if these hands have one: nobody wants to see their own card examined so closely."""
    if not bench.hands.simulated:
        raise NotTried("needs the sample card, which only simulated hands hold")
    return samples.chip(algorithm)
