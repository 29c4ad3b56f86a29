"""The reference insurer on the network: uvicorn with mutual TLS 1.3 on one socket.

Owns what uvicorn does not do by itself: TLS 1.3 only, and telling the application whose certificate a connection
showed, as the ASGI extension ``tls`` describes it. It needs the optional packages of ``yibao-kiosk[server]``, which a
terminal does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import uvicorn
from cryptography import x509
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.insurer.envelope import LARGEST

KEEP_ALIVE_S = 75
"""Longer than a terminal keeps a quiet connection (kiosk.insurer.connection.IDLE_S), so that the server is not the one
who ends it while a message is on its way."""
FAREWELL_S = 5
"""For messages under way when the server is told to stop."""
_TERMINALS = 512
"""Connections at once."""


class _KnowsItsPeer(H11Protocol):
    """Puts the client's certificate into the scope of every request of this connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        tls = _tls_extension(transport)
        application = self.app

        async def with_peer(scope: Any, receive: Any, send: Any) -> None:
            scope["extensions"] = {**(scope.get("extensions") or {}), "tls": tls}
            await application(scope, receive, send)

        self.app = with_peer


def _tls_extension(transport: asyncio.Transport) -> dict[str, Any]:
    """See the ASGI specification, "TLS Extension"."""
    connection = transport.get_extra_info("ssl_object")
    shown = connection.getpeercert(binary_form=True) if connection is not None else None
    if not shown:
        return {"client_cert_name": None, "client_cert_chain": []}
    name = x509.load_der_x509_certificate(shown).subject.rfc4514_string()
    return {"client_cert_name": name, "client_cert_chain": [ssl.DER_cert_to_PEM_cert(shown)]}


class InsurerServer(uvicorn.Server):
    """One socket, served until :meth:`stop`. Signals are left to whoever runs the process."""

    def __init__(self, application: Any, context: ssl.SSLContext, host: str, port: int) -> None:
        """Binds at once; port 0 takes a free one. Raises OSError."""
        self._socket = _bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        super().__init__(
            uvicorn.Config(
                application,
                ssl_context_factory=lambda _config, _default: context,
                http=_KnowsItsPeer,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=FAREWELL_S,
                limit_concurrency=_TERMINALS,
                h11_max_incomplete_event_size=LARGEST,
            )
        )

    async def run_until_stopped(self) -> None:
        """Serve. Raises nothing when it is stopped."""
        try:
            await self._serve([self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, _ = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )[0]
    # With its protocol named: asyncio sends small replies at once (TCP_NODELAY) only on a socket that says it is TCP.
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(128)
    except BaseException:
        bound.close()
        raise
    return bound
