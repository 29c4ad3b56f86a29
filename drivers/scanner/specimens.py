"""Camera frames drawn from a seed: a phone before the camera, with everything that makes its code hard to read.

Owns the pictures on which decoders are compared, by ``kiosk bench`` and by the tests: the same seed draws the same
frames. They are drawings, not photographs: what they are good for is comparing two decoders on the same frames. No
picture, text or number in them is a real person's. Import it in a process that may have OpenCV.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
import qrcode
from numpy.typing import NDArray

from drivers.frozen import dataclass

Grey = NDArray[np.uint8]
Size = tuple[int, int]
"""Width and height in pixels."""

HD: Size = (1280, 720)
FULL_HD: Size = (1920, 1080)


class Mix(StrEnum):
    """What kind of frames are drawn. A mix's place among them is part of the seed: their order stays."""

    TYPICAL = "typical"
    """Phones as most people hold them."""
    HARD = "hard"
    """Far away, out of focus, tilted, dazzled: what makes people try again."""
    EMPTY = "empty"
    """No QR code: a hall with writing, and often a phone that shows something else."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One frame, and what a decoder should find in it."""

    grey: Grey = field(repr=False)
    text: str | None
    """What the code says; ``None`` where there is none."""
    corners: tuple[tuple[float, float], ...] = ()
    """Of the code in the picture, from its upper left clockwise."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Between which values a mix draws. Lengths are in parts of the frame's height, shades 0 to 255."""

    side: tuple[float, float]
    turn_deg: float
    tilt_deg: float
    blur: tuple[float, float]
    shake: float
    noise: tuple[float, float]
    black: tuple[float, float]
    white: tuple[float, float]
    glare: float
    """Probability of a lamp mirrored in the glass."""
    moire: float
    """Probability that screen and sensor interfere."""
    inverted: float
    quality: tuple[int, int]
    """Of the JPEG that the camera sends."""


MIXES = {
    Mix.TYPICAL: Ranges(
        side=(0.12, 0.55), turn_deg=25, tilt_deg=32, blur=(0.0, 0.0024), shake=0.004, noise=(2, 9), black=(8, 70),
        white=(140, 255), glare=0.45, moire=0.4, inverted=0.06, quality=(70, 92),
    ),
    Mix.HARD: Ranges(
        side=(0.06, 0.30), turn_deg=180, tilt_deg=50, blur=(0.0, 0.0022), shake=0.005, noise=(5, 18), black=(20, 120),
        white=(130, 255), glare=0.7, moire=0.6, inverted=0.12, quality=(50, 85),
    ),
}  # fmt: skip

_PIXELS_A_MODULE = 8
_WORDS = ("Counter 12", "Please wait", "A 0417", "Hall 3", "Zhengzhou", "Number", "Exit")


def specimens(mix: Mix, count: int, *, seed: int = 1, size: Size = HD) -> Iterator[Specimen]:
    """``count`` frames, each drawn when it is asked for; the i-th does not depend on ``count``."""
    for index in range(count):
        # Size is no part of the seed: the same scene is seen by a camera with more pixels.
        rng = np.random.default_rng([seed, index, list(Mix).index(mix)])
        yield draw(mix, rng, size)


