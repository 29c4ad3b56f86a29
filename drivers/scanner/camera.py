"""The driver of a camera that reads codes; capture and decoding run in a child process.

Owns when a code counts: it must be in a frame that was taken after the call, and the same code is not
reported twice in a row while it is still held there. Judging what a code is worth is left to others; the text
of a code is kept nowhere once it was handed over.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from drivers import permission
from drivers.address import number, numbers, split
from drivers.api import Condition, DeviceLost, DeviceTimeout, Frame, Health, Remedy, Scan
from drivers.backoff import Backoff
from drivers.host import CallFailed, HostProcess, Newest
from drivers.scanner.events import CLOCK, CODES, GONE, PICTURE, PICTURE_SIZE, PICTURES, REFUSED, SEEN

_log = logging.getLogger(__name__)

AGAIN_S = 2.0
"""The same code counts once in this time unless it left the view."""
GONE_S = 0.4
"""Not seen for this long means that it left: single frames are missed when a hand moves."""
OPEN_DEADLINE_S = 10.0
BELIEVED_S = 300.0
"""A camera that gave a picture works for so long, if it is still there and nobody uses it. Opened for every question
its light would go on and off all day before an empty hall; one that hangs is still found before most citizens meet
it."""
CONNECT_S = 2.0
"""To see that a camera on the network is there. What is on the hall's own network answers within milliseconds."""
PORTS = {"http": 80, "https": 443, "rtsp": 554}
STALL_S = 5.0
"""A running camera that delivers nothing for this long hangs: its process is ended."""

# FFmpeg would else watch a stream for seconds before its first frame, and hold frames back after that. Not for files:
# without a buffer it loses their first key frame, and with that all that follow it.
_LIVE = "fflags;nobuffer|flags;low_delay|analyzeduration;0|probesize;32768"
# What goes wrong is reported as an error of ours; the libraries would print it once more.
_QUIET = {"OPENCV_LOG_LEVEL": "SILENT", "OPENCV_FFMPEG_LOGLEVEL": "-8"}
# The matrix library behind numpy starts a thread for each core, which waits by spinning. Nothing here multiplies
# matrices, and the other cores have a screen to paint.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


class Debounce:
    """Remembers which code was reported last, as a hash that means nothing outside this process."""

    def __init__(self, again_s: float = AGAIN_S, gone_s: float = GONE_S) -> None:
        self._again_s = again_s
        self._gone_s = gone_s
        self._reported: int | None = None
        self._reported_at = 0.0
        self._in_view_at = 0.0

    def see(self, texts: Sequence[str], at: float) -> None:
        """Take note of what a frame of that moment shows."""
        if self._reported is None:
            return
        if any(hash(text) == self._reported for text in texts):
            self._in_view_at = at
        elif at - self._in_view_at >= self._gone_s:
            self._reported = None

    def fresh(self, text: str, at: float) -> bool:
        return hash(text) != self._reported or at - self._reported_at >= self._again_s

    def report(self, text: str, at: float) -> None:
        self._reported = hash(text)
        self._reported_at = self._in_view_at = at


