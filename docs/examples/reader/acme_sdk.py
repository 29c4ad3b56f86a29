"""Stands for the vendor's library, which nobody can download: blocking calls, codes instead of meanings, no deadlines.

It speaks to a reader with a serial SDT module (docs/protocols.md section 2.1), so that ours on a pty can play its
device. A mute module holds a call for ever, as such libraries do.
"""

from __future__ import annotations

import os
import termios
import tty

from drivers.idcard.frames import Command, FrameParser, Reply, Sw3, decode_reply, encode_command, unpack_base

PORT_GONE = -1


class AcmeError(Exception):
    """``code`` is the module's status byte, or PORT_GONE."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ACME-{code}")
        self.code = code


class Reader:
    def __init__(self, port: str) -> None:
        try:
            self._line = os.open(port, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self._line)
            termios.tcflush(self._line, termios.TCIOFLUSH)
        except OSError as error:
            raise AcmeError(PORT_GONE) from error

    def self_test(self) -> str:
        self._done(Command.SAM_STATUS)
        return "2.4"

    def find(self) -> bool:
        reply = self._ask(Command.FIND)
        if reply.sw3 not in (Sw3.FOUND, Sw3.FIND_FAILED):
            raise AcmeError(reply.sw3)
        return reply.sw3 == Sw3.FOUND

    def read(self) -> bytes:
        """256 bytes of text, then the photograph."""
        self._done(Command.SELECT)
        return b"".join(unpack_base(self._done(Command.READ_BASE)))

    def _done(self, command: Command) -> bytes:
        reply = self._ask(command)
        if reply.sw3 != Sw3.OK:
            raise AcmeError(reply.sw3)
        return reply.data

    def _ask(self, command: Command) -> Reply:
        parser = FrameParser()
        try:
            os.write(self._line, encode_command(command))
            while data := os.read(self._line, 4096):
                for content in parser.feed(data):
                    return decode_reply(content)
        except OSError:
            pass  # as when the line ends
        os.close(self._line)
        raise AcmeError(PORT_GONE)
