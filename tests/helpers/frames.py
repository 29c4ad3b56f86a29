"""Grey camera frames of one phone held as a test says; mixes of all ways: ``drivers/scanner/specimens.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.scanner.specimens import matrix

WIDTH, HEIGHT = 1280, 720
Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Phone:
    """How a code is held: ``size`` in pixels, ``angle`` in degrees, ``keystone`` 0 = straight on."""

    size: float = 300
    angle: float = 5
    keystone: float = 0.0
    black: float = 20
    white: float = 230
    inverted: bool = False
    blur: float = 0.5
    noise: float = 6
    glare: bool = False


def scene(text: str | None, phone: Phone | None = None, *, seed: int = 1, writing: bool = False) -> Grey:
    """A wall (with ``writing`` on it), and a phone that shows ``text``."""
    phone = phone or Phone()
    rng = np.random.default_rng(seed)
    patches = rng.integers(60, 180, (9, 16)).astype(np.uint8)
    frame: Any = cv2.resize(patches, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    if writing:
        for _ in range(60):
            place = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
            size, shade = float(rng.uniform(0.4, 1.5)), (float(rng.integers(0, 255)),)
            cv2.putText(frame, "Counter 12345", place, cv2.FONT_HERSHEY_SIMPLEX, size, shade, 2)
    frame = frame.astype(np.float32)
    if text is not None:
        frame = _hold(frame, text, phone)
    if phone.blur:
        frame = cv2.GaussianBlur(frame, (0, 0), phone.blur)
    frame = frame + rng.normal(0, phone.noise, frame.shape)
    grey: Grey = np.clip(frame, 0, 255).astype(np.uint8)
    return grey


def _hold(frame: Any, text: str, phone: Phone) -> Any:
    code: Any = cv2.resize(matrix(text), None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST) / np.float32(255)
    code = 1 - code if phone.inverted else code
    code = phone.black + code * (phone.white - phone.black)
    turn = np.deg2rad(phone.angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])

    def corners(width: float, height: float) -> Any:
        points = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2)
        points = points * (1 + phone.keystone * points[:, 1:2] / 300)
        return (points @ rotation.T + (WIDTH / 2, HEIGHT / 2)).astype(np.float32)

    wide, high = phone.size * 1.25, phone.size * 1.9
    cv2.fillConvexPoly(frame, corners(wide + 20, high + 20).astype(np.int32), (10.0,))
    screen = phone.black if phone.inverted else phone.white
    cv2.fillConvexPoly(frame, corners(wide, high).astype(np.int32), (float(screen),))
    side = code.shape[0]
    flat = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    warp = cv2.getPerspectiveTransform(flat, corners(phone.size, phone.size))
    held = cv2.warpPerspective(code, warp, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    where = cv2.warpPerspective(np.ones_like(code), warp, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    frame = np.where(where > 0.5, held, frame)
    if phone.glare:
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        spot = (x - WIDTH / 2 - phone.size * 0.2) ** 2 + (y - HEIGHT / 2 - phone.size * 0.2) ** 2
        frame = frame + 180 * np.exp(-spot / (2 * (phone.size * 0.25) ** 2))
    return frame


def corpus(count: int, seed: int) -> list[tuple[str, Grey]]:
    """Frames by turns ordinary, dim, inverted, out of focus, far away, and dazzled."""
    rng = np.random.default_rng(seed)
    made = []
    for index in range(count):
        size, blur, noise = rng.uniform(130, 420), rng.uniform(0, 1.0), rng.uniform(3, 8)
        black, white = 20.0, 230.0
        kind = index % 6
        if kind == 1:
            black = rng.uniform(20, 150)
            white = black + rng.uniform(10, 40)
        elif kind == 3:
            blur = rng.uniform(1.5, 4.5)
        elif kind == 4:
            size, noise = rng.uniform(60, 130), rng.uniform(3, 12)
        elif kind == 5:
            noise = rng.uniform(5, 20)
        phone = Phone(
            size=size,
            angle=rng.uniform(-30, 30),
            keystone=rng.uniform(-0.1, 0.1),
            black=black,
            white=white,
            inverted=kind == 2,
            blur=blur,
            noise=noise,
            glare=kind == 5,
        )
        text = f"424{rng.integers(10**18):019d}410000"
        made.append((text, scene(text, phone, seed=int(rng.integers(1 << 30)), writing=bool(index % 2))))
    return made