class CameraScanner:
    """A :class:`drivers.api.Scanner` over a camera index, a device path, a stream URL or a video file.

    A file that ends is a lost camera, unless ``loop`` is set. ``formats`` are zxing-cpp's names. ``exposure`` turns
    the camera's own off: negative values are powers of two of a second (-6 is 1/64 s), others are in the 100 µs of
    UVC cameras; a camera that does not take it goes on as it is, which is logged. ``roi`` is the part of the picture
    that is looked at and shown: left, top, width and height as parts of the whole. Raises ValueError for a region
    that is not inside the picture.
    """

    def __init__(
        self,
        source: int | str,
        *,
        loop: bool = False,
        formats: Sequence[str] = ("QRCode",),
        stall_s: float = STALL_S,
        believed_s: float = BELIEVED_S,
        exposure: float | None = None,
        roi: tuple[float, float, float, float] | None = None,
    ) -> None:
        if roi is not None:
            _inside(roi)
        if exposure is not None and not math.isfinite(exposure):
            raise ValueError("the exposure must be a number")
        self._source = str(source)
        self._stall_s = stall_s
        self._believed_s = believed_s
        self._pictured_at: float | None = None
        """When the camera was last known to deliver pictures; ``None`` after a failure."""
        self._host = HostProcess(
            "drivers.scanner.capture:Capture",
            self._source,
            "1" if loop else "",
            "" if exposure is None else repr(exposure),
            "" if roi is None else ",".join(map(repr, roi)),
            *formats,
            env=_QUIET | _ONE_THREAD | ({"OPENCV_FFMPEG_CAPTURE_OPTIONS": _LIVE} if "://" in self._source else {}),
            on_event=self._event,
            on_lost=self._lost,
        )
        self._waiter: asyncio.Future[Scan] | None = None
        self._scanning = False
        self._since = 0.0
        self._debounce = Debounce()
        self._viewers: dict[Newest[tuple[Frame, ...]], None] = {}
        self._relax: asyncio.TimerHandle | None = None
        self._looking = False
        self._last_event_s = 0.0
        self._backoff = Backoff()
        self._failure = ""
        self._opening = asyncio.Lock()
        self._closed = False

    @classmethod
    def at(cls, address: str) -> CameraScanner:
        """From ``0?roi=0.2,0.1,0.6,0.8&exposure=-6``; the rest of a URL's own query stays with it. ValueError."""
        source, settings = split(address, ("roi", "exposure"), foreign="://" in address.partition("?")[0])
        if not (source.isdecimal() or source.startswith("/") or "://" in source):
            raise ValueError("a camera is a number (0), a path (/dev/video0) or a URL")
        roi = exposure = None
        if "roi" in settings:
            parts = numbers(settings, "roi")
            if len(parts) != 4:
                raise ValueError("roi needs four numbers: left,top,width,height")
            roi = parts[0], parts[1], parts[2], parts[3]
        if "exposure" in settings:
            exposure = number(settings, "exposure")
        return cls(int(source) if source.isdecimal() else source, roi=roi, exposure=exposure)

    async def health(self) -> Health:
        """Have the camera deliver a picture (it is let go again after a few seconds). At rest, one that did within the
        last minutes only has to be still there."""
        model = f"camera {self._source}"
        if self._closed:
            return Health(Condition.OFFLINE, detail="closed", model=model)
        if self._believed() and await self._is_there():
            return Health(Condition.ONLINE, model=model)
        try:
            await self._open(patient=False)
        except DeviceLost as lost:
            missing = self._source.startswith("/dev/") or self._source.isdecimal()
            path = f"/dev/video{self._source}" if self._source.isdecimal() else self._source
            if "://" not in path and (kept := await asyncio.to_thread(permission.kept_from, path, permission.CAMERA)):
                return Health(Condition.OFFLINE, Remedy.CONFIGURATION, kept, model)
            gone = missing and not await self._is_there()
            condition = Condition.NO_DEVICE if gone else Condition.OFFLINE
            return Health(condition, Remedy.MAINTENANCE, str(lost), model)
        self._want()
        return Health(Condition.ONLINE, model=model)

    def _believed(self) -> bool:
        if self._scanning or self._viewers or self._pictured_at is None:
            return False
        return asyncio.get_running_loop().time() - self._pictured_at < self._believed_s

    async def _is_there(self) -> bool:
        """Whether the camera's node, file or port is there, without opening it."""
        if "://" not in self._source:
            path = Path(f"/dev/video{self._source}" if self._source.isdecimal() else self._source)
            return await asyncio.to_thread(path.exists)
        try:
            url = urlsplit(self._source)
            async with asyncio.timeout(CONNECT_S):
                _, writer = await asyncio.open_connection(url.hostname, url.port or PORTS[url.scheme])
        except (OSError, ValueError, KeyError, TimeoutError):
            return False
        writer.transport.abort()
        return True

    async def scan(self) -> Scan:
        """Wait for the next code; see :class:`drivers.api.Scanner`. RuntimeError for a second caller."""
        if self._scanning:
            raise RuntimeError("someone already waits for a code")
        self._scanning = True
        self._looking = True
        if self._relax is not None:
            self._relax.cancel()
            self._relax = None
        try:
            self._since = await self._open()
            self._waiter = asyncio.get_running_loop().create_future()
            return await self._awaited(self._waiter)
        finally:
            self._scanning = False
            self._waiter = None
            if not self._closed:
                # Go on looking for a moment, to notice whether the code that was read leaves the view.
                self._relax = asyncio.get_running_loop().call_later(AGAIN_S, self._stop_looking)

    async def preview(self) -> AsyncGenerator[Frame, None]:
        """About ten pictures a second, 320 pixels wide; close the iterator (``aclosing``) after use."""
        newest: Newest[tuple[Frame, ...]] = Newest()
        self._viewers[newest] = None
        try:
            try:
                await self._open()
            except DeviceLost:
                return
            while frames := await newest.get():
                yield frames[0]
        finally:
            del self._viewers[newest]
            self._want()

    async def close(self) -> None:
        self._closed = True
        if self._relax is not None:
            self._relax.cancel()
            self._relax = None
        self._lost("closed")
        await self._host.close()

    async def _awaited(self, waiter: asyncio.Future[Scan]) -> Scan:
        loop = asyncio.get_running_loop()
        while True:
            done, _ = await asyncio.wait([waiter], timeout=self._stall_s / 4)
            if done:
                return waiter.result()
            if loop.time() - self._last_event_s > self._stall_s:
                self._host.kill(f"{self._source}: no picture for {self._stall_s:g} s")

    async def _open(self, *, patient: bool = True) -> float:
        """Have the camera running; returns the moment (of the child's clock) after which a frame is new.

        Raises DeviceLost. After a failure a citizen's attempt waits for its turn; one that is not patient repeats
        the failure until the pause, which grows, is over.
        """
        loop = asyncio.get_running_loop()
        async with self._opening:
            if self._closed:
                raise DeviceLost("closed")
            pause_s = self._backoff.left_s(loop.time(), urgent=patient)
            if pause_s > 0 and not patient:
                raise DeviceLost(self._failure)
            await asyncio.sleep(max(0.0, pause_s))
            try:
                answer = await self._host.call("open", self._wanted(), deadline_s=OPEN_DEADLINE_S)
            except (CallFailed, DeviceTimeout, DeviceLost) as error:
                self._pictured_at = None
                self._backoff.failed(loop.time())
                _log.warning("camera %s cannot be opened: %s", self._source, error)
                reason = error.code if isinstance(error, CallFailed) else str(error)
                self._failure = f"{self._source}: {reason}"
                raise DeviceLost(self._failure) from error
            self._backoff.succeeded()
            self._last_event_s = self._pictured_at = loop.time()
            return _moment(answer)

    def _wanted(self) -> bytes:
        return bytes(((CODES if self._looking else 0) | (PICTURES if self._viewers else 0),))

    def _want(self) -> None:
        self._host.post("want", self._wanted())

    def _stop_looking(self) -> None:
        self._relax = None
        self._looking = False
        self._want()

    def _event(self, code: int, payload: bytes) -> None:
        if code == SEEN:
            self._last_event_s = self._pictured_at = asyncio.get_running_loop().time()
            self._seen(_moment(payload), json.loads(payload[CLOCK.size :]))
        elif code == PICTURE:
            width, height = PICTURE_SIZE.unpack_from(payload)
            frame = Frame(width, height, payload[PICTURE_SIZE.size :])
            for viewer in self._viewers:
                viewer.put((frame,))
        elif code == REFUSED:
            _log.warning("camera %s does not take the setting %s; it goes on without", self._source, payload.decode())
        elif code == GONE:
            self._lost(f"{self._source}: the camera stopped")

    def _seen(self, at: float, codes: list[tuple[str, str]]) -> None:
        self._debounce.see([text for text, _ in codes], at)
        if self._waiter is None or self._waiter.done() or at < self._since:
            return
        for text, symbology in codes:
            if self._debounce.fresh(text, at):
                self._debounce.report(text, at)
                self._waiter.set_result(Scan(text, symbology))
                return

    def _lost(self, reason: str) -> None:
        self._pictured_at = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(DeviceLost(reason))
        for viewer in self._viewers:
            viewer.put(())


