"""Measures the decoder beside zxing-cpp alone, on the same frames in the same run, on one core.

Owns the fairness of the comparison: both see every frame, one after the other, and the reference is what zxing-cpp does
by itself when it is asked for QR codes only. What the figures mean is judged elsewhere.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import zxingcpp

from drivers.scanner import decode
from drivers.scanner.specimens import FULL_HD, HD, Mix, specimens
from drivers.scanner.stream import Stream

STREAM_FRAMES = 8
"""Frames of one phone held still, in which every way of looking has had its turn."""
_ROUNDS = 3
_ALONE = decode.zxing_formats(("QRCode",))


def reading(count: int, seed: int = 1) -> Iterator[tuple[str, int, int]]:
    """Case, codes that we read, codes that zxing-cpp alone reads, of ``count`` frames each."""
    with one_core():
        for mix in (Mix.TYPICAL, Mix.HARD):
            for size in (HD, FULL_HD):
                still = streamed = alone = 0
                for specimen in specimens(mix, count, seed=seed, size=size):
                    still += _reads(decode.read(specimen.grey), specimen.text)
                    alone += _reads(_zxing_alone(specimen.grey), specimen.text)
                    stream = Stream()
                    streamed += any(_reads(stream.look(specimen.grey), specimen.text) for _ in range(STREAM_FRAMES))
                yield f"{mix.value} {size[1]}p, one picture", still, alone
                yield f"{mix.value} {size[1]}p, stream of {STREAM_FRAMES}", streamed, alone


def empty_frames(count: int, seed: int = 1) -> Iterator[tuple[str, list[float], list[float]]]:
    """Case, our milliseconds and zxing-cpp's for each 1280x720 frame without a QR code.

    Raises AssertionError if anything is read where nothing is.
    """
    with one_core():
        stream = Stream()
        streamed: list[float] = []
        still: list[float] = []
        alone: list[float] = []
        frames = [specimen.grey for specimen in specimens(Mix.EMPTY, count, seed=seed)]
        for _ in range(_ROUNDS):
            for grey in frames:
                for look, times in ((stream.look, streamed), (_zxing_alone, alone), (decode.read, still)):
                    times.append(_timed(look, grey))
        yield "in a stream", streamed, alone
        yield "whole cascade, one picture", still, alone


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this thread on one of the cores that it may use, and OpenCV to one thread."""
    cores, threads = os.sched_getaffinity(0), cv2.getNumThreads()
    os.sched_setaffinity(0, {max(cores)})
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
        cv2.setNumThreads(threads)


def _timed(look: Callable[[decode.Grey], Any], grey: decode.Grey) -> float:
    begun = time.perf_counter()
    found = look(grey)
    spent = time.perf_counter() - begun
    assert not found, "something was read where nothing is"
    return spent * 1000


def _zxing_alone(grey: decode.Grey) -> Any:
    return zxingcpp.read_barcodes(grey, formats=_ALONE)


def _reads(found: Any, text: str | None) -> bool:
    return any(code.text == text for code in found)
