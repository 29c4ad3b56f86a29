"""A CUPS of the test's own: cupsd in a directory of its own, behind a Unix socket, with a printer that tests can play.

The printer is a back end (a program that cupsd starts for each job, cups(7)) which obeys the hands of a
``Mechanism`` through a file, tells CUPS about paper and covers as real back ends do (``STATE:`` lines), and lays the
documents that it finished in a tray.
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

from drivers.api import Condition, Page
from drivers.printer.cups import CupsPrinter
from drivers.printer.layout import transcript
from drivers.printer.mechanism import Mechanism
from drivers.printer.pdf import SHEETS, document
from tests.helpers.printers import DEADLINE_S, Bench

CUPSD = "/usr/sbin/cupsd"
BACKENDS = Path("/usr/lib/cups/backend")
QUEUE = "office"
PDF_QUEUE = "pdf"
PDF_MODEL = Path("/usr/share/ppd/cups-pdf/CUPS-PDF_noopt.ppd")
SECONDS_PER_PAGE = 0.05
ANSWER_S = 1.0


def why_no_cups() -> str:
    """Why cupsd cannot be started here; empty if it can."""
    return "" if Path(CUPSD).exists() else "cupsd is missing: apt-get install cups-daemon"


def why_no_cups_pdf() -> str:
    if why_no_cups():
        return why_no_cups()
    if not (BACKENDS / "cups-pdf").exists() or not PDF_MODEL.exists():
        return "cups-pdf is missing: apt-get install printer-driver-cups-pdf"
    if os.geteuid() != 0:
        return "the cups-pdf back end runs as root only"
    apart = subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0
    return "" if apart else "no mount namespace here, in which cups-pdf would read a configuration of its own"


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
            self._process = subprocess.Popen(  # noqa: ASYNC220 - back at once
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        async with asyncio.timeout(10):
            while not await self._answers():
                if self._process.poll() is not None:
                    raise AssertionError(f"cupsd ended: {self.log()[-2000:]}")
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

    def pdfs(self) -> list[Path]:
        """What cups-pdf wrote."""
        return sorted((self.root / "pdf").rglob("*.pdf"))

    def command(self, *arguments: str) -> None:
        """A tool of cups-client, aimed at this server."""
        subprocess.run([arguments[0], "-h", self.socket, *arguments[1:]], check=True, timeout=10, capture_output=True)

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

    # --- what is on its disk ------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        root = self.root
        for name in ("spool", "spool/tmp", "cache", "run", "run/certs", "tray", "bin", "bin/backend", "ppd", "pdf"):
            (root / name).mkdir()
        for name in ("daemon", "filter", "notifier", "cgi-bin", "monitor", "driver"):
            if (BACKENDS.parent / name).exists():
                (root / "bin" / name).symlink_to(BACKENDS.parent / name)
        backend = root / "bin" / "backend" / "played"
        played = root / "bin" / "played.py"
        played.write_text(_BACKEND)
        # By way of a shell: the path of our Python may hold a space, which a #! line cannot.
        backend.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -IS {shlex.quote(str(played))} "$@"\n')
        # cups(7): one that only root may read runs as root, whose directory this is.
        backend.chmod(0o700 if os.geteuid() == 0 else 0o755)
        self.hands.write_text("{}")
        user = pwd.getpwuid(os.geteuid()).pw_name
        group = grp.getgrgid(os.getegid()).gr_name
        if os.geteuid() == 0:  # cupsd does not let filters run as root
            user, group = "lp", "lp"
            for name in ("spool", "spool/tmp", "cache", "run"):
                os.chown(root / name, 0, grp.getgrnam("lp").gr_gid)
            (root / "spool" / "tmp").chmod(0o1770)
            (root / "pdf").chmod(0o777)
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
        if not why_no_cups_pdf():
            # It reads /etc/cups and nothing else: give it one of its own.
            (root / "etc").mkdir()
            wrapped = root / "bin" / "backend" / "cups-pdf"
            wrapped.write_text(
                f"#!/bin/sh\n[ $# -eq 0 ] && exec {BACKENDS}/cups-pdf\nexec unshare -m sh -c "
                f'\'mount --bind {root}/etc /etc/cups && exec {BACKENDS}/cups-pdf "$@"\' "$0" "$@"\n'
            )
            wrapped.chmod(0o700)
            shutil.copy(PDF_MODEL, root / "ppd" / f"{PDF_QUEUE}.ppd")
            queues += f"""
            <Printer {PDF_QUEUE}>
            Info cups-pdf
            DeviceURI cups-pdf:/
            State Idle
            Accepting Yes
            Shared No
            ErrorPolicy abort-job
            </Printer>
            """
            (root / "etc" / "cups-pdf.conf").write_text(
                f"""
                Out {root}/pdf
                AnonDirName {root}/pdf
                Spool {root}/pdf-spool
                Log {root}
                """.replace("                ", "")
            )
        (root / "printers.conf").write_text(queues.replace("            ", ""))
        (root / "printers.conf").chmod(0o600)


_BACKEND = r'''
"""The played printer's end of a job: see tests/helpers/cups.py."""
import json, os, signal, sys, time

