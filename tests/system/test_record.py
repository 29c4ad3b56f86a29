"""``kiosk record`` with real processes and wires: a card behind pcscd, and Ctrl-C in the middle."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.card.replay import ReplayCardReader
from drivers.card.social_security import SocialSecurityCard
from drivers.card.virtual import VirtualCardSlot
from drivers.idcard.virtual import VirtualIdReader
from drivers.recording import tape
from tests.helpers.cards import LI, chip

pytestmark = pytest.mark.system


@asynccontextmanager
async def kiosk_record(*words: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiosk", "record", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | environment,
    )
    try:
        async with asyncio.timeout(30):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _told(process: asyncio.subprocess.Process, words: str) -> None:
    assert process.stderr is not None
    while words not in (await process.stderr.readline()).decode():
        assert not process.stderr.at_eof()


async def test_a_card_behind_pcscd(tmp_path: Path) -> None:
    out = tmp_path / "card.jsonl"
    service = PrivatePcscd()
    try:
        await service.start()
    except PcscdUnavailable as error:
        pytest.skip(f"no private pcscd here: {error}")
    words = ("--device", "card", "--driver", "pcsc:", "--out", str(out))
    async with (
        service,
        VirtualCardSlot(service.port) as slot,
        kiosk_record(*words, PCSCLITE_CSOCK_NAME=service.socket) as process,
    ):
        await _told(process, "put it in")
        slot.insert(chip())
        await _told(process, "take it out")
        slot.pull()
        assert await process.wait() == 0
    assert LI.number.encode().hex() not in out.read_text("utf-8")
    card = await ReplayCardReader(out).card()
    app = await SocialSecurityCard.select(card)
    assert (await app.public()).expires == LI.expires
    assert (await app.holder()).name != LI.name
    await card.release()
    await asyncio.wait_for(card.removed(), 1)


async def test_stopped_by_ctrl_c_what_was_recorded_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "id.jsonl"
    async with VirtualIdReader() as pad:
        words = ("--device", "idcard", "--driver", f"sdt:{pad.port}", "--out", str(out))
        async with kiosk_record(*words) as process:
            await _told(process, "lay it down")
            while pad.faults.calls["find"] < 2:
                await asyncio.sleep(0.01)
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
    assert any(event["event"] == "reply" for event in tape.read(out, "idcard").events)


async def test_an_earlier_recording_is_never_written_over(tmp_path: Path) -> None:
    earlier = tmp_path / "card.jsonl"
    earlier.write_text("the one incident")
    for out, says in ((earlier, "is there already; name another file"), (tmp_path / "a" / "b", "may write to")):
        async with kiosk_record("--device", "card", "--driver", "pcsc:", "--out", str(out)) as process:
            _, told = await process.communicate()
            assert process.returncode == 2
            assert says in told.decode()
    assert earlier.read_text() == "the one incident"
