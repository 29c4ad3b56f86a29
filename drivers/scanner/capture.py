"""The camera's half in the child process: OpenCV capture, settings, decoding, preview pictures.

Owns the device or stream for as long as somebody wants codes or pictures, and lets it go (its light goes out)
some seconds later. One thread takes every frame the moment it comes, so that none is old when it is looked
at; another decodes the newest one and skips what it is too slow for. It decides nothing: which code counts is
the parent's work.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from drivers.hosted import Failed, Parent
from drivers.scanner import decode
from drivers.scanner.events import CLOCK, CODES, GONE, PICTURE, PICTURE_SIZE, PICTURES, REFUSED, SEEN
from drivers.scanner.stream import Stream

_WIDTH, _HEIGHT = 1280, 720
_PREVIEW_WIDTH = 320
_PREVIEW_PAUSE_S = 0.1
_LINGER_S = 3.0
"""A camera takes up to a second to start: keep it for who comes back at once."""
_DEADLINE_MS = 3000
_MJPG = cv2.VideoWriter.fourcc(*"MJPG")
_RAW = -1
"""As CAP_PROP_FORMAT: frames come as they are stored. A JPEG costs a third when it is decoded straight to grey."""
_MANUAL = 1.0
"""CAP_PROP_AUTO_EXPOSURE on V4L2: its menu item V4L2_EXPOSURE_MANUAL."""
_EXPOSURES_PER_S = 10_000
"""V4L2_CID_EXPOSURE_ABSOLUTE counts in 100 µs."""
_MISSES = 5
"""So many failed reads in a row mean that the camera is gone; single ones happen with USB cameras."""


class Capture:
    """Calls: ``open(wanted)`` and ``want(wanted)``; ``wanted`` is one byte of the bits in ``events``.

    ``exposure`` and ``roi`` are those of :class:`drivers.scanner.camera.CameraScanner` as text, or empty.
    """

    def __init__(self, parent: Parent, source: str, loop: str, exposure: str, roi: str, *formats: str) -> None:
        cv2.setNumThreads(1)  # frames are small, and the other cores have a screen to paint
        self._parent = parent
        self._source = source
        self._loop = bool(loop)
        self._exposure = float(exposure) if exposure else None
        self._roi = tuple(float(part) for part in roi.split(",")) if roi else None
        self._stream = Stream(formats)
        self._lock = threading.Condition()
        self._wanted = 0
        self._camera: cv2.VideoCapture | None = None
        self._frame: tuple[float, decode.Grey] | None = None
        threading.Thread(target=self._look, name="decode", daemon=True).start()

    def open(self, payload: memoryview) -> bytes:
        """Have the camera running; answers the moment after which a frame counts as new."""
        with self._lock:
            self._wanted = payload[0]
            running = self._camera is not None
        if not running:
            camera, first = self._start()
            with self._lock:
                self._camera = camera
                self._frame = time.monotonic(), first
                self._lock.notify_all()
            threading.Thread(target=self._take, args=(camera,), name="capture", daemon=True).start()
            return CLOCK.pack(0.0)  # nothing can be older than the camera's start
        return CLOCK.pack(time.monotonic())

    def want(self, payload: memoryview) -> bytes:
        with self._lock:
            self._wanted = payload[0]
        return b""

    def _start(self) -> tuple[cv2.VideoCapture, decode.Grey]:
        live = self._source.isdecimal() or self._source.startswith("/dev/")
        camera = self._device() if live else self._file()
        if not camera.isOpened():
            camera.release()
            raise Failed("cannot-open")
        taken, picture = camera.read()
        first = self._grey(picture) if taken else None
        if first is None:
            camera.release()
            raise Failed("no-picture")
        return camera, first

    def _device(self) -> cv2.VideoCapture:
        source = int(self._source) if self._source.isdecimal() else self._source
        camera = cv2.VideoCapture(source, cv2.CAP_V4L2)
        # Without MJPG most USB cameras deliver this size at 10 frames a second or less.
        camera.set(cv2.CAP_PROP_FOURCC, _MJPG)
        camera.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
        camera.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)
        camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if int(camera.get(cv2.CAP_PROP_FOURCC)) == _MJPG:
            camera.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        self._expose(camera)
        return camera

    def _expose(self, camera: cv2.VideoCapture) -> None:
        if self._exposure is None:
            return
        value = self._exposure if self._exposure >= 0 else round(2.0**self._exposure * _EXPOSURES_PER_S)
        manual = camera.set(cv2.CAP_PROP_AUTO_EXPOSURE, _MANUAL)
        if not (manual and camera.set(cv2.CAP_PROP_EXPOSURE, value)):
            self._parent.emit(REFUSED, b"exposure")

    def _file(self) -> cv2.VideoCapture:
        limits = [
            *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _DEADLINE_MS),
            *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, _DEADLINE_MS),
            *(cv2.CAP_PROP_N_THREADS, 1),  # several threads would hold back several frames
        ]
        if self._exposure is not None:
            self._parent.emit(REFUSED, b"exposure")
        camera = cv2.VideoCapture(self._source, cv2.CAP_FFMPEG, [*limits, cv2.CAP_PROP_FORMAT, _RAW])
        if camera.isOpened() and int(camera.get(cv2.CAP_PROP_FOURCC)) != _MJPG:
            camera.release()  # its frames are not pictures of their own: the library has to decode them
            camera = cv2.VideoCapture(self._source, cv2.CAP_FFMPEG, limits)
        return camera

    def _grey(self, picture: Any) -> decode.Grey | None:
        """A frame as it came, grey and cut to the region of interest; ``None`` if it is damaged."""
        if picture.ndim == 2 and picture.shape[0] == 1:
            try:
                picture = cv2.imdecode(picture, cv2.IMREAD_GRAYSCALE)
            except cv2.error:
                return None
            if picture is None:
                return None
        grey = decode.to_grey(picture)
        if self._roi is None:
            return grey
        x, y, wide, high = self._roi
        height, width = grey.shape
        rows = slice(round(y * height), max(round(y * height) + 1, round((y + high) * height)))
        columns = slice(round(x * width), max(round(x * width) + 1, round((x + wide) * width)))
        return np.ascontiguousarray(grey[rows, columns])

    def _take(self, camera: cv2.VideoCapture) -> None:
        """Take every frame of the running camera until nobody wants it or it ends."""
        pause_s = self._pause_of_file(camera)
        next_preview = 0.0
        unwanted_since: float | None = None
        misses = 0
        while True:
            # The moment before the read: a frame that waited in a buffer must not pass for a new one.
            begun = time.monotonic()
            taken, picture = camera.read()
            if not taken:
                if self._loop and pause_s and camera.set(cv2.CAP_PROP_POS_FRAMES, 0) and misses == 0:
                    misses += 1
                    continue
                misses += 1
                if pause_s or misses >= _MISSES:
                    self._let_go(camera)
                    self._parent.emit(GONE)
                    return
                time.sleep(0.02)
                continue
            misses = 0
            with self._lock:
                wanted = self._wanted
            if wanted:
                unwanted_since = None
                grey = self._grey(picture)
                if grey is None:
                    continue
                if wanted & CODES:
                    with self._lock:
                        self._frame = begun, grey
                        self._lock.notify_all()
                if wanted & PICTURES and begun >= next_preview:
                    next_preview = max(next_preview + _PREVIEW_PAUSE_S, begun)
                    self._parent.offer(PICTURE, _preview(grey))
            elif unwanted_since is None:
                unwanted_since = begun
            elif begun - unwanted_since > _LINGER_S and self._let_go_if_unwanted(camera):
                return
            if pause_s:
                time.sleep(max(0.0, begun + pause_s - time.monotonic()))

    def _pause_of_file(self, camera: cv2.VideoCapture) -> float:
        """Seconds between the frames of a file, which would else be over at once; 0 for what is live."""
        if not Path(self._source).is_file():
            return 0.0
        rate = camera.get(cv2.CAP_PROP_FPS)
        return 1.0 / min(rate, 60.0) if rate > 0 else 0.04

    def _let_go(self, camera: cv2.VideoCapture) -> None:
        with self._lock:
            self._camera = None
            self._frame = None
        camera.release()

    def _let_go_if_unwanted(self, camera: cv2.VideoCapture) -> bool:
        # Released under the lock: an open() at this moment must find the device free.
        with self._lock:
            if self._wanted:
                return False
            self._camera = None
            self._frame = None
            camera.release()
        return True

    def _look(self) -> None:
        """Decode the newest frame, again and again."""
        while True:
            with self._lock:
                while self._frame is None:
                    self._lock.wait()
                (taken_at, grey), self._frame = self._frame, None
            found = [[scan.text, scan.symbology] for scan in self._stream.look(grey)]
            self._parent.emit(SEEN, CLOCK.pack(taken_at) + json.dumps(found).encode())


def _preview(grey: decode.Grey) -> bytes:
    height = max(1, round(grey.shape[0] * _PREVIEW_WIDTH / grey.shape[1]))
    small = cv2.resize(grey, (_PREVIEW_WIDTH, height), interpolation=cv2.INTER_AREA)
    return PICTURE_SIZE.pack(_PREVIEW_WIDTH, height) + small.tobytes()
