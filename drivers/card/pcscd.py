"""A PC/SC service of one's own, for virtual cards: Debian's pcscd in a mount namespace, with one vpcd reader.

It never touches the machine's own pcscd: the private one sees a ``/run/pcscd`` of its own, and clients reach it by
the socket path in ``PCSCLITE_CSOCK_NAME``. Where the kernel or a missing package does not allow that, it says so with
:class:`PcscdUnavailable` and does nothing else. Closed, it leaves no process and no directory behind; when its owner
is killed the service dies too (with the thread that started it) and only an empty-handed directory in /tmp stays.

vpcd's wire and configuration: docs/protocols.md section 5.4.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

_log = logging.getLogger(__name__)

READER = "Kiosk Virtual"
_START_S = 10.0
_MACHINE_SOCKET = Path("/run/pcscd/pcscd.comm")
_DRIVER = "libifdvpcd.so"

# WITHOUT a shell variable in it: all paths arrive as arguments.
_IN_NAMESPACE = 'mkdir -p /run/pcscd && mount --bind "$1" /run/pcscd && shift && exec "$@"'


class PcscdUnavailable(Exception):
    """There can be no private pcscd on this machine; the text says in plain words why."""


class PrivatePcscd:
    """``async with PrivatePcscd() as service:`` one reader, its card slot on ``127.0.0.1:port``."""

    def __init__(self) -> None:
        self._directory: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._how: list[str] = []
        self.port = 0

    @property
    def socket(self) -> str:
        """Path for ``PCSCLITE_CSOCK_NAME``."""
        assert self._directory is not None, "not started"
        return str(self._client_socket)

    @property
    def reader_name(self) -> str:
        """The first slot; vpcd always has a second one, which stays empty."""
        return f"{READER} 00 00"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def __aenter__(self) -> PrivatePcscd:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def start(self) -> None:
        """Return when the service answers on its socket; at once if it does already. Raises PcscdUnavailable."""
        if self._directory is not None:
            return
        pcscd = shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        driver = _find_driver()
        if pcscd is None:
            raise PcscdUnavailable("the program pcscd is not installed")
        if driver is None:
            raise PcscdUnavailable(f"the reader driver {_DRIVER} (Debian package vsmartcard-vpcd) is not installed")
        for tool in ("unshare", "mount", "setpriv"):
            if shutil.which(tool) is None:
                raise PcscdUnavailable(f"the program {tool} is not installed")
        self.port = _free_ports()
        self._directory = Path(tempfile.mkdtemp(prefix="kiosk-pcscd-"))
        (self._directory / "run").mkdir()
        (self._directory / "reader.conf").write_text(
            f'FRIENDLYNAME "{READER}"\nDEVICENAME /dev/null:0x{self.port:04X}\n'
            f"LIBPATH {driver}\nCHANNELID 0x{self.port:04X}\n",
            "utf-8",
        )
        reasons = []
        for how in self._ways():
            self._how = how
            self._client_socket = self._directory / "run" / "pcscd.comm" if how else _MACHINE_SOCKET
            try:
                await self._run(pcscd)
            except PcscdUnavailable as error:
                reasons.append(str(error))
            else:
                return
        await self.aclose()
        raise PcscdUnavailable("; ".join(reasons) or "no mount namespace, and another pcscd is alive")

    async def aclose(self) -> None:
        """Stop the service and remove its directory. Safe to call twice."""
        self._end()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    def kill(self) -> None:
        """Kill the service as a crash would (SIGKILL); :meth:`restart` brings it back."""
        self._end()

    async def restart(self) -> None:
        """Start the service again on the same socket and port."""
        self._end()
        pcscd = shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if pcscd is None or self._directory is None:
            raise PcscdUnavailable("not started")
        await self._run(pcscd)

    def _ways(self) -> list[list[str]]:
        """Command prefixes that give pcscd a /run/pcscd of its own, best first; an empty one means: as it is."""
        assert self._directory is not None
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        inner = ["sh", "-c", _IN_NAMESPACE, "sh", str(self._directory / "run")]
        # In a chroot whose root is not a mount point, making the mounts private fails; leaving them shared works.
        ways = [["unshare", "--mount", *user, "--propagation", how, *inner] for how in ("private", "unchanged")]
        if os.geteuid() == 0 and not _answers(_MACHINE_SOCKET):
            ways.append([])
        return ways

    async def _run(self, pcscd: str) -> None:
        assert self._directory is not None
        self._client_socket.unlink(missing_ok=True)
        (self._client_socket.parent / "pcscd.pid").unlink(missing_ok=True)
        log = (self._directory / "log").open("wb")
        with log:
            # Not asyncio's: that would watch it from a thread.
            self._process = subprocess.Popen(  # noqa: S603, ASYNC220 - fixed programs
                [
                    *self._how,
                    # Innermost, because gaining rights in a user namespace would clear it.
                    *("setpriv", "--pdeathsig", "KILL"),
                    *(pcscd, "--foreground", "--config", str(self._directory / "reader.conf")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            async with asyncio.timeout(_START_S):
                while not (_answers(self._client_socket) and _listens(self.port)):
                    if self._process.poll() is not None:
                        raise PcscdUnavailable(self._last_words())
                    await asyncio.sleep(0.01)
        except TimeoutError:
            self._end()
            raise PcscdUnavailable(f"pcscd does not answer within {_START_S:g} s") from None
        except BaseException:
            self._end()
            raise
        _log.info("private pcscd %d, reader %s, port %d", self._process.pid, self.reader_name, self.port)

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _last_words(self) -> str:
        assert self._directory is not None
        lines = (self._directory / "log").read_text("utf-8", "replace").strip().splitlines()
        return f"pcscd ended: {lines[-1] if lines else 'without a word'}"


def _find_driver() -> Path | None:
    for pattern in ("lib/pcsc/drivers", "lib/*/pcsc/drivers", "local/lib/pcsc/drivers"):
        for root in sorted(Path("/usr").glob(pattern)):
            for driver in (root / "serial" / _DRIVER, *root.glob(f"**/{_DRIVER}")):
                if driver.exists():
                    return driver
    return None


def _free_ports() -> int:
    """A port whose successor is free too: vpcd listens on one per slot, and it has two."""
    for _ in range(64):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
    raise PcscdUnavailable("no two free TCP ports in a row")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _listens(port: int) -> bool:
    """True if somebody listens; without connecting, for vpcd would take that for a card."""
    wanted = f":{port:04X} "
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[1].endswith(wanted.strip()) and fields[3] == "0A":
                return True
    return False
