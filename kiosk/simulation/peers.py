"""Every device of a terminal as a peer at the other end of its wire, and a configuration that names them.

For benchmarks that start the terminal as a program of its own, so that neither side shares its time with the other.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from drivers.frozen import dataclass

_CONFIG = """\
[terminal]
id = "ZZ-0000"
[devices]
card = "pcsc:{reader}"
idcard = "sdt:{pad}"
scanner = "camera:{lens}"
printer = "escpos:{printer}"
[insurer]
kind = "embedded"
path = "{folder}/insurer.db"
[data]
dir = "{folder}/data"
[log]
format = "json"
"""


@dataclass(frozen=True, slots=True)
class Peers:
    """What the program that is the terminal must be started with: the file of its configuration and additions to its
    environment."""

    config: Path
    environment: Mapping[str, str]
    """What the terminal's drivers must know beside it."""
    reader: bool
    """Whether there is a card reader: not without a private pcscd."""


@asynccontextmanager
async def peers(folder: Path, *, card: bool = False) -> AsyncIterator[Peers]:
    """All devices at work as long as the running loop runs; files in ``folder``. ``card``: one is in the reader."""
    from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
    from drivers.idcard.virtual import VirtualIdReader
    from drivers.printer.virtual import VirtualPrinter
    from drivers.scanner.virtual import VirtualCamera

    async with AsyncExitStack() as stack:
        pcscd, pad, lens, printer = PrivatePcscd(), VirtualIdReader(), VirtualCamera(), VirtualPrinter()
        name, environment = "", {}
        try:
            await pcscd.start()
        except PcscdUnavailable:
            pass
        else:
            stack.push_async_callback(pcscd.aclose)
            name, environment = pcscd.reader_name, {"PCSCLITE_CSOCK_NAME": str(pcscd.socket)}
            if card:
                player = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "kiosk.simulation.lone_card", str(pcscd.port)),
                    stdin=asyncio.subprocess.PIPE,
                )
                stack.push_async_callback(_ended, player)
        for peer in (pad, lens, printer):
            await peer.start()
            stack.push_async_callback(peer.aclose)
        config = folder / "kiosk.toml"
        addresses = {"pad": pad.port, "lens": lens.url, "printer": printer.url}
        config.write_text(_CONFIG.format(reader=name, folder=folder, **addresses), "utf-8")
        yield Peers(config, environment, bool(name))


async def _ended(player: asyncio.subprocess.Process) -> None:
    assert player.stdin is not None
    player.stdin.close()
    await player.wait()