def draw(mix: Mix, rng: np.random.Generator, size: Size = HD) -> Specimen:
    """One frame."""
    height = size[1]
    frame = _hall(rng, size)
    if mix is Mix.EMPTY:
        if rng.random() < 0.6:
            frame = _hold_other_screen(frame, rng)
        return Specimen(_seen(frame, rng, MIXES[Mix.TYPICAL], size), None)
    ranges = MIXES[mix]
    text = _credential(rng)
    code = _symbol(text)
    side = rng.uniform(*ranges.side) * height
    black, white = rng.uniform(*ranges.black), rng.uniform(*ranges.white)
    screen = _screen(code, rng)
    if rng.random() < ranges.inverted:
        screen = 1.0 - screen
    plane, flat = _place(rng, ranges, screen, code, side, size)
    warp = cv2.getPerspectiveTransform(flat, plane)
    picture = black + screen * (white - black)
    if rng.random() < ranges.moire:
        picture = _pixel_grid(picture, rng)
    # Reduced before it is warped: a warp alone would skip pixels, which no lens does.
    shrink = max(1.0, 0.7 * code.shape[0] * _PIXELS_A_MODULE / side)
    small = cv2.resize(picture, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    scale = np.diag([picture.shape[1] / small.shape[1], picture.shape[0] / small.shape[0], 1.0])
    held = cv2.warpPerspective(small, warp @ scale, size, flags=cv2.INTER_LINEAR)
    where = cv2.warpPerspective(np.ones_like(small), warp @ scale, size, flags=cv2.INTER_LINEAR)
    frame = frame * (1 - where) + held * where
    corners = cv2.perspectiveTransform(_code_corners(code, screen)[None], warp)[0]
    if rng.random() < ranges.glare:
        frame = _glare(frame, rng, corners, side)
    grey = _seen(frame, rng, ranges, size)
    return Specimen(grey, text, tuple((float(x), float(y)) for x, y in corners))


def matrix(text: str, border: int = 4) -> Grey:
    """The bare code, one pixel a module, dark on white."""
    code = qrcode.QRCode(border=border)
    code.add_data(text)
    code.make(fit=True)
    return np.where(np.array(code.get_matrix()), 0, 255).astype(np.uint8)


# --- what is before the camera ---------------------------------------------------------------------------------------


def _credential(rng: np.random.Generator) -> str:
    """In the shapes of docs/protocols.md section 4: mostly 28 digits, else an opaque token."""
    if rng.random() < 0.6:
        return f"424{rng.integers(10**18):019d}410000"
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "opc" + "".join(alphabet[i] for i in rng.integers(0, len(alphabet), int(rng.integers(20, 90))))


def _symbol(text: str) -> Any:
    return matrix(text, border=0).astype(np.float32) / 255


def _screen(code: Any, rng: np.random.Generator) -> Any:
    """The phone's display, 0 to 1, with the code in its middle and an application's furniture about it."""
    side = code.shape[0] * _PIXELS_A_MODULE
    quiet = int(rng.integers(2, 6)) * _PIXELS_A_MODULE
    width, height = side + 2 * quiet, int((side + 2 * quiet) * 1.9)
    screen = np.ones((height, width), np.float32)
    cv2.rectangle(screen, (0, 0), (width, int(height * 0.1)), (float(rng.uniform(0.2, 0.7)),), -1)
    for line in range(int(rng.integers(1, 4))):
        y = int(height * (0.82 + 0.05 * line))
        cv2.rectangle(screen, (quiet, y), (width - quiet - line * side // 4, y + side // 30), (0.5,), -1)
    top = (height - side) // 2
    big = cv2.resize(code, (side, side), interpolation=cv2.INTER_NEAREST)
    screen[top : top + side, quiet : quiet + side] = big
    if rng.random() < 0.3:  # the badge that many applications lay over the middle; error correction covers it
        badge = side // 7
        x, y = quiet + side // 2 - badge // 2, top + side // 2 - badge // 2
        cv2.rectangle(screen, (x, y), (x + badge, y + badge), (float(rng.uniform(0.3, 1.0)),), -1)
    return screen


def _code_corners(code: Any, screen: Any) -> Any:
    side = code.shape[0] * _PIXELS_A_MODULE
    left, top = (screen.shape[1] - side) // 2, (screen.shape[0] - side) // 2
    return np.array([[left, top], [left + side, top], [left + side, top + side], [left, top + side]], np.float32)


def _place(
    rng: np.random.Generator, ranges: Ranges, screen: Any, code: Any, side: float, size: Size
) -> tuple[Any, Any]:
    """The corners of the display as the camera sees them, and flat: tilted in space, then turned."""
    height, width = screen.shape
    scale = side / (code.shape[0] * _PIXELS_A_MODULE)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    points = np.column_stack([(flat - (width / 2, height / 2)) * scale, np.zeros(4)])
    pitch, yaw = np.deg2rad(rng.uniform(-ranges.tilt_deg, ranges.tilt_deg, 2))
    turn = np.deg2rad(rng.uniform(-ranges.turn_deg, ranges.turn_deg))
    for rotation in (
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]],
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]],
        [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]],
    ):
        points = points @ np.array(rotation).T
    away = 2.2 * size[1]  # a wide lens: what is nearer looks larger
    seen = points[:, :2] * (away / (away + points[:, 2:]))
    room = np.array(size) / 2 - side * 0.75
    middle = np.array(size) / 2 + rng.uniform(-1, 1, 2) * np.maximum(room, 0) * 0.7
    return (seen + middle).astype(np.float32), flat


def _pixel_grid(picture: Any, rng: np.random.Generator) -> Any:
    """The display's own pixels and its refresh: fine stripes that beat with the sensor's pixels."""
    height, width = picture.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(-0.3, 0.3)
    fine, coarse = rng.uniform(2.2, 4.5), rng.uniform(12, 60)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / fine)
    beat = np.sin(2 * np.pi * (y + 0.3 * x) / coarse)
    return picture * (1 + rng.uniform(0.05, 0.2) * wave + rng.uniform(0.02, 0.14) * beat)


def _glare(frame: Any, rng: np.random.Generator, corners: Any, side: float) -> Any:
    """A lamp mirrored in the glass, more often than not on a finder pattern's side of the code."""
    height, width = frame.shape
    near, far = corners[int(rng.integers(0, 4))], corners.mean(axis=0)
    along = rng.uniform(0, 1)
    at = near * along + far * (1 - along)
    radius = side * rng.uniform(0.05, 0.26)
    reach = int(4 * radius) + 2
    left, top = max(0, int(at[0]) - reach), max(0, int(at[1]) - reach)
    right, bottom = min(width, int(at[0]) + reach), min(height, int(at[1]) + reach)
    if left >= right or top >= bottom:
        return frame
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    turn, long = rng.uniform(0, np.pi), rng.uniform(1, 3)
    u = (x - at[0]) * np.cos(turn) + (y - at[1]) * np.sin(turn)
    v = -(x - at[0]) * np.sin(turn) + (y - at[1]) * np.cos(turn)
    frame = frame.copy()
    frame[top:bottom, left:right] += rng.uniform(60, 290) * np.exp(-((u / long) ** 2 + v**2) / (2 * radius**2))
    return frame


