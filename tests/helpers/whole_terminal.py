"""The whole terminal, window and all, in a process of its own: ``python -m tests.helpers.whole_terminal run --config
FILE`` is the ``kiosk`` program with two ends more. Scenes go out on standard output, as a ``FarTerminal`` reads them;
what a citizen would do at the glass comes in on standard input. Nobody's data may stand in this module.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.helpers.wire import Seen, _answer

if TYPE_CHECKING:
    from kiosk.screens import Scene


def main() -> int:
    import ui.app
    from kiosk import __main__ as program

    run_terminal = ui.app.run_terminal

    def with_doors(
        core_main: Callable[[Callable[[Scene], None]], Any],
        *surroundings: Any,
        answer: Callable[[Any, int], object],
        **more: Any,
    ) -> int:
        def both(show: Callable[[Scene], None]) -> None:
            serial = 0

            def draw(scene: Scene) -> None:
                nonlocal serial
                serial = scene.serial
                seen = Seen.of(scene)
                print(json.dumps([seen.name, seen.variant, seen.serial, dict(seen.facts)]), flush=True)
                show(scene)

            def listen() -> None:
                while received := os.read(0, 4096):
                    for words in received.decode().split():
                        answer(_answer(words), serial)

            core_main(draw)
            threading.Thread(target=listen, name="door", daemon=True).start()

        return run_terminal(both, *surroundings, answer=answer, **more)

    ui.app.run_terminal = with_doors
    return program.main()


if __name__ == "__main__":
    sys.exit(main())
