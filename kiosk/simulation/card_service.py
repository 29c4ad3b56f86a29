"""The switch of a PC/SC service: shot at once, started in its own time. It owns the starting and no process."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

log = logging.getLogger(__name__)


class CardService(Protocol):
    """A PC/SC service that can be shot: :class:`drivers.card.pcscd.PrivatePcscd`."""

    @property
    def pid(self) -> int | None:
        """``None`` while no process of it runs."""
        ...

    def kill(self) -> None: ...

    async def restart(self) -> None: ...


class ServiceSwitch:
    """Stops and starts ``service`` without making anybody wait. Lives on the running loop."""

    def __init__(self, service: CardService) -> None:
        self._service = service
        self._coming_up: asyncio.Task[None] | None = None
        self._failed = False

    @property
    def state(self) -> str:
        """``running``, ``stopped``, ``starting`` or ``failed``."""
        if self._coming_up is not None and not (self._coming_up.done() or self._coming_up.cancelling()):
            return "starting"
        if self._service.pid is not None:
            return "running"
        return "failed" if self._failed else "stopped"

    def stop(self) -> None:
        """Kill it as a crash would, also while it is starting."""
        if self._coming_up is not None:
            self._coming_up.cancel()
        self._failed = False
        self._service.kill()

    def start(self) -> None:
        """Begin to start it, unless it runs or is starting."""
        if self.state in ("stopped", "failed"):
            self._coming_up = asyncio.get_running_loop().create_task(self._bring_up(self._coming_up))

    async def aclose(self) -> None:
        """Start no more. The service itself is its owner's to close."""
        if self._coming_up is not None:
            self._coming_up.cancel()
            await asyncio.wait({self._coming_up})

    async def _bring_up(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:  # one that was cancelled must not kill what this one starts
            await asyncio.wait({before})
        try:
            await self._service.restart()
        except Exception as error:  # noqa: BLE001  nobody awaits this task: the state says that it failed
            log.warning("the PC/SC service does not start: %s", error)
            self._failed = True
