"""A printer of another distribution that blocks the core's loop when it is asked how it is, for as long as the file in
its address exists, and notes since when beside it; and :func:`install`, which makes the program find it.
"""

from __future__ import annotations

import time
from pathlib import Path

from drivers.api import Health, Page, PrinterStatus
from drivers.printer.mock import MockPrinter


class StuckPrinter:
    """Well, but for that."""

    def __init__(self, address: str) -> None:
        self._file = Path(address)
        self._well = MockPrinter()

    async def health(self) -> Health:
        if self._file.exists():
            self._file.with_suffix(".since").write_text(repr(time.monotonic()))
        while self._file.exists():
            pass
        return await self._well.health()

    async def status(self) -> PrinterStatus:
        return await self._well.status()

    async def print(self, page: Page) -> None:
        await self._well.print(page)

    async def close(self) -> None:
        await self._well.close()


def install(folder: Path) -> None:
    """A distribution in this folder, which then belongs on the path."""
    metadata = folder / "stuck_printer-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck-printer\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(
        "[yibao_kiosk.printers]\nstuck = tests.helpers.stuck_printer:StuckPrinter\n"
    )
