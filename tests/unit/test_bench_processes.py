"""A program with its processes, as benchmarks measure it: its children count, and none is left."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kiosk.bench.chromium import _message
from kiosk.bench.glass import p99
from kiosk.bench.processes import Family

_PARENT = """
import os, subprocess, sys, time
block = bytearray(b"x" * (24 << 20))
child = subprocess.Popen([sys.executable, "-c", "b = bytearray(b'y' * (24 << 20)); print('up', flush=True); input()"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=sys.argv[1] == "apart")
child.stdout.readline()
print(child.pid, file=sys.stderr, flush=True)
sys.stdin.read() or child.wait()
"""


@pytest.mark.parametrize("way", ["apart", "together"])
def test_children_count_and_none_is_left(way: str) -> None:
    family = Family([sys.executable, "-c", _PARENT, way], os.environ, heard=True)
    try:
        child = int(family.stderr.readline())
        assert 48 < family.memory_mib() < 120
        assert family.cpu_s() >= 0
    finally:
        family.end()
    assert not Path(f"/proc/{child}/cmdline").exists() or not Path(f"/proc/{child}/cmdline").read_bytes()


def test_what_a_line_of_the_log_says() -> None:
    assert _message('{"msg": "Attract painted 400 ms after the process began"}').startswith("Attract painted")
    assert _message("plain words") == _message("[]") == _message('{"other": 1}') == ""


def test_p99_is_the_value_that_99_of_100_do_not_exceed() -> None:
    assert p99([float(n) for n in range(100)]) == 99.0
    assert p99([float(n) for n in range(1000)]) == 990.0
