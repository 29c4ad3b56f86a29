"""A hosted driver for the tests of drivers/host.py: it echoes, sleeps, fails, streams and dies on demand."""

from __future__ import annotations

import os
import threading
import time

from drivers.hosted import Failed, Parent


class Echo:
    def __init__(self, parent: Parent, mode: str = "") -> None:
        if mode == "broken":
            raise Failed("no-such-device")
        self._parent = parent
        self._kept: memoryview | None = None

    def echo(self, payload: memoryview) -> bytes:
        return bytes(payload)

    def environment(self, payload: memoryview) -> bytes:
        return os.environ.get(str(payload, "ascii"), "").encode()

    def large(self, payload: memoryview) -> bytes:
        return b"\xa5" * int(str(payload, "ascii"))

    def sleep(self, payload: memoryview) -> None:
        time.sleep(float(str(payload, "ascii")))

    def refuse(self, payload: memoryview) -> bytes:
        raise Failed("refused")

    def crash(self, payload: memoryview) -> bytes:
        raise ValueError("a secret")

    def lack(self, payload: memoryview) -> bytes:
        raise ModuleNotFoundError("words of another", name="vendor_library")

    def die(self, payload: memoryview) -> bytes:
        os._exit(3)

    def count(self, payload: memoryview) -> bytes:
        for number in range(int(str(payload, "ascii"))):
            self._parent.emit(number, b"%d" % number)
        return b""

    def stream(self, payload: memoryview) -> bytes:
        frames = int(str(payload, "ascii"))

        def run() -> None:
            for number in range(frames):
                self._parent.offer(7, number.to_bytes(4, "big") + bytes(921_600))
            self._parent.emit(8)

        threading.Thread(target=run, daemon=True).start()
        return b""

    def keep(self, payload: memoryview) -> bytes:
        self._kept = payload
        return b""

    def kept(self, payload: memoryview) -> bytes:
        assert self._kept is not None
        return bytes(self._kept)
