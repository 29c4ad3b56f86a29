"""The played printer's end of a job: a back end (backend(7)) that cupsd starts, run as a file and never imported.

It obeys the hands of :mod:`drivers.printer.virtual_cups` through a file in that cupsd's directory, tells CUPS about
paper and covers as real back ends do (``STATE:`` lines), and lays the documents that it finished in a tray. It knows
nothing of this program: cupsd starts it with an interpreter that has no packages.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

LOOK_S = 0.005


class Backend:
    """One run for one job. ``root`` is the directory of its cupsd, where the file of the hands and the tray lie."""

    def __init__(self, root: Path) -> None:
        self._root = root
        reasons = os.environ.get("PRINTER_STATE_REASONS", "none").split(",")
        self._told = {reason for reason in reasons if reason != "none"}

    def tell(self) -> dict[str, Any]:
        """Say what keeps paper from moving; what the hands do now."""
        now = self._hands()
        reasons = set(now.get("reasons", ()))
        if now.get("ends"):  # the paper, in the middle of a page
            reasons.add("media-empty-error")
            now["stuck"] = True
        for reason in sorted(self._told - reasons):
            sys.stderr.write(f"STATE: -{reason}\n")
        for reason in sorted(reasons - self._told):
            sys.stderr.write(f"STATE: +{reason}\n")
        self._told = reasons
        sys.stderr.flush()
        return now

    def _hands(self) -> dict[str, Any]:
        while True:
            try:
                said: dict[str, Any] = json.loads((self._root / "hands").read_text())
                return said
            except ValueError:
                continue  # being written

    def take_back(self, *_: object) -> None:
        (self._root / "taken-back").touch()
        sys.exit(0)

    def print(self, job: int, document: bytes) -> None:
        now = self.tell()
        signal.signal(signal.SIGTERM, signal.SIG_IGN if now.get("deaf") else self.take_back)
        until = time.monotonic() + now.get("seconds", 0.05)
        while True:
            now = self.tell()
            if now.get("fail"):
                sys.exit(int(now["fail"]))
            if not now.get("stuck") and time.monotonic() >= until:
                break
            time.sleep(LOOK_S)  # a program of CUPS's own: whoever plays the printer tells it through a file
        new = self._root / "tray" / f".{job:05d}"
        new.write_bytes(document)
        new.rename(self._root / "tray" / f"{job:05d}.pdf")


def main(arguments: list[str]) -> None:
    """Print the job that cupsd names in ``arguments`` (backend(7)); without a job, tell which devices there are."""
    if len(arguments) < 6:
        sys.stdout.write('direct played "Unknown" "Played printer"\n')
        return
    document = Path(arguments[6]).read_bytes() if len(arguments) > 6 else sys.stdin.buffer.read()
    Backend(Path(os.environ["DEVICE_URI"].split(":", 1)[1])).print(int(arguments[1]), document)


if __name__ == "__main__":
    main(sys.argv)
