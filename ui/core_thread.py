"""The thread in which the core lives: one asyncio loop, one main coroutine, calls handed in from outside. It knows no
Qt and touches no object of it; what the core has to say to the glass it says through a callable that was given to it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from kiosk.outline import outline

if TYPE_CHECKING:
    import asyncio

log = logging.getLogger(__name__)


class Core(Protocol):
    """What stands beside the glass: the core in a thread, or what listens to it where it lives."""

    def start(self, main: Callable[[], Any]) -> None: ...

    def submit(self, call: Callable[..., object], *arguments: object) -> bool: ...

    def stop(self, timeout: float) -> bool: ...


def over_within(timeout: float, thread: threading.Thread | None) -> bool:
    """Whether the core's ``thread``, if it was ever begun, is over within ``timeout`` seconds."""
    if thread is None:
        return True
    thread.join(timeout)
    if thread.is_alive():
        log.error("the core did not end within %.1f s", timeout)
    return not thread.is_alive()


class CoreThread:
    """Runs the core beside the GUI.

    ``ended`` is called once in the core's thread when its main coroutine is over: with ``None`` when it returned or
    was stopped, else with the exception that ended it. ``stray`` hears of each exception that was left over in the loop
    and that nobody awaited.
    """

    def __init__(
        self, ended: Callable[[BaseException | None], None], stray: Callable[[], object] = lambda: None
    ) -> None:
        self._ended = ended
        self._stray = stray
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[Any] | None = None
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run ``main()`` in a thread named ``core``. Once only."""
        assert self._thread is None, "a core thread is started once"
        # A daemon, so that a core which hangs cannot keep the process from ending after `stop` gave up on it.
        self._thread = threading.Thread(target=self._run, args=(main,), name="core", daemon=True)
        self._thread.start()

    def submit(self, call: Callable[..., object], *arguments: object) -> bool:
        """Run ``call(*arguments)`` soon on the core's loop, from any thread. False if there is no loop to run it."""
        with self._lock:
            if self._loop is None:
                return False
            self._loop.call_soon_threadsafe(call, *arguments)
            return True

    def stop(self, timeout: float) -> bool:
        """Cancel the core and wait up to ``timeout`` seconds for it to put its things in order. True if it did."""
        self._stopping = True
        self.submit(self._cancel)
        return over_within(timeout, self._thread)

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()

    def _run(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        import asyncio  # loaded in this thread, while Qt works in the other

        error: BaseException | None = None
        try:
            with asyncio.Runner() as runner:
                loop = runner.get_loop()
                loop.set_exception_handler(self._report_stray)
                with self._lock:
                    self._loop = loop
                try:
                    runner.run(self._live(main))
                finally:
                    with self._lock:
                        self._loop = None
        except asyncio.CancelledError as cancelled:
            if not self._stopping:
                error = cancelled
        except BaseException as crash:  # noqa: BLE001  whatever ended the core, the glass must hear of it
            error = crash
        if error is not None:
            log.critical("the core ended: %s", outline(error))
        self._ended(error)

    async def _live(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        import asyncio

        self._main = asyncio.current_task()
        if self._stopping:
            return  # `stop` came before there was a task to cancel
        await main()

    def _report_stray(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """asyncio's own report would print the exception's message, which may be personal."""
        error = context.get("exception")
        log.error("left over in the core: %s", outline(error) if error is not None else context.get("message", ""))
        self._stray()
