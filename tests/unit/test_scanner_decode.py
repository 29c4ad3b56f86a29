"""Reading codes: frames that are hard, frames that are empty, files of every sort."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from drivers.scanner.camera import NotAPicture, scan_file, scan_image
from drivers.scanner.decode import Grey, read, read_thoroughly, to_grey
from drivers.scanner.specimens import matrix
from tests.helpers.frames import Phone, corpus, scene

QR_ONLY = zxingcpp.barcode_formats_from_str("QRCode")
TEXT = "4241234567890123456789410000"


@pytest.mark.parametrize(
    "phone",
    [
        Phone(),
        Phone(inverted=True),
        Phone(angle=28),
        Phone(angle=90),
        Phone(keystone=0.12),
        Phone(black=90, white=125),
        Phone(blur=3.0),
        Phone(size=110, noise=8),
        Phone(glare=True, noise=15),
    ],
    ids=str,
)
def test_phones_as_people_hold_them(phone: Phone) -> None:
    (scan,) = read(scene(TEXT, phone))
    assert (scan.text, scan.symbology) == (TEXT, "QRCode")
    assert TEXT not in repr(scan)


def test_reads_more_than_one_plain_pass_of_the_decoder() -> None:
    frames = corpus(72, seed=3)
    ours = sum(any(scan.text == text for scan in read(frame)) for text, frame in frames)
    plain = sum(
        any(code.text == text for code in zxingcpp.read_barcodes(frame, formats=QR_ONLY)) for text, frame in frames
    )
    assert ours > plain
    assert ours >= 66


@pytest.mark.parametrize("writing", [False, True])
def test_nothing_is_read_where_there_is_nothing(writing: bool) -> None:
    assert read(scene(None, writing=writing)) == []


@pytest.mark.parametrize("size", [(640, 480), (1920, 1080), (320, 240)])
def test_other_frame_sizes(size: tuple[int, int]) -> None:
    frame = cv2.resize(scene(TEXT, Phone(size=330)), size, interpolation=cv2.INTER_AREA)
    assert [scan.text for scan in read(to_grey(frame))] == [TEXT]


def test_a_camera_mounted_upright() -> None:
    frame = cv2.rotate(scene(TEXT), cv2.ROTATE_90_CLOCKWISE)
    assert [scan.text for scan in read(to_grey(frame))] == [TEXT]


@settings(deadline=None, max_examples=40)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 1000)), elements=st.integers(0, 255)))
def test_any_picture_is_survived(grey: Grey) -> None:
    assert isinstance(read(grey), list)


def test_several_formats_when_asked() -> None:
    barcode = zxingcpp.create_barcode("CODE-128", zxingcpp.BarcodeFormat.Code128)
    grey = to_grey(np.array(barcode.to_image(scale=4, add_quiet_zones=True)))
    assert read(grey) == []
    assert [(scan.text, scan.symbology) for scan in read(grey, ("QRCode", "Code128"))] == [("CODE-128", "Code128")]


def enlarged(text: str, factor: int = 6, border: int = 4) -> Grey:
    return np.kron(matrix(text, border), np.ones((factor, factor), np.uint8))


def write(path: Path, picture: Grey) -> Path:
    done, raw = cv2.imencode(path.suffix, picture)
    assert done
    path.write_bytes(raw.tobytes())
    return path


@pytest.mark.parametrize("name", ["code.png", "医保 电子凭证.jpg", "code.bmp", "code.webp"])
def test_files(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, enlarged(TEXT))
    assert scan_image(path) == [TEXT]
    assert scan_image(str(path)) == [TEXT]


def test_a_hard_photograph(tmp_path: Path) -> None:
    frame = scene(TEXT, Phone(black=100, white=112, noise=3, blur=1.5))
    assert [scan.text for scan in read_thoroughly(frame)] == [TEXT]


def test_no_quiet_zone(tmp_path: Path) -> None:
    assert scan_image(write(tmp_path / "bare.png", 255 - (255 - enlarged(TEXT, border=0)))) == [TEXT]


def test_several_codes_in_one_picture(tmp_path: Path) -> None:
    both = np.hstack([enlarged("first"), enlarged("other")])
    assert sorted(scan_image(write(tmp_path / "both.png", both))) == ["first", "other"]


def test_a_code_on_transparent_ground(tmp_path: Path) -> None:
    code = enlarged(TEXT)
    picture = np.zeros((*code.shape, 4), np.uint8)
    picture[:, :, 3] = 255 - code  # black everywhere, opaque where a module is
    assert scan_image(write(tmp_path / "clear.png", picture)) == [TEXT]


def test_sixteen_bits_a_pixel(tmp_path: Path) -> None:
    picture = enlarged(TEXT).astype(np.uint16) * 257
    assert scan_image(write(tmp_path / "deep.png", picture)) == [TEXT]  # type: ignore[arg-type]


def test_a_picture_without_a_code(tmp_path: Path) -> None:
    assert scan_image(write(tmp_path / "wall.png", scene(None)[:200, :300])) == []


def test_what_is_no_picture(tmp_path: Path) -> None:
    for content in (b"", b"not a picture", bytes(1000)):
        path = tmp_path / "notes.txt"
        path.write_bytes(content)
        with pytest.raises(NotAPicture, match=r"notes\.txt"):
            scan_image(path)
    with pytest.raises(FileNotFoundError):
        scan_image(tmp_path / "missing.png")


def test_a_video(tmp_path: Path) -> None:
    path = film(tmp_path / "codes.avi", [None, "first", "first", None, "second"])
    assert [(scan.text, scan.symbology) for scan in scan_file(path)] == [
        ("first", "QRCode"),
        ("second", "QRCode"),
    ]


def film(path: Path, texts: list[str | None]) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (640, 360))
    for text in texts:
        frame = cv2.resize(scene(text), (640, 360), interpolation=cv2.INTER_AREA)
        writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path
