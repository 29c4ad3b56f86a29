"""Measures the PC/SC reader beside the same commands in a bare loop over the same service and the same card.

Owns the fairness of the comparison: one pcscd, one card in a process of its own, the bare loop in another, and the two
take turns. The bare loop is winscard's own call without any of ours around it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from drivers.api import Card, Response
from drivers.card.pcsc import PcscCardReader
from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.card.social_security import SocialSecurityCard
from drivers.frozen import dataclass

_ROUNDS = 5
_READS = 40
"""Readings a round."""
_DEADLINE_S = 20.0


class NoService(Exception):
    """There can be no private pcscd here; the text says why."""


class _Listener:
    """A card that notes which commands it was sent."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self.commands: list[bytes] = []

    @property
    def atr(self) -> bytes:
        return self._card.atr

    async def transmit(self, apdu: bytes) -> Response:
        self.commands.append(bytes(apdu))
        return await self._card.transmit(apdu)

    async def removed(self) -> None:
        await self._card.removed()

    async def release(self) -> None:
        await self._card.release()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Milliseconds of each reading."""

    commands: int
    """So many a reading takes."""
    whole: list[float]
    """The application on the card selected, its files read and understood, through the reader."""
    sent: list[float]
    """The same commands through the reader, their answers thrown away."""
    bare: list[float]
    """The same commands in the bare loop."""


async def compare(play_card: Sequence[str]) -> Comparison:
    """Read one card again and again, by turns in each of the ways.

    ``play_card`` starts the process that holds a card in the slot at the port that is its last argument, until its
    input ends. Raises NoService.
    """
    service = PrivatePcscd()
    try:
        await service.start()
    except PcscdUnavailable as error:
        raise NoService(str(error)) from error
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    pipe = asyncio.subprocess.PIPE
    card_process = await asyncio.create_subprocess_exec(*play_card, str(service.port), stdin=pipe, env=environment)
    bare_process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "drivers.card.measure", service.reader_name),
        stdin=pipe,
        stdout=pipe,
        env=environment | {"PCSCLITE_CSOCK_NAME": service.socket},
    )
    reader = PcscCardReader(service.reader_name, socket=service.socket)
    found = Comparison(0, [], [], [])
    try:
        async with asyncio.timeout(_DEADLINE_S * _ROUNDS):
            commands = await _commands(reader)
            for _ in range(_ROUNDS):
                card = await reader.card()
                found.whole.extend(await _times(partial(_read, card)))
                found.sent.extend(await _times(partial(_send, card, commands)))
                await card.release()
                found.bare.extend(await _bare(bare_process, commands))
    finally:
        await reader.close()
        for process in (bare_process, card_process):
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()
        await service.aclose()
    return replace(found, commands=len(commands))


async def _read(card: Card) -> None:
    chip = await SocialSecurityCard.select(card)
    await chip.public()
    await chip.holder()


async def _send(card: Card, commands: list[bytes]) -> None:
    for command in commands:
        await card.transmit(command)


async def _times(read: Callable[[], Awaitable[None]]) -> list[float]:
    times = []
    for _ in range(_READS):
        begun = time.perf_counter()
        await read()
        times.append((time.perf_counter() - begun) * 1000)
    return times


async def _commands(reader: PcscCardReader) -> list[bytes]:
    listener = _Listener(await reader.card())
    await _read(listener)
    await listener.release()
    return listener.commands


async def _bare(process: asyncio.subprocess.Process, commands: list[bytes]) -> list[float]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps([command.hex() for command in commands]).encode() + b"\n")
    await process.stdin.drain()
    times: list[float] = json.loads(await process.stdout.readline())
    return times


def bare_loop(reader: str) -> None:
    """The reference, in a process of its own: for each line of commands, how long each reading took."""
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    for line in sys.stdin:
        commands = [list(bytes.fromhex(command)) for command in json.loads(line)]
        until = time.monotonic() + _DEADLINE_S
        while True:
            result, card, protocol = scard.SCardConnect(
                context, reader, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
            )
            if result == 0 or time.monotonic() > until:
                break
            time.sleep(0.02)  # the reader that had the card is still letting it go
        times = []
        for _ in range(_READS):
            begun = time.perf_counter()
            for command in commands:
                result, answer = scard.SCardTransmit(card, protocol, command)
                if result or len(answer) < 2:
                    sys.exit(f"the card does not answer the bare loop: {result:#x}")
            times.append((time.perf_counter() - begun) * 1000)
        scard.SCardDisconnect(card, scard.SCARD_UNPOWER_CARD)
        sys.stdout.write(json.dumps(times) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    bare_loop(sys.argv[1])
