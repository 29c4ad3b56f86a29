"""The core's end of the glass: one scene goes down, one answer comes up.

An answer names the scene it answers; one that comes late (a second tap, a tap during a transition) is dropped, so
nothing the citizen did on one screen can act on the next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from kiosk.screens import Answer, Finish, Listen, Prefer, Scene, Screen, Touched
from kiosk.waiting import any_of


class Speaker(Protocol):
    """Says what stands on the glass (``kiosk.voice.narrator``). Nothing of it blocks."""

    @property
    def offered(self) -> bool: ...
    def has_private(self, scene: Scene) -> bool: ...
    def shown(self, scene: Scene) -> None: ...
    def touched(self) -> None: ...
    def again(self) -> None: ...
    def read_private(self) -> None: ...


@dataclass
class Glass:
    """``draw`` hands a scene to whoever paints it; it must not block."""

    draw: Callable[[Scene], None]
    scene: Scene | None = None
    speaker: Speaker | None = None
    """``None``: this terminal has no voice."""

    def __post_init__(self) -> None:
        self._serial = 0
        self._answers: deque[Answer] = deque()
        self._arrived: asyncio.Future[None] | None = None
        self._wished: Callable[[Prefer], None] | None = None

    @property
    def next_serial(self) -> int:
        """Of the scene that is shown next."""
        return self._serial + 1

    @property
    def shown(self) -> Screen[Any] | None:
        """The screen that stands; ``None`` before the first."""
        return self.scene.screen if self.scene is not None else None

    def show(self, scene: Scene, wished: Callable[[Prefer], None] | None = None) -> None:
        """Give the scene its serial and draw it. Answers to an earlier one are forgotten. ``wished`` takes wishes at
        once, where nobody waits for answers."""
        self._serial += 1
        self._answers.clear()
        self._wished = wished
        self._draw(scene if scene.serial == self._serial else replace(scene, serial=self._serial))

    def heed_nobody(self) -> None:
        """What stands there stays, and whoever it was shown to is forgotten."""
        self._wished = None

    def update(self, screen: Screen[Answer]) -> None:
        """New values on the same screen (a preview picture, a count-down): what was asked stays asked."""
        assert self.scene is not None
        assert type(screen) is type(self.scene.screen)
        self._draw(self.scene.showing(screen))

    def card_is_out(self) -> None:
        """Nobody is told any more to take it with them."""
        if self.scene is not None and self.scene.card_in:
            self._draw(replace(self.scene, card_in=False))

    def another_waits(self, left_s: float) -> None:
        """Somebody has put a card in; what stands leads no further and makes room for them after so long, if not
        before."""
        assert self.scene is not None
        screen = self.scene.screen.without_more()
        self._draw(replace(self.scene, screen=screen, another_waits=True, idle_s=left_s))

    def nobody_waits(self, screen: Screen[Answer]) -> None:
        """They have taken it away again: ``screen`` as it was stands there."""
        assert self.scene is not None
        self._draw(replace(self.scene, screen=screen, another_waits=False))

    def _draw(self, scene: Scene) -> None:
        if self.speaker is not None:
            offered = self.speaker.offered and scene.screen.heeded
            scene = replace(scene, can_speak=offered, can_read_out=offered and self.speaker.has_private(scene))
        self.scene = scene
        self.draw(scene)
        if self.speaker is not None:
            self.speaker.shown(scene)

    def receive(self, answer: Answer, serial: int) -> None:
        """An answer from the glass, on the core's loop."""
        if self.scene is None:
            return
        if isinstance(answer, Touched):
            self._keep(answer)
            return
        if serial != self.scene.serial:
            return
        screen = self.scene.screen
        if isinstance(answer, screen.answers) or (isinstance(answer, Finish) and screen.can_finish):
            self._keep(answer)
        elif isinstance(answer, Listen):
            self._listen(answer)
        elif isinstance(answer, Prefer):
            self._prefer(answer)

    def _prefer(self, wish: Prefer) -> None:
        if self._wished is None:
            self._keep(wish)
            return
        if self.speaker is not None:
            self.speaker.touched()
        self._wished(wish)

    def _listen(self, answer: Listen) -> None:
        """No screen is asked: whoever listens is there, and that is all the visit hears of it."""
        self._keep(Touched())
        if self.speaker is not None:
            if answer.what == "private":
                self.speaker.read_private()
            else:
                self.speaker.again()

    def _keep(self, answer: Answer) -> None:
        if self.speaker is not None:
            self.speaker.touched()
        self._answers.append(answer)
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    async def answer(self) -> Answer:
        """The next answer to the scene that is shown."""
        while True:
            await self.arrived()
            answer = self.take()
            if answer is not None:
                return answer

    async def answer_before(self, seconds: float, *ends: asyncio.Future[Any]) -> Answer | None:
        """The next answer, or ``None`` when time is up or one of the ends is there: an answer that came at the same
        moment stays to be taken, unless another scene is shown."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            for end in ends:
                if end.done():
                    return None
            answer = self.take()  # a quick hand is ahead of the screen
            if answer is not None or (left := until - loop.time()) <= 0:
                return answer
            await any_of(self.arrived(), *ends, seconds=left)

    def arrived(self) -> asyncio.Future[None]:
        """Done as soon as an answer is there to be taken. No task is made for it: a visit waits here all the time."""
        if self._arrived is None or self._arrived.done():
            self._arrived = asyncio.get_running_loop().create_future()
            if self._answers:
                self._arrived.set_result(None)
        return self._arrived

    def take(self) -> Answer | None:
        """The next answer if there is one; a scene shown since it came has made it forgotten."""
        return self._answers.popleft() if self._answers else None
