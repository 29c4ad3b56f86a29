"""What only the camera driver can do wrong: files that end, cameras that are not there, codes reported twice."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import cv2
import pytest

from drivers.address import split
from drivers.api import Condition, DeviceLost
from drivers.scanner.camera import CameraScanner, Debounce
from drivers.scanner.virtual import VirtualCamera
from tests.helpers.frames import scene


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of a wall and a code."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (640, 360))
    for text in [None] * 4 + ["in the film"] * 4 + [None] * 4:
        frame = cv2.resize(scene(text), (640, 360), interpolation=cv2.INTER_AREA)
        writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


async def test_a_film_that_ends_is_a_lost_camera(film: Path) -> None:
    scanner = CameraScanner(str(film))
    try:
        async with asyncio.timeout(10):
            assert (await scanner.scan()).text == "in the film"
            with pytest.raises(DeviceLost):
                await scanner.scan()
    finally:
        await scanner.close()


async def test_a_film_in_a_loop_goes_on(film: Path) -> None:
    scanner = CameraScanner(str(film), loop=True)
    try:
        async with asyncio.timeout(10):
            for _ in range(2):  # it leaves the view in between, so it counts again
                assert (await scanner.scan()).text == "in the film"
    finally:
        await scanner.close()


@pytest.mark.parametrize("source", [97, "/dev/video97"])
async def test_a_camera_that_is_not_there(source: int | str) -> None:
    scanner = CameraScanner(source)
    try:
        with pytest.raises(DeviceLost) as lost:
            await scanner.scan()
        assert lost.value.__cause__ is not None
        health = await scanner.health()
        assert health.condition is Condition.NO_DEVICE
        assert not health.usable
    finally:
        await scanner.close()


async def test_a_broken_camera_is_not_beaten() -> None:
    scanner = CameraScanner("/nonexistent/film.avi")
    loop = asyncio.get_running_loop()
    try:
        begun = loop.time()
        for _ in range(2):
            with pytest.raises(DeviceLost):
                await scanner.scan()
        assert loop.time() - begun >= 0.2
        begun = loop.time()
        assert not (await scanner.health()).usable
        assert loop.time() - begun < 0.2  # the health of a device is not worth waiting for
    finally:
        await scanner.close()


class CountedCamera(VirtualCamera):
    """Knows how often it was switched on, and when it was let go."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = 0
        self.rests = asyncio.Event()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self.rests.clear()
        try:
            await super()._stream(writer)
        finally:
            self.rests.set()


async def test_a_camera_is_not_switched_on_to_be_asked_how_it_is() -> None:
    """Its light would go on and off all day before an empty hall."""
    camera = CountedCamera()
    async with camera:
        scanner = CameraScanner(camera.url)
        try:
            async with asyncio.timeout(20):
                assert (await scanner.health()).usable
                await camera.rests.wait()
                for _ in range(3):
                    assert (await scanner.health()).usable
                assert camera.opened == 1
                camera.show("a code")
                assert (await scanner.scan()).text == "a code"
                assert camera.opened == 2
                await camera.rests.wait()
                camera.unplug()
                assert not (await scanner.health()).usable
        finally:
            await scanner.close()


async def test_a_camera_that_was_not_used_for_long_is_switched_on_to_see_whether_it_works() -> None:
    camera = CountedCamera()
    async with camera:
        scanner = CameraScanner(camera.url, believed_s=0.0)
        try:
            async with asyncio.timeout(20):
                assert (await scanner.health()).usable
                await camera.rests.wait()
                assert (await scanner.health()).usable
                assert camera.opened == 2
        finally:
            await scanner.close()


def test_the_same_code_counts_once_while_it_is_held_there() -> None:
    debounce = Debounce(again_s=2.0, gone_s=0.4)
    assert debounce.fresh("a", 10.0)
    debounce.report("a", 10.0)
    for moment in (10.1, 11.0, 11.9):
        debounce.see(["a"], moment)
        assert not debounce.fresh("a", moment)
        assert debounce.fresh("b", moment)
    assert debounce.fresh("a", 12.0)


def test_a_missed_frame_is_not_leaving_but_several_are() -> None:
    debounce = Debounce(again_s=2.0, gone_s=0.4)
    debounce.report("a", 10.0)
    debounce.see([], 10.2)
    debounce.see(["a"], 10.3)
    debounce.see(["b"], 10.6)
    assert not debounce.fresh("a", 10.6)
    debounce.see([], 10.75)
    assert debounce.fresh("a", 10.75)


def test_the_text_of_a_code_is_not_kept() -> None:
    debounce = Debounce()
    debounce.report("secret", 1.0)
    assert "secret" not in repr(vars(debounce))


async def test_the_region_of_interest_is_what_is_read_and_shown(film: Path) -> None:
    left, whole = CameraScanner(str(film), roi=(0.0, 0.0, 0.25, 1.0)), CameraScanner.at(f"{film}?roi=0,0,1,1")
    try:
        async with asyncio.timeout(10):
            async with aclosing(left.preview()) as pictures:
                frame = await anext(pictures)
                assert (frame.width, frame.height) == (320, 720)  # 160x360 as wide as every preview
            with pytest.raises(DeviceLost):  # the code is in the middle: the film ends without it
                await left.scan()
            assert (await whole.scan()).text == "in the film"
    finally:
        await left.close()
        await whole.close()


async def test_a_setting_that_the_camera_does_not_take_is_logged(film: Path, caplog: pytest.LogCaptureFixture) -> None:
    scanner = CameraScanner.at(f"{film}?exposure=-6")
    try:
        async with asyncio.timeout(10):
            assert (await scanner.scan()).text == "in the film"
    finally:
        await scanner.close()
    assert "does not take the setting exposure" in caplog.text


async def test_a_film_whose_frames_are_no_pictures_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 15, (640, 360))
    for _ in range(6):
        frame = cv2.resize(scene("in the film"), (640, 360), interpolation=cv2.INTER_AREA)
        writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    writer.release()
    scanner = CameraScanner(str(path))
    try:
        async with asyncio.timeout(10):
            assert (await scanner.scan()).text == "in the film"
    finally:
        await scanner.close()


def test_a_query_of_the_url_stays_with_it() -> None:
    place, found = split("http://cam/stream?user=a&roi=0,0,1,1&fps=5", ("roi",), foreign=True)
    assert place == "http://cam/stream?user=a&fps=5"
    assert found == {"roi": "0,0,1,1"}
