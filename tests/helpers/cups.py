"""The CUPS of one's own (``drivers.printer.virtual_cups``) for tests: with cups-pdf beside it, and as a bench."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from drivers.api import Condition
from drivers.printer import virtual_cups
from drivers.printer.virtual_cups import (
    BACKENDS,
    QUEUE,
    Cupsd,
    KnownPages,
    PlayedHands,
    cups_directory,
    quiet,
    why_no_cups,
)
from tests.helpers.printers import DEADLINE_S, Bench

__all__ = [
    "PDF_QUEUE",
    "QUEUE",
    "Cupsd",
    "KnownPages",
    "PdfCupsd",
    "PlayedHands",
    "cups_bench",
    "cups_directory",
    "quiet",
    "running_cupsd",
    "why_no_cups",
    "why_no_cups_pdf",
]

PDF_QUEUE = "pdf"
PDF_MODEL = Path("/usr/share/ppd/cups-pdf/CUPS-PDF_noopt.ppd")


def why_no_cups_pdf() -> str:
    if why_no_cups():
        return why_no_cups()
    if not (BACKENDS / "cups-pdf").exists() or not PDF_MODEL.exists():
        return "cups-pdf is missing: apt-get install printer-driver-cups-pdf"
    if os.geteuid() != 0:
        return "the cups-pdf back end runs as root only"
    apart = subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0
    return "" if apart else "no mount namespace here, in which cups-pdf would read a configuration of its own"


class PdfCupsd(Cupsd):
    """With a queue that prints into PDF files, where cups-pdf can be had."""

    def pdfs(self) -> list[Path]:
        """What cups-pdf wrote."""
        return sorted((self.root / "pdf").rglob("*.pdf"))

    def more_queues(self) -> str:
        root = self.root
        if why_no_cups_pdf():
            return ""
        (root / "pdf").mkdir()
        (root / "pdf").chmod(0o777)
        # It reads /etc/cups and nothing else: give it one of its own.
        (root / "etc").mkdir()
        wrapped = root / "bin" / "backend" / "cups-pdf"
        wrapped.write_text(
            f"#!/bin/sh\n[ $# -eq 0 ] && exec {BACKENDS}/cups-pdf\nexec unshare -m sh -c "
            f'\'mount --bind {root}/etc /etc/cups && exec {BACKENDS}/cups-pdf "$@"\' "$0" "$@"\n'
        )
        wrapped.chmod(0o700)
        shutil.copy(PDF_MODEL, root / "ppd" / f"{PDF_QUEUE}.ppd")
        (root / "etc" / "cups-pdf.conf").write_text(
            f"Out {root}/pdf\nAnonDirName {root}/pdf\nSpool {root}/pdf-spool\nLog {root}\n"
        )
        return f"""
            <Printer {PDF_QUEUE}>
            Info cups-pdf
            DeviceURI cups-pdf:/
            State Idle
            Accepting Yes
            Shared No
            ErrorPolicy abort-job
            </Printer>
            """


@asynccontextmanager
async def running_cupsd() -> AsyncIterator[PdfCupsd]:
    async with virtual_cups.running(PdfCupsd) as cupsd:
        yield cupsd


@asynccontextmanager
async def cups_bench(deadline_s: float = 2 * DEADLINE_S) -> AsyncIterator[Bench]:
    """The real driver, a real cupsd and the played printer behind it. To unplug is to stop cupsd."""
    async with running_cupsd() as cupsd:
        printer = KnownPages(cupsd.socket, deadline_s=deadline_s)

        @asynccontextmanager
        async def settle() -> AsyncIterator[None]:
            yield
            await quiet(cupsd)

        def texts() -> list[str]:
            return [printer.text_of(pdf) for pdf in cupsd.printed()]

        try:
            yield Bench(printer, PlayedHands(cupsd), texts, settle, at_rest=Condition.UNKNOWN)
        finally:
            await printer.close()
