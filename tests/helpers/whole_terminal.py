"""The whole terminal, window and all, in a process of its own: ``python -m tests.helpers.whole_terminal run --config
FILE`` is the ``kiosk`` program with two ends more. Scenes go out on standard output, as a ``FarTerminal`` reads them;
what a citizen would do at the glass comes in on standard input. Nobody's data may stand in this module.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from tests.helpers.wire import Seen, _answer

if TYPE_CHECKING:
    from kiosk.screens import Scene


def main() -> int:
    import ui.app
    from kiosk import __main__ as program

    run_terminal = ui.app.run_terminal

    def with_doors(
        core_main: Callable[[Callable[[Scene], None]], Coroutine[Any, Any, None]],
        *surroundings: Any,
        answer: Callable[[Any, int], object],
        **more: Any,
    ) -> int:
        def both(show: Callable[[Scene], None]) -> Coroutine[Any, Any, None]:
            serial = 0

            def draw(scene: Scene) -> None:
                nonlocal serial
                serial = scene.serial
                seen = Seen.of(scene)
                print(json.dumps([seen.name, seen.variant, seen.serial, dict(seen.facts)]), flush=True)
                show(scene)

            def read() -> None:
                received = os.read(0, 4096)
                if not received:
                    asyncio.get_running_loop().remove_reader(0)
                for words in received.decode().split():
                    answer(_answer(words), serial)

            async def live() -> None:
                asyncio.get_running_loop().add_reader(0, read)
                await core_main(draw)

            return live()

        return run_terminal(both, *surroundings, answer=answer, **more)

    ui.app.run_terminal = with_doors
    return program.main()


if __name__ == "__main__":
    sys.exit(main())