def _inside(roi: tuple[float, float, float, float]) -> None:
    x, y, width, height = roi
    # NaN fails every comparison, so ask for what is right rather than for what is wrong.
    if not (x >= 0 and y >= 0 and width > 0 and height > 0 and x + width <= 1.0001 and y + height <= 1.0001):
        raise ValueError("the region of interest must lie inside the picture: left,top,width,height between 0 and 1")


def _moment(payload: bytes) -> float:
    moment: float = CLOCK.unpack_from(payload)[0]
    return moment


# --- pictures in files --------------------------------------------------------------------------------------


class NotAPicture(ValueError):
    """The file is neither a picture nor a video that can be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not a picture or video")
        self.path = path


def scan_image(path: str | Path) -> list[str]:
    """Texts of the codes in a picture or video file, blocking; empty if it shows none.

    Raises NotAPicture, or OSError for a file that cannot be read.
    """
    return [scan.text for scan in scan_file(path)]


def scan_file(path: str | Path) -> list[Scan]:
    """As :func:`scan_image` with the symbologies; each code once, in order of appearance."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)  # read by the libraries when they are loaded
    import cv2
    import numpy as np

    from drivers.scanner import decode

    path = Path(path)
    # Not cv2.imread: it cannot open every path that Python can, and says nothing about why.
    raw = np.fromfile(path, np.uint8)
    try:
        picture = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED) if raw.size else None
    except cv2.error as error:  # too many pixels, or a header that promises what is not there
        raise NotAPicture(path) from error
    if picture is not None:
        return decode.read_thoroughly(decode.to_grey(picture))
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG) if raw.size else None
    found: dict[str, Scan] = {}
    frames = 0
    if video is not None:
        try:
            while (taken := video.read())[0]:
                frames += 1
                for scan in decode.read(decode.to_grey(taken[1]), decode.FILE_FORMATS):
                    found.setdefault(scan.text, scan)
        finally:
            video.release()
    if not frames:
        raise NotAPicture(path)
    return list(found.values())
