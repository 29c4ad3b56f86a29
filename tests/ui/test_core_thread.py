"""The thread of the core: it starts, takes calls, stops, and its crash is heard."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading

import pytest

from kiosk.outline import outline
from ui.core_thread import CoreThread


class Ended:
    """What the core thread said at its end."""

    def __init__(self) -> None:
        self._heard: queue.Queue[BaseException | None] = queue.Queue()

    def __call__(self, error: BaseException | None) -> None:
        self._heard.put(error)

    def wait(self) -> BaseException | None:
        return self._heard.get(timeout=5)


async def _for_ever() -> None:
    await asyncio.Event().wait()


def test_the_core_runs_in_a_thread_of_its_name_and_stops_when_told() -> None:
    ended = Ended()
    core = CoreThread(ended)
    names: queue.Queue[str] = queue.Queue()
    put_away = threading.Event()

    async def main() -> None:
        names.put(threading.current_thread().name)
        try:
            await _for_ever()
        finally:
            put_away.set()

    core.start(main)
    assert names.get(timeout=5) == "core"
    assert core.running
    assert core.stop(5)
    assert put_away.is_set()
    assert ended.wait() is None
    assert not core.running


def test_calls_from_outside_run_on_the_loop_in_order() -> None:
    core = CoreThread(Ended())
    begun = threading.Event()
    got: list[tuple[int, str]] = []
    done = threading.Event()

    async def main() -> None:
        begun.set()
        await _for_ever()

    core.start(main)
    assert begun.wait(5)
    for i in range(3):
        assert core.submit(lambda i: got.append((i, threading.current_thread().name)), i)
    core.submit(done.set)
    assert done.wait(5)
    assert got == [(0, "core"), (1, "core"), (2, "core")]
    assert core.stop(5)
    assert core.submit(done.set) is False


def test_a_core_that_was_never_started_takes_nothing_and_stops_at_once() -> None:
    core = CoreThread(Ended())
    assert core.submit(print) is False
    assert core.stop(0)


def test_a_core_may_end_by_itself() -> None:
    ended = Ended()
    core = CoreThread(ended)

    async def main() -> None:
        return

    core.start(main)
    assert ended.wait() is None
    assert core.stop(5)


def test_a_crash_is_heard_and_logged_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    ended = Ended()
    core = CoreThread(ended)

    async def main() -> None:
        try:
            raise KeyError("410105199003071234")
        except KeyError as cause:
            raise ValueError("段文清") from cause

    core.start(main)
    error = ended.wait()
    assert isinstance(error, ValueError)
    assert core.stop(5)
    assert "ValueError" in caplog.text
    assert "KeyError" in caplog.text
    assert "in main" in caplog.text
    assert "段文清" not in caplog.text
    assert "410105199003071234" not in caplog.text


def test_a_core_that_cancels_itself_has_crashed() -> None:
    ended = Ended()
    core = CoreThread(ended)

    async def main() -> None:
        raise asyncio.CancelledError

    core.start(main)
    assert isinstance(ended.wait(), asyncio.CancelledError)
    assert core.stop(5)


def test_a_stop_that_comes_at_once_is_not_lost() -> None:
    ended = Ended()
    core = CoreThread(ended)
    core.start(_for_ever)
    assert core.stop(5)
    assert ended.wait() is None


def test_a_core_that_does_not_let_go_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    ended = Ended()
    core = CoreThread(ended)
    begun, enough = threading.Event(), threading.Event()

    async def main() -> None:
        begun.set()
        enough.wait(5)  # blocks the loop, as nothing ever should

    core.start(main)
    assert begun.wait(5)
    assert core.stop(0.05) is False
    assert "did not end" in caplog.text
    enough.set()
    ended.wait()
    assert core.stop(5)


def test_a_task_that_fails_unseen_is_told_of_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    ended = Ended()
    core = CoreThread(ended)

    async def fail() -> None:
        raise RuntimeError("段文清")

    async def main() -> None:
        task = asyncio.create_task(fail())
        await asyncio.wait([task])
        del task

    core.start(main)
    assert ended.wait() is None
    assert core.stop(5)
    assert "RuntimeError" in caplog.text
    assert "段文清" not in caplog.text


def test_an_outline_ends_even_where_causes_go_round() -> None:
    one, other = ValueError("1"), KeyError("2")
    one.__cause__, other.__cause__ = other, one
    assert outline(one) == "ValueError; from KeyError"


def test_what_is_left_over_in_the_loop_is_counted_and_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    stray = threading.Event()
    core = CoreThread(Ended(), stray.set)

    async def main() -> None:
        def fail() -> None:
            raise ValueError("410105199003071234")

        asyncio.get_running_loop().call_soon(fail)
        await _for_ever()

    core.start(main)
    assert stray.wait(5)
    assert core.running, "it goes on"
    assert core.stop(5)
    assert "ValueError" in caplog.text
    assert "410105" not in caplog.text
