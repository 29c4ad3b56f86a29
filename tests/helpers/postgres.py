"""A PostgreSQL of the tests' own: Debian's server on a temporary cluster, on a free port, as an unprivileged user.

One cluster serves a process of tests and is gone with it: stopped when pytest ends, and by the kernel if pytest is
killed. The machine's own clusters, if there are any, are not looked at. Each test gets a database of its own, copied
from one that an insurer has seeded.
"""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

START_S = 30.0
STOP_S = 10.0
USER = "insurer"
_READY = b"ready to accept connections"
_NOBODY = "nobody"
# The disk is not what is tested here: nothing in this cluster outlives the tests.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "log_destination": "stderr",
    "logging_collector": "off",
    "listen_addresses": "127.0.0.1",
}
_REMEMBER = "CREATE SCHEMA first_day; CREATE TABLE first_day.cards AS SELECT card_id, state, since FROM cards"
_PUT_BACK = """
    DELETE FROM pin_events; DELETE FROM operations; DELETE FROM credentials;
    SELECT setval(pg_get_serial_sequence('operations', 'seq'), 1, false);
    UPDATE cards SET state = f.state, since = f.since FROM first_day.cards f
        WHERE f.card_id = cards.card_id AND (f.state, f.since) IS DISTINCT FROM (cards.state, cards.since)
"""
"""Everything that an insurer changes after its first day (kiosk.insurer.books)."""


def why_no_postgres() -> str:
    """Why no cluster can be started here; empty if it can."""
    return "" if _programs() is not None else "PostgreSQL's server is missing: ./dev setup (apt-get install postgresql)"


def _programs() -> Path | None:
    """Where ``initdb`` and ``postgres`` are: Debian keeps them beside each other, by version, and not on PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    candidates = [*reversed(found), *([Path(on_path)] if on_path else [])]
    return next((path.parent for path in candidates if (path.parent / "postgres").exists()), None)


class Cluster:
    """One server with its files. :meth:`start` and :meth:`stop` may be called again and again; what it holds stays."""

    def __init__(self, root: Path) -> None:
        programs = _programs()
        assert programs is not None, why_no_postgres()
        self._programs = programs
        self._root = root
        self._data = root / "data"
        self._password = secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None
        self._said: list[bytes] = []
        self._numbers = count(1)
        self._spare: dict[str, list[str]] = {}
        self.port = 0
        self._make()

    def address(self, database: str) -> str:
        """How an insurer reaches one of its databases: over TCP, with a password."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Returns when it accepts connections; on the same port as before, if it had one."""
        for _ in range(5):
            port = self.port or _free_port()
            if self._start_on(port):
                self.port = port
                return
        raise AssertionError(f"PostgreSQL did not start: {self.log()[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT breaks connections off and tidies up, SIGQUIT leaves at once, as after a power cut."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """All its processes stand still, as on a machine that has frozen."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def log(self) -> str:
        return b"".join(self._said).decode(errors="replace")

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[Any]:
        """A connection that may do anything, over the socket in the cluster's own directory."""
        connection = await asyncpg.connect(host=str(self._root), port=self.port, user=USER, database="postgres")
        try:
            yield connection
        finally:
            await connection.close()

    async def empty_database(self) -> str:
        """A new database with nothing in it; its address."""
        name = f"t{next(self._numbers)}"
        async with self.admin() as admin:
            await admin.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    @asynccontextmanager
    async def seeded_database(self, clock: Callable[[], datetime]) -> AsyncIterator[str]:
        """A database as an insurer has seeded it on that day; its address. It is nobody else's until this ends."""
        from kiosk.insurer.postgres import PostgresInsurer

        spare = self._spare.setdefault(f"{clock():%Y%m%d}", [])
        if spare:
            address = spare.pop()
        else:
            address = await self.empty_database()
            await (await PostgresInsurer.open(address, clock=clock)).close()
            connection = await asyncpg.connect(address)
            await connection.execute(_REMEMBER)
            await connection.close()
        yield address
        # Seeding takes half a second, and putting back what an insurer changes some milliseconds. A database that
        # cannot be put back, or whose test has failed, is not used again.
        connection = await asyncpg.connect(address, server_settings={"lock_timeout": "2s"})
        try:
            await connection.execute(_PUT_BACK)
        finally:
            await connection.close()
        spare.append(address)

    # --- inside -------------------------------------------------------------------------------------------

    def _make(self) -> None:
        secret = self._root / "password"
        secret.write_text(self._password)
        secret.chmod(0o600)
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam(_NOBODY)
            for path in (self._root, secret):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        options = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}", f"--username={USER}"]
        plain = ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        made = subprocess.run(
            [*self._as_nobody(), self._programs / "initdb", f"--pgdata={self._data}", *options, *plain],
            cwd=self._root,
            env=_environment(),
            capture_output=True,
        )
        assert made.returncode == 0, f"initdb failed: {made.stderr.decode(errors='replace')}"

    def _as_nobody(self) -> Sequence[str]:
        who = ["--reuid", _NOBODY, "--regid", str(pwd.getpwnam(_NOBODY).pw_gid), "--clear-groups"]
        # If pytest is killed, the kernel tells the server to leave.
        return ["setpriv", *(who if os.geteuid() == 0 else []), "--pdeathsig", "QUIT", "--"]

    def _start_on(self, port: int) -> bool:
        settings = {**_SETTINGS, "port": str(port), "unix_socket_directories": str(self._root)}
        self._process = process = subprocess.Popen(
            [
                *(*self._as_nobody(), str(self._programs / "postgres"), "-D", str(self._data)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            cwd=self._root,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        ready = threading.Event()
        threading.Thread(target=self._listen, args=(process, ready), daemon=True).start()
        assert ready.wait(START_S), f"PostgreSQL says nothing: {self.log()[-2000:]}"
        return process.poll() is None

    def _listen(self, process: subprocess.Popen[bytes], ready: threading.Event) -> None:
        assert process.stderr is not None
        with process.stderr as lines:
            for line in lines:
                self._said.append(line)
                if _READY in line:
                    ready.set()
        process.wait()
        ready.set()  # or it has ended, which is an answer too

    def _signal(self, number: signal.Signals) -> None:
        """To the server and all it has started."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in (self._process.pid, *map(int, children)):
            os.kill(pid, number)


@functools.cache
def cluster() -> Cluster:
    """The cluster of this process, started when it is first asked for."""
    root = Path(tempfile.mkdtemp(prefix="pg-"))
    started = Cluster(root)

    def clear_away() -> None:
        started.stop(signal.SIGQUIT)
        shutil.rmtree(root, ignore_errors=True)

    atexit.register(clear_away)
    started.start()
    return started


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """Nothing of the caller's PostgreSQL settings may reach ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
