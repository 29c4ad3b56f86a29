"""A camera at the other end of an HTTP connection, so that real capture and decoding have something to see.

Serves motion JPEG on 127.0.0.1: a hall's grey wall with sensor noise and, while a code is shown, a phone in a
hand that trembles. The hand's side is that of :class:`drivers.scanner.mock.Lens`. Draws only while somebody
is connected, each picture once.
"""

from __future__ import annotations

import asyncio
import io
import logging
import math
import random
import socket
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from drivers.door import Door
from drivers.faults import Fault, FaultPlan
from drivers.scanner.mock import Lens

if TYPE_CHECKING:
    from PIL import Image

_log = logging.getLogger(__name__)

WIDTH, HEIGHT = 1280, 720
FRAMES_PER_S = 15
_POSES = 8
"""Different pictures of one code; shown to and fro they look like a hand that is not quite still."""
_PHONE = (330, 600)
_CODE_PX = 280
_BOUNDARY = b"frame"
_REQUEST_DEADLINE_S = 5.0


class VirtualCamera(Lens):
    """Start it, give :attr:`url` to the driver, show codes. Only QR codes can be drawn."""

    def __init__(self, faults: FaultPlan | None = None) -> None:
        super().__init__(faults)
        self._door = Door(self._let_in)
        self._viewers: set[asyncio.Task[None]] = set()
        self._drawn: dict[int, bytes] = {}
        self._drawn_text: str | None = None
        self._frozen = False

    @property
    def url(self) -> str:
        """Address for the driver; the same while the camera is unplugged and plugged again."""
        if not self._door.port:
            raise RuntimeError("the virtual camera is not started")
        return f"http://127.0.0.1:{self._door.port}/stream.mjpg"

    async def start(self) -> None:
        self._door.hold()
        self._door.open()

    async def aclose(self) -> None:
        self._hang_up()
        await asyncio.gather(*self._viewers, return_exceptions=True)
        self._drawn.clear()

    async def __aenter__(self) -> VirtualCamera:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def unplug(self) -> None:
        super().unplug()
        if self._door.held:
            self._hang_up()
            self._door.hold()  # nobody else may take the port meanwhile

    def plug(self) -> None:
        self._frozen = False
        if self._door.held and not self.plugged:
            self._door.open()
        super().plug()

    def _let_in(self, connection: socket.socket) -> None:
        viewer = asyncio.create_task(self._serve(connection), name="virtual camera's viewer")
        self._viewers.add(viewer)
        viewer.add_done_callback(partial(self._left, connection))

    def _left(self, connection: socket.socket, viewer: asyncio.Task[None]) -> None:
        self._viewers.discard(viewer)
        connection.close()  # also of one that was hung up before it was served

    def _hang_up(self) -> None:
        self._door.shut()
        for viewer in self._viewers:
            viewer.cancel()

    async def _serve(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            async with asyncio.timeout(_REQUEST_DEADLINE_S):
                await reader.readuntil(b"\r\n\r\n")
            await self._stream(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            _log.debug("a viewer of the virtual camera left")
        except asyncio.CancelledError:
            # Hung up by unplug() or aclose().
            _log.debug("the virtual camera hung up")
        finally:
            writer.transport.abort()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.0 200 OK\r\nCache-Control: no-store\r\n"
            b"Content-Type: multipart/x-mixed-replace; boundary=" + _BOUNDARY + b"\r\n\r\n"
        )
        loop = asyncio.get_running_loop()
        due = loop.time()
        count = 0
        while True:
            fault = await self.faults.meet("frame")
            if fault is Fault.LOSE:
                self.unplug()
            elif fault is Fault.MUTE:
                self._frozen = True
            if not self._frozen and fault is not Fault.DROP:
                # GARBLE: the picture that would be there without a code
                picture = await self._picture(None if fault is Fault.GARBLE else self.text, count)
                writer.write(
                    b"--" + _BOUNDARY + b"\r\nContent-Type: image/jpeg\r\nContent-Length: "
                    + str(len(picture)).encode() + b"\r\n\r\n" + picture + b"\r\n"
                )  # fmt: skip
                await writer.drain()
            count += 1
            due = max(due + 1 / FRAMES_PER_S, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _picture(self, text: str | None, count: int) -> bytes:
        # To and fro: 0 1 2 ... 7 6 ... 1
        pose = abs((count + _POSES - 1) % (2 * _POSES - 2) - (_POSES - 1))
        if text is None:
            self._drawn_text, self._drawn = None, {}
            return await asyncio.to_thread(_draw_wall, pose)
        if text != self._drawn_text:
            self._drawn_text, self._drawn = text, {}
        drawn = self._drawn
        if pose not in drawn:
            drawn[pose] = await asyncio.to_thread(draw, text, pose)
        return drawn[pose]


@lru_cache(maxsize=_POSES)
def _draw_wall(pose: int) -> bytes:
    return _jpeg(_noisy(_wall(), pose))


def draw(text: str, pose: int) -> bytes:
    """One JPEG picture of a phone that shows ``text`` as a QR code."""
    from PIL import Image, ImageFilter

    phase = 2 * math.pi * pose / (2 * _POSES)
    angle = 7 + 4 * math.sin(phase)
    place = (int(470 + 30 * math.cos(phase)), int(40 + 12 * math.sin(phase)))
    phone = _phone(text)
    frame = _wall().copy()
    mask = Image.new("L", phone.size, 255).rotate(angle, Image.Resampling.BILINEAR, expand=True)
    frame.paste(phone.rotate(angle, Image.Resampling.BICUBIC, expand=True), place, mask)
    return _jpeg(_noisy(frame.filter(ImageFilter.GaussianBlur(0.7)), pose))


def _phone(text: str) -> Image.Image:
    import qrcode
    from PIL import Image, ImageDraw

    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    modules = Image.new("L", (len(matrix), len(matrix)))
    modules.putdata([25 if dark else 235 for row in matrix for dark in row])
    phone = Image.new("L", _PHONE, 30)
    pen = ImageDraw.Draw(phone)
    pen.rectangle((12, 30, _PHONE[0] - 13, _PHONE[1] - 31), fill=235)
    pen.rectangle((12, 30, _PHONE[0] - 13, 84), fill=120)
    for line in range(3):
        pen.rectangle((40, 470 + 30 * line, 40 + 230 - 50 * line, 480 + 30 * line), fill=170)
    corner = ((_PHONE[0] - _CODE_PX) // 2, 130)
    phone.paste(modules.resize((_CODE_PX, _CODE_PX), Image.Resampling.NEAREST), corner)
    return phone


@lru_cache(maxsize=1)
def _wall() -> Image.Image:
    from PIL import Image

    shade = random.Random(1)  # noqa: S311 - always the same wall
    patches = Image.new("L", (16, 9))
    patches.putdata([shade.randrange(70, 150) for _ in range(16 * 9)])
    return patches.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


@lru_cache(maxsize=1)
def _grain() -> Image.Image:
    from PIL import Image

    return Image.effect_noise((WIDTH, HEIGHT), 10)


def _noisy(picture: Image.Image, pose: int) -> Image.Image:
    from PIL import ImageChops

    # Fresh noise costs more than all the rest of a picture: the same grain moved about serves as well.
    return ImageChops.add(picture, ImageChops.offset(_grain(), 97 * pose, 53 * pose), scale=1.0, offset=-128)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()
