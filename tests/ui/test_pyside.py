"""PySide6 without what it prepares for others (docs/adr/0016-how-soon-the-terminal-stands.md)."""

from __future__ import annotations

import builtins
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ui.pyside import Pattern, import_left_alone, modules_when_used, patterns_when_used

AS_A_TERMINAL = """
import builtins, re, sys
own, made = builtins.__import__, []
at_once = re.compile
re.compile = lambda pattern, flags=0: made.append(len(str(pattern))) or at_once(pattern, flags)
import ui.application
assert builtins.__import__ is own
assert max(made) < 1000, made
for unpacks in ("tempfile", "zipfile"):
    assert unpacks not in sys.modules, unpacks
import zipfile
assert zipfile.ZipFile is sys.modules["shiboken6"].zipfile.ZipFile

from PySide6.QtCore import QObject
from PySide6.support.signature import get_signature
print(get_signature(QObject.setProperty))
import linecache
import kiosk.money
assert kiosk.money.__file__ not in linecache.cache
"""


def test_a_terminal_neither_compiles_its_patterns_nor_keeps_its_hook() -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", AS_A_TERMINAL], timeout=30, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert "name: str, value:" in ended.stdout, "what needs the patterns finds them"


def test_only_the_package_is_made_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "slow_to_start.py").write_text("import re\nsplit = re.compile('a+', re.I).split\n")
    (tmp_path / "as_it_is.py").write_text("import re\npattern = re.compile('b')\n")
    own = re.compile
    with patterns_when_used("slow_to_start"):
        import as_it_is  # type: ignore[import-not-found]
        import slow_to_start  # type: ignore[import-not-found]
    assert re.compile is own
    assert isinstance(as_it_is.pattern, re.Pattern)
    assert not isinstance(slow_to_start.split, type(re.compile("a").split))
    assert slow_to_start.split("1aA2") == ["1", "2"]


def test_a_pattern_that_waits_has_what_every_pattern_has() -> None:
    waiting = Pattern("(?P<first>a)b", re.I)
    assert waiting.pattern == "(?P<first>a)b"
    assert waiting.groupindex == {"first": 1}
    assert waiting.fullmatch("AB")["first"] == "A"


def test_a_pattern_has_nothing_of_a_class() -> None:
    assert not hasattr(Pattern("("), "__isabstractmethod__"), "and is not compiled: this one could not be"


def test_a_module_comes_when_something_of_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "used_later.py").write_text("answer = 42\n")
    (tmp_path / "used_at_once.py").write_text("answer = 43\n")
    with modules_when_used("used_later", "used_at_once", "re"):
        import used_at_once  # type: ignore[import-not-found]
        import used_later  # type: ignore[import-not-found]

        assert used_at_once.answer == 43
        assert sys.modules["re"] is re, "what is there already stays"
    assert "used_later" not in sys.modules
    assert "used_at_once" in sys.modules
    assert used_later.answer == 42
    assert sys.modules["used_later"].answer == 42, "and it is the one that everybody has"


def test_a_module_that_is_not_there_says_so_when_it_is_used() -> None:
    with modules_when_used("nobody_has_written_it"):
        import nobody_has_written_it  # type: ignore[import-not-found]
    with pytest.raises(ModuleNotFoundError, match="nobody_has_written_it"):
        assert nobody_has_written_it.answer


def test_import_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    own = builtins.__import__
    with import_left_alone():
        monkeypatch.setattr(builtins, "__import__", lambda *_: None)
    assert builtins.__import__ is own
