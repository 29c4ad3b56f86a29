"""A CUPS of one's own: cupsd in a directory of its own, behind a Unix socket, with a printer that can be played.

For the driver of CUPS queues what a printer on TCP is for the receipt printer's. The printer is a back end
(:mod:`drivers.printer.cups_backend`) which obeys the hands of a ``Mechanism``. The machine's own CUPS is neither asked
nor touched.
"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import hashlib
import json
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

from drivers.api import Page
from drivers.printer.cups import CupsPrinter
from drivers.printer.layout import transcript
from drivers.printer.mechanism import Mechanism
from drivers.printer.pdf import SHEETS, document

CUPSD = "/usr/sbin/cupsd"
BACKENDS = Path("/usr/lib/cups/backend")
QUEUE = "office"
SECONDS_PER_PAGE = 0.05
ANSWER_S = 1.0


def why_no_cups() -> str:
    """Why cupsd cannot be started here; empty if it can."""
    return "" if Path(CUPSD).exists() else "cupsd is missing: apt-get install cups-daemon"


class CupsdEnded(Exception):
    """It did not start; the text is the end of its log."""


class Cupsd:
    """One cupsd. :meth:`start` and :meth:`stop` may be called again and again; queues and jobs stay, as on a disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.socket = str(root / "sock")
        self.tray = root / "tray"
        self.hands = root / "hands"
        self._process: subprocess.Popen[bytes] | None = None
        self._lay_out()

    async def start(self) -> None:
        if self._process is None:
            (self.root / "sock").unlink(missing_ok=True)
            command = [CUPSD, "-f", "-c", str(self.root / "cupsd.conf"), "-s", str(self.root / "cups-files.conf")]
            self._process = subprocess.Popen(  # noqa: ASYNC220, S603 - back at once; a fixed program
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        async with asyncio.timeout(10):
            while not await self._answers():
                if self._process.poll() is not None:
                    raise CupsdEnded(f"cupsd ended: {self.log()[-2000:]}")
                await asyncio.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for backend in self._backends():  # those of a killed cupsd live on
            with contextlib.suppress(ProcessLookupError):
                os.kill(backend, signal.SIGKILL)

    def log(self) -> str:
        path = self.root / "error_log"
        return path.read_text(errors="replace") if path.exists() else ""

    def taken_back(self) -> bool:
        """Whether a back end was asked to stop and could still act, rather than be killed."""
        return (self.root / "taken-back").exists()

    def spooled(self) -> list[Path]:
        """Documents in the spool directory, of jobs that wait and of jobs that are done."""
        return sorted((self.root / "spool").glob("d*"))

    def printed(self) -> list[bytes]:
        """What lies in the tray, oldest first."""
        return [path.read_bytes() for path in sorted(self.tray.glob("*.pdf"))]

    def command(self, *arguments: str) -> None:
        """A tool of cups-client, aimed at this server."""
        subprocess.run(  # noqa: S603 - a fixed tool, aimed at our own socket
            [arguments[0], "-h", self.socket, *arguments[1:]], check=True, timeout=10, capture_output=True
        )

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_unix_connection(self.socket)
        except OSError:
            return False
        writer.transport.abort()
        return True

    def working(self) -> bool:
        """Whether a back end is at work."""
        return any(True for _ in self._backends())

    def _backends(self) -> Iterator[int]:
        mark = str(self.root).encode()
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                with contextlib.suppress(OSError):
                    if b"CUPS_SERVERROOT=" + mark in (process / "environ").read_bytes().split(b"\0"):
                        yield int(process.name)

    def more_queues(self) -> str:
        """Further queues, as they stand in printers.conf."""
        return ""

    # --- what is on its disk ------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        root = self.root
        for name in ("spool", "spool/tmp", "cache", "run", "run/certs", "tray", "bin", "bin/backend", "ppd"):
            (root / name).mkdir()
        for name in ("daemon", "filter", "notifier", "cgi-bin", "monitor", "driver"):
            if (BACKENDS.parent / name).exists():
                (root / "bin" / name).symlink_to(BACKENDS.parent / name)
        backend = root / "bin" / "backend" / "played"
        played = Path(__file__).with_name("cups_backend.py")
        # By way of a shell: the path of our Python may hold a space, which a #! line cannot.
        backend.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -IS {shlex.quote(str(played))} "$@"\n')
        # backend(7): one that only root may read runs as root, whose directory this is.
        backend.chmod(0o700 if os.geteuid() == 0 else 0o755)
        self.hands.write_text("{}")
        user = pwd.getpwuid(os.geteuid()).pw_name
        group = grp.getgrgid(os.getegid()).gr_name
        if os.geteuid() == 0:  # cupsd does not let filters run as root
            user, group = "lp", "lp"
            for name in ("spool", "spool/tmp", "cache", "run"):
                os.chown(root / name, 0, grp.getgrnam("lp").gr_gid)
            (root / "spool" / "tmp").chmod(0o1770)
        (root / "cups-files.conf").write_text(
            f"""
            ServerRoot {root}
            ServerBin {root}/bin
            StateDir {root}/run
            CacheDir {root}/cache
            RequestRoot {root}/spool
            TempDir {root}/spool/tmp
            AccessLog {root}/access_log
            ErrorLog {root}/error_log
            PageLog {root}/page_log
            SystemGroup {"root" if os.geteuid() == 0 else group}
            User {user}
            Group {group}
            FileDevice Yes
            """.replace("            ", "")
        )
        # The policy is that of Debian's cupsd.conf, as far as it concerns jobs.
        (root / "cupsd.conf").write_text(
            f"""
            Listen {root}/sock
            Browsing Off
            WebInterface No
            LogLevel debug
            DefaultAuthType Basic
            JobKillDelay 1
            DirtyCleanInterval 0
            <Location />
              Order allow,deny
            </Location>
            <Policy default>
              <Limit Create-Job Print-Job Print-URI Validate-Job>
                Order deny,allow
              </Limit>
              <Limit Send-Document Send-URI Hold-Job Release-Job Restart-Job Cancel-Job Set-Job-Attributes>
                Require user @OWNER @SYSTEM
                Order deny,allow
              </Limit>
              <Limit All>
                Order deny,allow
              </Limit>
            </Policy>
            """.replace("            ", "")
        )
        queues = f"""
            <DefaultPrinter {QUEUE}>
            Info played
            MakeModel Played Printer
            DeviceURI played:{root}
            State Idle
            Accepting Yes
            Shared No
            ErrorPolicy stop-printer
            </DefaultPrinter>
            """
        queues += self.more_queues()
        (root / "printers.conf").write_text(queues.replace("            ", ""))
        (root / "printers.conf").chmod(0o600)


class PlayedHands(Mechanism):
    """The hands at the played printer: what they do is written down for the back end."""

    def __init__(self, cupsd: Cupsd) -> None:
        self.cupsd = cupsd
        self.also: dict[str, object] = {"seconds": SECONDS_PER_PAGE}
        """Further words for the back end: ``fail`` (its exit status), ``deaf`` (to SIGTERM), ``silent``."""
        super().__init__()
        self._changed()

    def say(self, **words: object) -> None:
        self.also.update(words)
        self._changed()

    @property
    def slip_waiting(self) -> bool:
        return len(self.cupsd.printed()) > self._taken

    @slip_waiting.setter
    def slip_waiting(self, waiting: bool) -> None:
        self._taken = 0 if waiting else len(self.cupsd.printed())

    def out_of_paper_after(self, lines: int) -> None:
        super().out_of_paper_after(lines)
        self._changed()

    def _changed(self) -> None:
        said = {
            "media-empty-error": self.paper.value == "out",
            "media-low-warning": self.paper.value == "low",
            "cover-open-error": self.cover_is_open,
            "trimmer-jam-error": self.cutter_is_jammed,
            "fuser-over-temp-error": self.is_broken,
        }
        silent = self.also.get("silent")
        words = {
            **self.also,
            "reasons": [] if silent else [reason for reason, so in said.items() if so],
            "stuck": not self.status_now().can_print,
            "ends": self._lines_left is not None,
        }
        new = self.cupsd.root / "hands.new"
        new.write_text(json.dumps(words))
        new.replace(self.cupsd.hands)


@contextmanager
def cups_directory() -> Iterator[Path]:
    """Short enough for a Unix socket, and open to the user lp on the way there."""
    root = Path(tempfile.mkdtemp(prefix="cups-"))
    root.chmod(0o755)
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


C = TypeVar("C", bound=Cupsd)


@asynccontextmanager
async def running(kind: type[C]) -> AsyncIterator[C]:
    """One of these, started, in a directory that goes with it. Raises CupsdEnded."""
    with cups_directory() as root:
        cupsd = kind(root)
        try:
            await cupsd.start()
            yield cupsd
        finally:
            cupsd.stop()


class PageTexts:
    """Which page made which document, so that a document in the tray can be read back."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def note(self, page: Page, pdf: bytes) -> None:
        self._texts[hashlib.sha256(pdf).hexdigest()] = transcript(page)

    def of(self, pdf: bytes) -> str:
        """Raises KeyError for a document that is none of theirs."""
        return self._texts[hashlib.sha256(pdf).hexdigest()]


class KnownPages(CupsPrinter):
    """Remembers which page made which document, so that a document in the tray can be read back."""

    def __init__(self, server: str, *, deadline_s: float, sheet: str = "a4", texts: PageTexts | None = None) -> None:
        super().__init__(QUEUE, server, sheet=sheet, deadline_s=deadline_s, answer_s=ANSWER_S)
        self._texts = texts if texts is not None else PageTexts()
        self._paper = SHEETS[sheet]

    async def print(self, page: Page) -> None:
        self._texts.note(page, document(page, self._paper).pdf)
        await super().print(page)

    def text_of(self, pdf: bytes) -> str:
        return self._texts.of(pdf)


async def quiet(cupsd: Cupsd) -> None:
    """Return once no job runs and none begins."""
    still = 0
    while still < 3:
        before = (len(cupsd.printed()), cupsd.spooled())
        await asyncio.sleep(2 * SECONDS_PER_PAGE)
        still = still + 1 if before == (len(cupsd.printed()), cupsd.spooled()) and not cupsd.working() else 0
