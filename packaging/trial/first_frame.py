"""How long the installed terminal takes from exec to its first frame, painted off screen: two numbers as JSON. Run by
the package's own Python with the settings it was installed with.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any


def main(settings: Path) -> int:
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software", "QV4_FORCE_INTERPRETER": "1"}
    import kiosk.__main__ as program
    from kiosk import compose, config
    from kiosk.screens import Scene

    seconds: dict[str, float] = {}

    def painted(screen: str, after_s: float) -> None:
        seconds.setdefault("first_frame_s", round(after_s, 2))
        if screen != "Starting":
            seconds["first_screen_s"] = round(after_s, 2)
            print(
                json.dumps({"screen_s": seconds["first_screen_s"], "first_frame_s": seconds["first_frame_s"]}),
                flush=True,
            )
            os._exit(0)  # the number is taken; how it ends is another test's affair

    with tempfile.TemporaryDirectory() as folder:
        told = config.load(settings)
        told = replace(told, data=Path(folder), insurer_path=Path(folder) / "insurer.db")
        compose.check(told)
        from ui.app import run_terminal

        core = program._Core()

        def core_main(show: Callable[[Scene], None]) -> Coroutine[Any, Any, None]:
            async def live() -> None:
                await core.live(compose.real_station(told), show)

            return live()

        run_terminal(core_main, program._surroundings(told, simulated=True), answer=core.answer, painted=painted)
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
