"""The child's half of the Acme ID reader: the vendor's library, which blocks and may crash."""

from __future__ import annotations

from typing import Any

from drivers.hosted import Failed, Parent

GONE = "gone"


class Acme:
    """Each public method is a call. The port is opened by the first one, and anew after it was lost."""

    def __init__(self, _parent: Parent, port: str) -> None:
        import acme_sdk  # here, in the child, and nowhere else

        self._sdk = acme_sdk
        self._port = port
        self._reader: Any = None

    def firmware(self, _payload: memoryview) -> bytes:
        return str(self._ask("self_test")).encode()

    def find(self, _payload: memoryview) -> bytes:
        return b"found" if self._ask("find") else b""

    def read(self, _payload: memoryview) -> bytes:
        return bytes(self._ask("read"))

    def _ask(self, what: str) -> Any:
        try:
            if self._reader is None:
                self._reader = self._sdk.Reader(self._port)
            return getattr(self._reader, what)()
        except self._sdk.AcmeError as error:
            if error.code == self._sdk.PORT_GONE:
                self._reader = None
                raise Failed(GONE) from None
            raise Failed(f"{error.code:02X}") from None
