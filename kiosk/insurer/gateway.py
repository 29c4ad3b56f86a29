"""The signature of the platform's gateway, and what it leaves open.

The national header proves only that whoever asks knows the token: it covers neither the message nor the reply
(docs/protocols.md section 3.3). So this module adds a second header of our own, ``x-kiosk-signature``: HMAC-SHA256 with
the same token over direction, nonce, time and body. A reply repeats nothing; it is signed with the nonce of the very
request that it answers, so that neither a forged nor a replayed one is believed. A gateway that knows the national
header only is configured with ``signs_bodies = false``; then a reply is as good as the TLS connection it comes over.
It keeps no message and opens none.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from drivers.frozen import dataclass

WINDOW_S = 300
"""How far the clocks of terminal and platform may be apart, and so for how long a message must be remembered. Public
sources name none; five minutes is the habit of signed interfaces."""
_MOST_REMEMBERED = 200_000
"""Messages in a window: far more than the terminals of a city send, few enough for memory."""

PAASID, TIMESTAMP, NONCE, SIGNATURE = "x-tif-paasid", "x-tif-timestamp", "x-tif-nonce", "x-tif-signature"
BODY_SIGNATURE, REPLY_TIMESTAMP = "x-kiosk-signature", "x-kiosk-timestamp"
REFUSED = "x-kiosk-refused"
"""Why the reference server believed nothing; itself unsigned, so it is for the log and for nothing else."""

_NONCE = re.compile(r"[0-9A-Za-z-]{16,64}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class SignatureRefused(Exception):
    """A message that is not believed. ``reason`` is a word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Gateway:
    """What both sides know: who calls, and the token that both have."""

    paasid: str
    token: bytes = field(repr=False)
    signs_bodies: bool = True

    def sign_request(self, now: datetime, nonce: str, body: bytes) -> dict[str, str]:
        """The headers of a request."""
        seconds = str(int(now.timestamp()))
        headers = {PAASID: self.paasid, TIMESTAMP: seconds, NONCE: nonce, SIGNATURE: self.national(seconds, nonce)}
        if self.signs_bodies:
            headers[BODY_SIGNATURE] = self._body("request", nonce, seconds, body)
        return headers

    def check_request(self, headers: Mapping[str, str], now: datetime, body: bytes) -> str:
        """The nonce of a request that is signed rightly and fresh. Whether it is new is for :class:`Seen` to say.

        Raises SignatureRefused.
        """
        nonce, seconds = headers.get(NONCE, ""), headers.get(TIMESTAMP, "")
        if not _NONCE.fullmatch(nonce) or not _SECONDS.fullmatch(seconds):
            raise SignatureRefused("incomplete")
        if headers.get(PAASID) != self.paasid:
            raise SignatureRefused("caller")
        if not _same(headers.get(SIGNATURE, ""), self.national(seconds, nonce)):
            raise SignatureRefused("signature")
        if self.signs_bodies and not _same(
            headers.get(BODY_SIGNATURE, ""), self._body("request", nonce, seconds, body)
        ):
            raise SignatureRefused("signature")
        if abs(now.timestamp() - int(seconds)) > WINDOW_S:
            raise SignatureRefused("time")
        return nonce

    def sign_reply(self, now: datetime, nonce: str, body: bytes) -> dict[str, str]:
        """The headers of the reply to the request with this nonce."""
        if not self.signs_bodies:
            return {}
        seconds = str(int(now.timestamp()))
        return {REPLY_TIMESTAMP: seconds, BODY_SIGNATURE: self._body("reply", nonce, seconds, body)}

    def check_reply(self, headers: Mapping[str, str], nonce: str, body: bytes) -> None:
        """Raises SignatureRefused unless this is what was said to the request with this nonce."""
        if not self.signs_bodies:
            return
        seconds = headers.get(REPLY_TIMESTAMP, "")
        if not _SECONDS.fullmatch(seconds):
            raise SignatureRefused("incomplete")
        if not _same(headers.get(BODY_SIGNATURE, ""), self._body("reply", nonce, seconds, body)):
            raise SignatureRefused("signature")

    def national(self, seconds: str, nonce: str) -> str:
        """``x-tif-signature``: lower-case hexadecimal SHA-256 of time, token, nonce, time (section 3.3)."""
        time = seconds.encode()
        return hashlib.sha256(time + self.token + nonce.encode() + time).hexdigest()

    def _body(self, direction: str, nonce: str, seconds: str, body: bytes) -> str:
        said = "\n".join((direction, nonce, seconds, hashlib.sha256(body).hexdigest()))
        return hmac.new(self.token, said.encode(), hashlib.sha256).hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


class Seen:
    """What came within the window already: the same thing twice is a replay."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()

    def first_time(self, name: str, now: datetime) -> None:
        """Remember it. Raises SignatureRefused if it was there before, or if there is no room to remember it."""
        moment = now.timestamp()
        while self._until and next(iter(self._until.values())) < moment:
            self._until.popitem(last=False)
        if name in self._until:
            raise SignatureRefused("replayed")
        if len(self._until) >= _MOST_REMEMBERED:
            raise SignatureRefused("too many")
        # Twice the window: a message may come from a clock that is ahead by one.
        self._until[name] = moment + 2 * WINDOW_S
