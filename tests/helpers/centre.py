"""The insurer's centre over a real network, with everything that a test may hear of it and spoil on the way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.insurer.api import (
    Activate,
    CardState,
    InsurerUnreachable,
)
from kiosk.insurer.dialogue import Limits
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.people import named
from kiosk.insurer.platform import PlatformInsurer, connect
from kiosk.insurer.server import Receive, Scope, Send
from tests.helpers.cable import Cable, cable_to
from tests.helpers.insurers import MORNING, Dice, TurnedClock, proof_of
from tests.helpers.served_insurer import (
    TERMINAL,
    Application,
    Served,
    agreement,
    papers,
    serving,
)

ISSUED = named("issued", MORNING.date())
ACTIVE = named("active", MORNING.date())
ACTIVATION = Activate(ISSUED.card, proof_of(ISSUED))
QUICK = Limits(connect=3.0, answer=1.0, whole=8.0, probe=3.0, farewell=0.2)
"""For tests in which somebody does not answer."""


@dataclass
class Centre:
    """The insurer, its server, and everything a test may do to what passes between."""

    insurer: EmbeddedInsurer
    clock: TurnedClock
    served: Served
    stack: AsyncExitStack
    folder: Path
    heard: list[tuple[dict[str, str], bytes]]
    """Every message that reached the server, headers and body."""
    spoil: Callable[[dict[str, str], bytes], tuple[int, dict[str, str], bytes]] | None = None
    """Makes another reply of a reply: headers and body in; status, headers and body out."""

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]

    def numbers(self) -> list[str]:
        return [message["infno"] for message in self.messages()]

    def terminal(self, port: int = 0, limits: Limits | None = None, **changes: Any) -> PlatformInsurer:
        """Closed when the test ends."""
        terms = replace(agreement(port or self.served.port), **changes)
        terminal = connect(terms, papers().papers(TERMINAL), self.folder / "messages", self.clock, limits)
        self.stack.push_async_callback(terminal.close)
        return terminal

    async def cable(self) -> Cable:
        return await self.stack.enter_async_context(cable_to(self.served.port))


@asynccontextmanager
async def centre_at(folder: Path) -> AsyncIterator[Centre]:
    """A centre on mutual TLS; terminals and cables that were asked of it are closed with it."""
    clock = TurnedClock()
    insurer = EmbeddedInsurer(":memory:", clock=clock, digits=Dice())
    heard: list[tuple[dict[str, str], bytes]] = []

    def listening(application: Application) -> Application:
        async def between(scope: Scope, receive: Receive, send: Send) -> None:
            body = bytearray()
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    break
            heard.append(({k.decode(): v.decode() for k, v in scope["headers"]}, bytes(body)))
            said: list[Any] = []

            async def again() -> Any:
                return {"type": "http.request", "body": bytes(body)}

            async def keep(event: Any) -> None:
                said.append(event)

            await application(scope, again, keep)
            if here.spoil is not None:
                headers = {k.decode(): v.decode() for k, v in said[0]["headers"]}
                status, headers, content = here.spoil(headers, said[1]["body"])
                headers["content-length"] = str(len(content))
                said[0].update(status=status, headers=[(k.encode(), v.encode()) for k, v in headers.items()])
                said[1]["body"] = content
            for event in said:
                await send(event)

        return between

    async with serving(insurer, clock, listening) as served, AsyncExitStack() as stack:
        here = Centre(insurer, clock, served, stack, folder, heard)
        yield here
    await insurer.close()


async def lost(asking: Any) -> bool:
    """Whether what could not be answered may have been sent."""
    with pytest.raises(InsurerUnreachable) as unreachable:
        await asking
    return unreachable.value.sent


async def state(insurer: EmbeddedInsurer) -> CardState:
    return (await insurer.card(ISSUED.card)).state
