"""A secret that is made once: whole, its owner's alone, and never in place of one that another has made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.on_disk import make_once


def test_a_secret_is_there_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    (tmp_path / f".secret.{os.getpid()}").write_bytes(b"what a power cut left")
    make_once(path, b"mine")
    assert path.read_bytes() == b"mine"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_of_two_that_make_it_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    make_once(path, b"the first")
    make_once(path, b"the second")
    assert path.read_bytes() == b"the first"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_made_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no folder" / "secret"
    with pytest.raises(FileNotFoundError) as error:
        make_once(path, b"mine")
    assert error.value.filename == str(path)
