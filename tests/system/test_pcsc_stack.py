"""The real PC/SC stack with its service killed under the reader, and what a private service leaves behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.api import Condition, DeviceInUse, DeviceLost, Remedy
from drivers.card.pcsc import PcscCardReader
from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.card.social_security import SocialSecurityCard
from drivers.card.virtual import VirtualCardSlot
from tests.helpers.cards import LI, chip
from tests.helpers.processes import alive, until_dead

pytestmark = pytest.mark.system


@pytest.fixture
async def service() -> AsyncIterator[PrivatePcscd]:
    private = PrivatePcscd()
    try:
        await private.start()
    except PcscdUnavailable as error:
        pytest.skip(f"no private pcscd here: {error}")
    yield private
    await private.aclose()


async def until_usable(reader: PcscCardReader) -> None:
    while not (await reader.health()).usable:
        await asyncio.sleep(0.02)


async def test_the_reader_is_back_within_5_s_of_a_restart(service: PrivatePcscd) -> None:
    loop = asyncio.get_running_loop()
    async with VirtualCardSlot(service.port) as slot:
        reader = PcscCardReader(service.reader_name, socket=service.socket)
        inserted = chip()
        slot.insert(inserted)
        for _ in range(3):
            card = await asyncio.wait_for(reader.card(), 5)
            process = reader.pid
            service.kill()
            await asyncio.wait_for(card.removed(), 5)
            with pytest.raises(DeviceLost):
                await reader.card()
            assert (await reader.health()).condition is Condition.OFFLINE
            await card.release()
            started = loop.time()
            await service.restart()
            await until_usable(reader)
            card = await asyncio.wait_for(reader.card(), 5)
            assert (await (await SocialSecurityCard.select(card)).public()).number == LI.number
            assert loop.time() - started < 5.0
            assert reader.pid == process, "the watch survives, no new process is needed"
            await card.release()
        await reader.close()


async def test_the_service_dies_in_the_middle_of_a_command(service: PrivatePcscd) -> None:
    async with VirtualCardSlot(service.port) as slot:
        reader = PcscCardReader(service.reader_name, socket=service.socket)
        slot.insert(chip())
        card = await asyncio.wait_for(reader.card(), 5)
        slot.faults.delay("apdu", 0.5)
        sent = asyncio.create_task(card.transmit(b"\x00\xa4\x00\x00"))
        await asyncio.sleep(0.1)
        service.kill()
        with pytest.raises(DeviceLost):
            await asyncio.wait_for(sent, 5)
        await reader.close()


async def test_a_killed_child_is_replaced_and_the_card_is_still_there(service: PrivatePcscd) -> None:
    async with VirtualCardSlot(service.port) as slot:
        reader = PcscCardReader(service.reader_name, socket=service.socket)
        slot.insert(chip())
        card = await asyncio.wait_for(reader.card(), 5)
        assert reader.pid is not None
        os.kill(reader.pid, 9)
        with pytest.raises(DeviceLost):
            await card.transmit(b"\x00\xa4\x00\x00")
        gone = asyncio.create_task(card.removed())
        card = await asyncio.wait_for(reader.card(), 5)
        assert (await card.transmit(b"\x00\xa4\x00\x00")).ok
        assert not gone.done()
        slot.pull()
        await asyncio.wait_for(gone, 5)
        await reader.close()


async def test_a_child_that_cannot_be_started_again_takes_its_card_with_it(
    service: PrivatePcscd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody will ever tell whether the card left: the farewell must not wait for that."""
    async with VirtualCardSlot(service.port) as slot:
        reader = PcscCardReader(service.reader_name, socket=service.socket, unheard_s=0.5)
        slot.insert(chip())
        card = await asyncio.wait_for(reader.card(), 5)
        gone = asyncio.create_task(card.removed())
        await asyncio.sleep(0)
        assert reader.pid is not None
        monkeypatch.setattr(sys, "executable", "/nonexistent/python")
        os.kill(reader.pid, 9)
        await asyncio.wait_for(gone, 3)
        await card.release()
        monkeypatch.undo()
        async with asyncio.timeout(10):  # it is back: the card that is in is a new one to us
            while not (await reader.health()).usable:
                await asyncio.sleep(0.1)
            second = await reader.card()
        assert (await second.transmit(b"\x00\xa4\x00\x00")).ok
        left = asyncio.create_task(second.removed())
        await asyncio.sleep(0.7)
        assert not left.done()
        await reader.close()
        await asyncio.wait_for(left, 1)


async def test_no_such_reader_and_no_service(service: PrivatePcscd) -> None:
    reader = PcscCardReader("Nobody", socket=service.socket)
    assert (await reader.health()).condition is Condition.NO_DEVICE
    with pytest.raises(DeviceLost):
        await reader.card()
    await reader.close()
    reader = PcscCardReader(socket="/nonexistent/pcscd.comm")
    assert (await reader.health()).condition is Condition.OFFLINE
    await reader.close()


async def test_a_card_that_another_program_holds(service: PrivatePcscd) -> None:
    """Two drivers stand for two programs: each knows the other only by what pcscd says."""
    async with VirtualCardSlot(service.port) as slot:
        other = PcscCardReader(service.reader_name, socket=service.socket)
        reader = PcscCardReader(service.reader_name, socket=service.socket)
        slot.insert(chip())
        held = await asyncio.wait_for(other.card(), 5)
        with pytest.raises(DeviceInUse):
            await asyncio.wait_for(reader.card(), 5)
        while (health := await reader.health()).condition is Condition.ONLINE:
            await asyncio.sleep(0.02)  # pcscd says who holds a card when it next looks at the slot
        assert (health.condition, health.remedy) == (Condition.BUSY, Remedy.CONFIGURATION)
        assert health.detail == "another program holds the card"
        assert (await other.health()).condition is Condition.ONLINE, "what one holds oneself is no trouble"
        coming = asyncio.ensure_future(reader.card())
        await asyncio.sleep(0.05)  # the reader tries for half a second
        await held.release()
        card = await asyncio.wait_for(coming, 5)
        assert card.atr, "a short look of somebody else is waited for"
        await card.release()
        assert (await reader.health()).condition is Condition.ONLINE, "nor what one has just released"
        await reader.close()
        await other.close()


async def test_a_private_service_leaves_nothing_behind(service: PrivatePcscd) -> None:
    pid, directory = service.pid, Path(service.socket).parents[1]
    assert directory.exists()
    await service.aclose()
    await service.aclose()
    assert not directory.exists()
    assert pid is not None
    assert not alive(pid)
    mounts = await asyncio.to_thread(Path("/proc/self/mountinfo").read_text)
    assert str(directory) not in mounts


async def test_a_private_service_dies_with_its_owner(service: PrivatePcscd) -> None:
    program = (
        "import asyncio, os, sys; sys.path.insert(0, '.')\n"
        "from drivers.card.pcscd import PrivatePcscd\n"
        "async def main():\n"
        "    service = PrivatePcscd(); await service.start()\n"
        "    print(service.pid, os.path.dirname(os.path.dirname(service.socket)), flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).parents[2]
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, check=False
    )
    pid, directory = done.stdout.decode().split()
    async with asyncio.timeout(5):
        await until_dead(int(pid))
    await asyncio.to_thread(subprocess.run, ["rm", "-r", directory], check=True)
