"""Blocking code in a child process: deadlines hold, a death is told, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.api import DeviceLost, DeviceTimeout
from drivers.host import CallFailed, HostProcess, Newest
from tests.helpers.processes import alive, until_dead

ECHO = "tests.helpers.hosted_echo:Echo"


class Heard:
    """What a child said, and a way to wait for it."""

    def __init__(self) -> None:
        self.events: list[tuple[int, bytes]] = []
        self.losses: list[str] = []
        self._changed = asyncio.Event()

    def event(self, code: int, payload: bytes) -> None:
        self.events.append((code, payload))
        self._changed.set()

    def lost(self, reason: str) -> None:
        self.losses.append(reason)
        self._changed.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not true():
                self._changed.clear()
                await self._changed.wait()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@asynccontextmanager
async def hosted(*args: str, keep_alive: bool = False, **env: str) -> AsyncIterator[tuple[HostProcess, Heard]]:
    heard = Heard()
    host = HostProcess(ECHO, *args, env=env, on_event=heard.event, on_lost=heard.lost, keep_alive=keep_alive)
    try:
        yield host, heard
    finally:
        await host.close()


async def test_a_call_is_answered() -> None:
    async with hosted(KIOSK_TEST="here") as (host, _):
        assert host.pid is None
        assert await host.call("echo", b"hello", deadline_s=5) == b"hello"
        assert await host.call("environment", b"KIOSK_TEST", deadline_s=5) == b"here"
        assert len(await host.call("large", b"3000000", deadline_s=5)) == 3_000_000
        assert await asyncio.gather(*(host.call("echo", b"%d" % n, deadline_s=5) for n in range(50))) == [
            b"%d" % n for n in range(50)
        ]


async def test_refusals_carry_a_code_and_never_a_foreign_text() -> None:
    async with hosted() as (host, _):
        with pytest.raises(CallFailed) as refused:
            await host.call("refuse", deadline_s=5)
        assert refused.value.code == "refused"
        with pytest.raises(CallFailed) as crashed:
            await host.call("crash", deadline_s=5)
        assert crashed.value.code == "exception:ValueError"
        with pytest.raises(CallFailed) as lacking:
            await host.call("lack", deadline_s=5)
        assert lacking.value.code == "exception:ModuleNotFoundError:vendor_library", "staff know what to install"
        assert "secret" not in str(crashed.value)
        with pytest.raises(CallFailed):
            await host.call("_send", deadline_s=5)
        assert await host.call("echo", b"still here", deadline_s=5) == b"still here"


async def test_a_missed_deadline_kills_and_the_next_call_starts_anew() -> None:
    async with hosted() as (host, heard):
        await host.start()
        first = host.pid
        assert first is not None
        behind = asyncio.create_task(host.call("echo", b"", deadline_s=5))
        with pytest.raises(DeviceTimeout):
            await asyncio.gather(host.call("sleep", b"30", deadline_s=0.05), behind)
        assert heard.losses
        assert await host.call("echo", b"x", deadline_s=5) == b"x"
        assert host.pid != first


async def test_a_death_is_told_to_whoever_waits() -> None:
    async with hosted() as (host, heard):
        with pytest.raises(DeviceLost):
            await host.call("die", deadline_s=5)
        assert len(heard.losses) == 1
        assert host.pid is None


async def test_keep_alive_brings_the_child_back() -> None:
    async with hosted(keep_alive=True) as (host, heard):
        await host.start()
        first = host.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await heard.until(lambda: bool(heard.losses))
        async with asyncio.timeout(5):
            while not host.ready:
                await asyncio.sleep(0.01)
        assert host.pid != first


async def test_a_driver_that_cannot_start_says_why() -> None:
    async with hosted("broken") as (host, _):
        with pytest.raises(DeviceLost, match="no-such-device"):
            await host.call("echo", deadline_s=5)
    host = HostProcess("tests.helpers.hosted_echo:Nothing")
    with pytest.raises(DeviceLost, match="AttributeError"):
        await host.start()
    await host.close()


async def test_events_arrive_all_and_in_order() -> None:
    async with hosted() as (host, heard):
        await host.call("count", b"500", deadline_s=5)
        await heard.until(lambda: len(heard.events) == 500)
        assert heard.events == [(n, b"%d" % n) for n in range(500)]


async def test_of_large_offers_the_newest_wins() -> None:
    async with hosted() as (host, heard):
        await host.call("stream", b"30", deadline_s=5)
        # The last picture comes before or after the end is told, as quickly as pictures are taken.
        await heard.until(lambda: {(8, b""), (7, (29).to_bytes(4, "big"))} <= {(c, p[:4]) for c, p in heard.events})
        pictures = [payload for code, payload in heard.events if code == 7]
        numbers = [int.from_bytes(picture[:4], "big") for picture in pictures]
        assert all(len(picture) == 921_604 for picture in pictures)
        assert numbers == sorted(set(numbers))
        assert len(numbers) < 30


async def test_newest_gives_each_thing_once() -> None:
    newest: Newest[int] = Newest()
    newest.put(1)
    newest.put(2)
    assert await newest.get() == 2
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await newest.get()


async def test_a_cancelled_call_leaves_the_others_alone() -> None:
    async with hosted() as (host, _):
        await host.start()
        call = asyncio.create_task(host.call("sleep", b"0.05", deadline_s=5))
        await asyncio.sleep(0)
        call.cancel()
        assert await host.call("echo", b"x", deadline_s=5) == b"x"


async def test_what_a_call_carried_is_wiped_in_the_child() -> None:
    async with hosted() as (host, _):
        await host.call("keep", b"secret", deadline_s=5)
        assert b"secret" not in await host.call("kept", deadline_s=5)


async def test_closing_leaves_nothing() -> None:
    gc.collect()
    before = descriptors(), threading.active_count()
    async with hosted(keep_alive=True) as (host, _):
        await host.start()
        pid = host.pid
        assert pid is not None
        call = asyncio.create_task(host.call("sleep", b"30", deadline_s=60))
        await asyncio.sleep(0)
    with pytest.raises(DeviceLost):
        await call
    await host.close()
    assert not alive(pid)
    assert (descriptors(), threading.active_count()) == before
    with pytest.raises(DeviceLost):
        await host.call("echo", deadline_s=1)


async def test_the_child_dies_with_its_parent() -> None:
    program = (
        "import asyncio, os, sys; sys.path.insert(0, '.')\n"
        "from drivers.host import HostProcess\n"
        "async def main():\n"
        f"    host = HostProcess('{ECHO}'); await host.start()\n"
        "    asyncio.ensure_future(host.call('sleep', b'60', deadline_s=60))\n"
        "    await asyncio.sleep(0.05); print(host.pid, flush=True); os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).parents[2]
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, check=False
    )
    pid = int(done.stdout)
    async with asyncio.timeout(5):
        await until_dead(pid)
