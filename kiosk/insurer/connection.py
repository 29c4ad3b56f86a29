"""One HTTP/1.1 connection over TLS, and the few that are kept for the next message.

Owns the one fact that a library for HTTP keeps to itself: whether a byte of a message may have left. A failure before
that is NotConnected, a failure after it NoAnswer, which also says whether a byte came back. Nothing is sent twice here,
no redirection is followed, no proxy of the environment is used, and no more is read than a reply may have.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import h11

from drivers.frozen import dataclass
from kiosk.insurer.envelope import LARGEST

_HEAD = 16_384
"""Bytes of the headers of a reply."""
_CHUNK = 65_536
_FOREIGN = frozenset({18, 19, 20, 21})
"""X509_V_ERR_… of a certificate whose issuer is not known here."""
_CLOSE_S = 1.0
"""For the TLS farewell; the connection is gone afterwards, answered or not."""
IDLE_S = 50.0
"""A connection that was quiet for longer is not used again: servers and firewalls drop them without a word. The
reference server keeps them for 75 s."""


class NotConnected(Exception):
    """No connection, and so not one byte of a message. ``reason`` is for the log and names nobody."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAnswer(Exception):
    """The message may have left. ``silent``: the connection ended before a byte of an answer came."""

    def __init__(self, reason: str, *, silent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.silent = silent


@dataclass(frozen=True, slots=True)
class HttpReply:
    """One whole reply that nobody believes yet. Names of headers are in lower case; ``body`` has at most ``LARGEST``
    bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """Open it with :meth:`open`; one exchange at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, target: str) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host
        self._target = target
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
        self._quiet_since = asyncio.get_running_loop().time()

    @classmethod
    async def open(cls, url: str, context: ssl.SSLContext, seconds: float) -> Connection:
        """Connect and agree on TLS within ``seconds``. Raises NotConnected."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
        except TimeoutError as error:
            raise NotConnected(f"no connection within {seconds:g} s") from error
        except ssl.SSLCertVerificationError as error:
            foreign = "; [insurer] ca does not know who issued it" if error.verify_code in _FOREIGN else ""
            raise NotConnected(f"the server's certificate: {error.verify_message}{foreign}") from error
        except ssl.SSLError as error:
            raise NotConnected(f"TLS: {error.reason or 'broke off'}") from error
        except ConnectionRefusedError as error:
            raise NotConnected("nobody listens at that address and port") from error
        except OSError as error:
            # A peer that breaks off without a word is most often one that does not speak TLS 1.3.
            raise NotConnected(error.strerror or "broken off before TLS 1.3 was agreed on") from error
        except ValueError as error:  # a name that cannot be one (IDNA)
            raise NotConnected("the host's name") from error
        return cls(reader, writer, parts.netloc, parts.path or "/")

    @property
    def own_address(self) -> str:
        name = self._writer.get_extra_info("sockname")
        return str(name[0]) if name else ""

    async def usable(self) -> bool:
        """Whether it may carry another message; the loop is let look first, so that a farewell which lies in the
        socket is seen."""
        await asyncio.sleep(0)
        return (
            self._http.our_state is h11.IDLE
            and not self._writer.transport.is_closing()
            and not self._reader.at_eof()
            and asyncio.get_running_loop().time() - self._quiet_since < IDLE_S
        )

    async def exchange(self, headers: Mapping[str, str], body: bytes, seconds: float) -> HttpReply:
        """POST the body. Raises NoAnswer; a connection that failed, or was left by a cancelled caller, is gone."""
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(headers, body)
        except TimeoutError as error:
            self.abort()
            raise NoAnswer(f"no answer within {seconds:g} s") from error
        except BaseException:
            self.abort()
            raise

    async def _exchange(self, headers: Mapping[str, str], body: bytes) -> HttpReply:
        head = [
            ("host", self._host),
            ("content-type", "application/json; charset=utf-8"),
            ("content-length", str(len(body))),
            ("accept", "application/json"),
            *headers.items(),
        ]
        heard = False
        try:
            message = self._http.send(h11.Request(method="POST", target=self._target, headers=head))
            content = self._http.send(h11.Data(data=body))
            end = self._http.send(h11.EndOfMessage())
            self._writer.write(b"".join(part for part in (message, content, end) if part))
            await self._writer.drain()
            status, received, answer = 0, {}, bytearray()
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    data = await self._reader.read(_CHUNK)
                    heard = heard or bool(data)
                    self._http.receive_data(data)
                elif isinstance(event, h11.Response):
                    status = event.status_code
                    received = {name.decode("ascii"): value.decode("latin-1") for name, value in event.headers}
                elif isinstance(event, h11.Data):
                    answer += event.data
                    if len(answer) > LARGEST:
                        raise NoAnswer("the answer is too large")
                elif isinstance(event, h11.EndOfMessage):
                    break
                elif not isinstance(event, h11.InformationalResponse):
                    raise NoAnswer("the connection ended", silent=not heard)
        except (OSError, h11.ProtocolError) as error:
            reason = "no HTTP" if heard and isinstance(error, h11.ProtocolError) else "the connection broke"
            raise NoAnswer(reason, silent=not heard) from error
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        self._quiet_since = asyncio.get_running_loop().time()
        return HttpReply(status, received, bytes(answer))

    def abort(self) -> None:
        self._writer.transport.abort()

    async def close(self) -> None:
        """Say farewell, but not for long."""
        try:
            async with asyncio.timeout(_CLOSE_S):
                self._writer.close()
                await self._writer.wait_closed()
        except (TimeoutError, OSError):
            self.abort()


class Kept:
    """Connections that wait for the next message, the last used one first."""

    def __init__(self) -> None:
        self._idle: list[Connection] = []
        self._closed = False

    async def take(self) -> Connection | None:
        """One that is still good, if there is one."""
        while self._idle:
            connection = self._idle.pop()
            if await self._good(connection):
                return connection
        return None

    async def keep(self, connection: Connection) -> None:
        """For the next message, unless it is of no more use."""
        if await self._good(connection):
            self._idle.append(connection)

    async def _good(self, connection: Connection) -> bool:
        """Whether it can be used; one that cannot is gone afterwards, and so is one whose user was cancelled."""
        good = False
        try:
            good = await connection.usable() and not self._closed
        finally:
            if not good:
                connection.abort()
        return good

    async def close(self) -> None:
        """Those that wait now, and those that are brought back later."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close()
