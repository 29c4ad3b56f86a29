"""Reading from a camera's frames: the cascade spread over them, the search for finder patterns, the drawn frames."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from drivers.scanner import decode, finder
from drivers.scanner.decode import Grey
from drivers.scanner.measure import STREAM_FRAMES, empty_frames, one_core, reading
from drivers.scanner.specimens import FULL_HD, HD, Mix, Specimen, specimens
from drivers.scanner.stream import Stream
from tests.helpers.frames import Phone, scene

TEXT = "4241234567890123456789410000"
QR_ONLY = zxingcpp.barcode_formats_from_str("QRCode")


@pytest.fixture(scope="module")
def hard() -> list[Specimen]:
    return list(specimens(Mix.HARD, 30, seed=5))


def binary(grey: Grey) -> Grey:
    """Half size, dark is 0."""
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.where(half < cv2.blur(half, (31, 31)).astype(int) - 20, 0, 255).astype(np.uint8)


def test_the_same_seed_draws_the_same_frames() -> None:
    first, again = (list(specimens(Mix.HARD, 3, seed=9)) for _ in range(2))
    assert all(np.array_equal(a.grey, b.grey) and a.text == b.text for a, b in zip(first, again, strict=True))
    other = next(specimens(Mix.HARD, 1, seed=10))
    assert not np.array_equal(other.grey, first[0].grey)


@pytest.mark.parametrize("size", [HD, FULL_HD])
def test_a_scene_is_the_same_at_every_size(size: tuple[int, int]) -> None:
    specimen = next(specimens(Mix.TYPICAL, 1, seed=2, size=size))
    assert specimen.grey.shape == size[::-1]
    assert specimen.text == next(specimens(Mix.TYPICAL, 1, seed=2)).text
    assert np.ptp(np.array(specimen.corners), axis=0).min() > 0.05 * size[1]


def test_empty_frames_hold_nothing_for_any_way_of_looking() -> None:
    stream = Stream()
    for specimen in specimens(Mix.EMPTY, 12, seed=4):
        assert specimen.text is None
        assert decode.read(specimen.grey) == []
        assert stream.look(specimen.grey) == []


def test_the_cascade_reads_more_than_the_decoder_alone_and_loses_nothing(hard: list[Specimen]) -> None:
    ours = [any(scan.text == s.text for scan in decode.read(s.grey)) for s in hard]
    alone = [any(c.text == s.text for c in zxingcpp.read_barcodes(s.grey, formats=QR_ONLY)) for s in hard]
    assert sum(ours) >= sum(alone) + 3
    assert not any(theirs and not own for own, theirs in zip(ours, alone, strict=True))


def test_a_stream_reads_in_a_few_frames_what_the_cascade_reads_in_one(hard: list[Specimen]) -> None:
    missed = 0
    for specimen in hard:
        if any(scan.text == specimen.text for scan in decode.read(specimen.grey)):
            stream = Stream()
            missed += not any(stream.look(specimen.grey) for _ in range(STREAM_FRAMES))
    assert missed <= 1


def test_a_region_is_remembered_for_a_while_and_then_forgotten() -> None:
    stream = Stream(("MicroQRCode",))  # the finder patterns are there, but nothing that counts
    code, wall = scene(TEXT), scene(None)
    for _ in range(2):
        assert stream.look(code) == []
    assert stream._region is not None
    rows, columns = stream._region
    assert rows.start < 300 < rows.stop
    assert columns.start < 600 < columns.stop
    for _ in range(12):
        stream.look(wall)
    assert stream._region is None
    stream.look(np.zeros((90, 160), np.uint8))  # another size: nothing remembered fits


@pytest.mark.parametrize(
    "phone", [Phone(), Phone(angle=28), Phone(angle=45), Phone(inverted=True), Phone(size=140), Phone(keystone=0.1)]
)
def test_finder_patterns_are_found_where_they_are(phone: Phone) -> None:
    found = finder.finders(binary(scene(TEXT, phone)))
    region = finder.region(found, HD, 2)
    assert len(found) >= 2
    assert region is not None
    rows, columns = region
    reach = 0.4 * phone.size
    assert rows.start < 360 - reach < 360 + reach < rows.stop
    assert columns.start < 640 - reach < 640 + reach < columns.stop


def test_no_finder_patterns_where_there_are_none() -> None:
    assert finder.region(finder.finders(binary(scene(None, writing=True))), HD, 2) is None
    assert finder.finders(np.zeros((20, 20), np.uint8)) == []


@settings(deadline=None, max_examples=60)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 300)), elements=st.sampled_from([0, 255])))
def test_any_picture_is_searched_without_harm(picture: Grey) -> None:
    region = finder.region(finder.finders(picture), (picture.shape[1], picture.shape[0]), 1)
    if region is not None:
        assert picture[region].size > 0


@settings(deadline=None, max_examples=30)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 400)), elements=st.integers(0, 255)))
def test_any_frame_is_survived_by_a_stream(grey: Grey) -> None:
    stream = Stream()
    for _ in range(STREAM_FRAMES):
        stream.look(grey)


def test_the_measurement_measures() -> None:
    cases = list(reading(2, seed=3))
    assert [case for case, _, _ in cases][:2] == ["typical 720p, one picture", "typical 720p, stream of 8"]
    assert all(0 <= ours <= 2 and 0 <= alone <= 2 for _, ours, alone in cases)
    empty = {case: (ours, alone) for case, ours, alone in empty_frames(2)}
    ours, alone = empty["in a stream"]
    assert len(ours) == len(alone) == 6
    assert min(ours + alone) > 0
    threads = cv2.getNumThreads()
    with pytest.raises(KeyError), one_core():
        raise KeyError
    assert cv2.getNumThreads() == threads