def _hold_other_screen(frame: Any, rng: np.random.Generator) -> Any:
    """A phone without a QR code: a conversation, a bar code, a picture."""
    height, width = frame.shape
    high, wide = 600, 320
    screen: Any = np.full((high, wide), 235, np.uint8)
    cv2.rectangle(screen, (0, 0), (wide, 60), (120.0,), -1)
    kind = int(rng.integers(0, 3))
    if kind == 0:
        for line in range(8):
            left = 20 if rng.random() < 0.5 else 120
            cv2.rectangle(screen, (left, 80 + 60 * line), (left + 180, 120 + 60 * line), (190.0,), -1)
            cv2.putText(screen, str(rng.choice(_WORDS)), (left + 8, 106 + 60 * line),
                        cv2.FONT_HERSHEY_SIMPLEX, 0.6, (40.0,), 1)  # fmt: skip
    elif kind == 1:
        bars = np.repeat(rng.integers(0, 2, 90), 3)[None].astype(np.uint8) * 220 + 15
        screen[220:340, 25 : 25 + bars.shape[1]] = bars
    else:
        patches = rng.integers(10, 250, (20, 12)).astype(np.uint8)
        screen[80:560, 20:300] = cv2.resize(patches, (280, 480), interpolation=cv2.INTER_CUBIC)
    scale = height * rng.uniform(0.6, 1.1) / high
    angle = rng.uniform(-25, 25)
    warp = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, scale)
    warp[:, 2] += (width * rng.uniform(0.3, 0.7) - wide / 2, height * rng.uniform(0.4, 0.6) - high / 2)
    held = cv2.warpAffine(screen.astype(np.float32), warp, (width, height), flags=cv2.INTER_AREA)
    where = cv2.warpAffine(np.ones((high, wide), np.float32), warp, (width, height), flags=cv2.INTER_AREA)
    return frame * (1 - where) + held * where


def _hall(rng: np.random.Generator, size: Size) -> Any:
    """Walls, lamps, signs and people, out of focus behind the phone."""
    width, height = size
    patches = rng.integers(40, 190, (9, 16)).astype(np.uint8)
    frame: Any = cv2.resize(patches, size, interpolation=cv2.INTER_CUBIC)
    unit = height / 720
    for _ in range(int(rng.integers(2, 9))):
        x, y = rng.integers(0, width), rng.integers(0, height)
        w, h = rng.integers(20, 300) * unit, rng.integers(20, 300) * unit
        shade = (float(rng.integers(10, 250)),)
        if rng.random() < 0.5:
            cv2.rectangle(frame, (int(x), int(y)), (int(x + w), int(y + h)), shade, -1)
        else:
            turn = float(rng.uniform(0, 180))
            cv2.ellipse(frame, (int(x), int(y)), (int(w / 2), int(h / 2)), turn, 0, 360, shade, -1)
    for _ in range(int(rng.integers(0, 25))):
        place = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        scale, shade = float(rng.uniform(0.4, 1.6)) * unit, (float(rng.integers(0, 255)),)
        word, thick = str(rng.choice(_WORDS)), max(1, int(2 * unit))
        cv2.putText(frame, word, place, cv2.FONT_HERSHEY_SIMPLEX, scale, shade, thick)
    if rng.random() < 0.5:
        frame = cv2.GaussianBlur(frame, (0, 0), float(rng.uniform(0.5, 3)) * unit)
    return frame.astype(np.float32)


# --- what the camera makes of it -------------------------------------------------------------------------------------


def _seen(frame: Any, rng: np.random.Generator, ranges: Ranges, size: Size) -> Grey:
    height = size[1]
    blur = rng.uniform(*ranges.blur) * height
    if blur > 0.3:
        frame = cv2.GaussianBlur(frame, (0, 0), blur)
    shake = rng.uniform(0, ranges.shake) * height
    if shake > 1.5:
        frame = cv2.filter2D(frame, -1, _stroke(shake, rng.uniform(0, np.pi)))
    frame = frame + rng.standard_normal(frame.shape, np.float32) * np.float32(rng.uniform(*ranges.noise))
    grey = np.clip(frame, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*ranges.quality))])
    seen: Any = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
    return np.asarray(seen, np.uint8)


def _stroke(length: float, angle: float) -> Any:
    """The path of a hand while the shutter was open."""
    side = int(length) | 1
    kernel = np.zeros((side + 2, side + 2), np.float32)
    middle = (side + 2) / 2
    way = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    ends = [tuple(round(float(v) * 16) for v in (middle - 0.5 + sign * way)) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], (1.0,), 1, cv2.LINE_AA, 4)
    return kernel / kernel.sum()