if len(sys.argv) < 6:
    print('direct played "Unknown" "Played printer"')
    sys.exit(0)
root = os.environ["DEVICE_URI"].split(":", 1)[1]
job = int(sys.argv[1])
document = open(sys.argv[6], "rb").read() if len(sys.argv) > 6 else sys.stdin.buffer.read()

def hands():
    while True:
        try:
            with open(root + "/hands") as file:
                return json.load(file)
        except ValueError:
            pass

told = {reason for reason in os.environ.get("PRINTER_STATE_REASONS", "none").split(",") if reason != "none"}
def tell():
    """Say what keeps paper from moving; whether it may."""
    global told
    now = hands()
    reasons = set(now.get("reasons", ()))
    if now.get("ends"):  # the paper, in the middle of a page
        reasons.add("media-empty-error")
        now["stuck"] = True
    for reason in sorted(told - reasons):
        sys.stderr.write("STATE: -" + reason + "\n")
    for reason in sorted(reasons - told):
        sys.stderr.write("STATE: +" + reason + "\n")
    told = reasons
    sys.stderr.flush()
    return now

now = tell()
def take_back(*_):
    open(root + "/taken-back", "a").close()
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if now.get("deaf") else take_back)
until = time.monotonic() + now.get("seconds", 0.05)
while True:
    now = tell()
    if now.get("fail"):
        sys.exit(int(now["fail"]))
    if not now.get("stuck") and time.monotonic() >= until:
        break
    time.sleep(0.005)
with open(root + "/tray/.%05d" % job, "wb") as file:
    file.write(document)
os.rename(root + "/tray/.%05d" % job, root + "/tray/%05d.pdf" % job)
'''


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


@asynccontextmanager
async def running_cupsd() -> AsyncIterator[Cupsd]:
    with cups_directory() as root:
        cupsd = Cupsd(root)
        try:
            await cupsd.start()
            yield cupsd
        finally:
            cupsd.stop()


class KnownPages(CupsPrinter):
    """Remembers which page made which document, so that a document in the tray can be read back."""

    def __init__(self, server: str, *, deadline_s: float, sheet: str = "a4") -> None:
        super().__init__(QUEUE, server, sheet=sheet, deadline_s=deadline_s, answer_s=ANSWER_S)
        self._texts: dict[str, str] = {}
        self._paper = SHEETS[sheet]

    async def print(self, page: Page) -> None:
        self._texts[_digest(document(page, self._paper).pdf)] = transcript(page)
        await super().print(page)

    def text_of(self, pdf: bytes) -> str:
        return self._texts[_digest(pdf)]


def _digest(pdf: bytes) -> str:
    return hashlib.sha256(pdf).hexdigest()


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


async def quiet(cupsd: Cupsd) -> None:
    """Return once no job runs and none begins."""
    still = 0
    while still < 3:
        before = (len(cupsd.printed()), cupsd.spooled())
        await asyncio.sleep(2 * SECONDS_PER_PAGE)
        still = still + 1 if before == (len(cupsd.printed()), cupsd.spooled()) and not cupsd.working() else 0
