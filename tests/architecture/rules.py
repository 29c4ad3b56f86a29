"""The rules of the house as code: each looks through a source tree and says where, and why, it is broken.

A rule takes the root of a tree, so that it can be tried on one that breaks it. It refuses to judge taste: what ruff,
mypy and qmllint already see is theirs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HOUSE = ("drivers", "kiosk", "ui")
"""The packages that are shipped, from the bottom up."""

_NOT_OURS = frozenset({"build", "dist", "out", "node_modules", "__pycache__"})

Found = Iterator[str]


@dataclass(frozen=True)
class Rule:
    name: str
    why: str
    """Said with every failure: what the rule protects and what to do instead."""
    broken_places: Callable[[Path], Found]

    def check(self, root: Path) -> None:
        """Raises AssertionError that names every place and the reason."""
        found = sorted(self.broken_places(root))
        if found:
            raise AssertionError("\n".join([f"{self.name}:", *(f"  {place}" for place in found), self.why]))


# --- reading a tree --------------------------------------------------------------------------------------------------


def files(root: Path, *suffixes: str, within: tuple[str, ...] = ()) -> Iterator[Path]:
    """Our files with one of the suffixes; ``within`` names folders or files below the root, default all."""
    starts = [root / place for place in within] if within else [root]
    for start in starts:
        candidates = [start] if start.is_file() else sorted(start.rglob("*"))
        for path in candidates:
            parts = path.relative_to(root).parts
            hidden = any(part.startswith(".") or part in _NOT_OURS or part.endswith(".egg-info") for part in parts)
            if path.suffix in suffixes and path.is_file() and not hidden:
                yield path


def parsed(root: Path, *within: str) -> Iterator[tuple[str, ast.Module]]:
    """Every Python file with its path from the root, in posix spelling."""
    for path in files(root, ".py", within=within):
        yield path.relative_to(root).as_posix(), ast.parse(path.read_text("utf-8"), str(path))


def imports(tree: ast.Module, module: str = "") -> Iterator[tuple[int, str]]:
    """Line and full dotted name of all that is imported anywhere in a file, also inside functions and by name.

    ``from a import b`` gives ``a.b``. ``module`` is the path of the file, needed to resolve ``from . import x``.
    """
    package = module.split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{start}.{name.name}") for name in node.names)
        elif (
            isinstance(node, ast.Call)
            and _dotted(node.func).rpartition(".")[2] in ("import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.lineno, str(node.args[0].value).partition(":")[0]


def _dotted(node: ast.expr) -> str:
    """``a.b.c`` of an expression that is written so; else an empty string or its readable tail."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        start = _dotted(node.value)
        return f"{start}.{node.attr}" if start else node.attr
    return ""


def _below(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _forbidden_imports(
    root: Path, within: tuple[str, ...], refused: Callable[[str], bool], allowed_in: Callable[[str], bool]
) -> Found:
    for path, tree in parsed(root, *within):
        if not allowed_in(path):
            for line, name in imports(tree, path):
                if refused(name):
                    yield f"{path}:{line} imports {name}"


# --- layers ----------------------------------------------------------------------------------------------------------


def _drivers_look_up(root: Path) -> Found:
    return _forbidden_imports(root, ("drivers",), lambda n: _below(n, "kiosk", "ui", "tests"), lambda _: False)


def _kiosk_looks_up(root: Path) -> Found:
    return _forbidden_imports(
        root, ("kiosk",), lambda n: _below(n, "ui", "tests"), lambda path: path == "kiosk/__main__.py"
    )


def _ui_looks_aside(root: Path) -> Found:
    return _forbidden_imports(root, ("ui",), lambda n: _below(n, "tests"), lambda _: False)


VENDORS = ("smartcard", "cv2", "escpos", "serial", "serial_asyncio_fast", "zxingcpp", "cups", "usb")


def _vendors_in_kiosk(root: Path) -> Found:
    return _forbidden_imports(root, ("kiosk",), lambda n: _below(n, "PySide6", *VENDORS), lambda _: False)


def _qt_below_ui(root: Path) -> Found:
    return _forbidden_imports(root, ("drivers",), lambda n: _below(n, "PySide6", "shiboken6"), lambda _: False)


_CONCRETE = re.compile(
    r"drivers\.(registry|host|hosted)\b|drivers\.\w+\.(pcsc|mock|virtual|sdt|camera|serial|escpos|cups)"
)
_COMPOSERS = ("kiosk/__main__.py", "kiosk/compose.py", "kiosk/commands/", "kiosk/simulation/")


def _concrete_drivers_in_core(root: Path) -> Found:
    return _forbidden_imports(
        root, ("kiosk",), lambda n: bool(_CONCRETE.match(n)), lambda path: path.startswith(_COMPOSERS)
    )


# --- time and chance -------------------------------------------------------------------------------------------------

_OUTSIDE_THE_CORE = (
    *("kiosk/__main__.py", "kiosk/compose.py", "kiosk/watchdog.py", "kiosk/commands/", "kiosk/bench/"),
    *("kiosk/only_one.py", "kiosk/simulation/", "kiosk/insurer/", "kiosk/maintenance/"),
)
"""Where real clocks and real chance come from, or where they are of another world: of staff, of the far end, of dice
that are seeded."""
_CLOCKS_AND_DICE = ("time", "random", "uuid", "threading", "secrets", "multiprocessing", "concurrent.futures")
_CALLS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|os\.urandom|asyncio\.to_thread|\w+\.run_in_executor)$"
)


def _own_clock(root: Path) -> Found:
    for path, tree in parsed(root, "kiosk"):
        if path.startswith(_OUTSIDE_THE_CORE):
            continue
        for line, name in imports(tree, path):
            if _below(name, *_CLOCKS_AND_DICE):
                yield f"{path}:{line} imports {name}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _CALLS.search(_dotted(node.func)):
                yield f"{path}:{node.lineno} calls {_dotted(node.func)}"


# --- honesty ---------------------------------------------------------------------------------------------------------

_LEFT_OVER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b")
"""Spelt in two halves, so that this file may look at itself."""


def _unfinished(root: Path) -> Found:
    for file in files(root, ".py", ".qml", ".toml", ".md", ".service", ".rules"):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if _LEFT_OVER.search(line):
                yield f"{file.relative_to(root).as_posix()}:{number} {line.strip()[:90]}"
    for path, tree in parsed(root, *HOUSE):
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                if _dotted(raised) == "NotImplementedError":
                    yield f"{path}:{node.lineno} raises NotImplementedError"


def _patching(root: Path) -> Found:
    for path, tree in parsed(root, "tests", *HOUSE):
        for line, name in imports(tree, path):
            if _below(name, "unittest.mock", "mock", "pytest_mock"):
                yield f"{path}:{line} imports {name}"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for argument in node.args.args:
                    if argument.arg == "mocker":
                        yield f"{path}:{node.lineno} asks for mocker"


_REAL_WAITS = re.compile(r"(^|\.)(time\.sleep|QTest\.qWait|qtbot\.wait|QThread\.m?sleep)$")


def _sleeping_tests(root: Path) -> Found:
    for path, tree in parsed(root, "tests"):
        if path.startswith("tests/helpers/hosted_"):
            continue  # plays a vendor library that blocks, in a child process of its own
        for line, name in imports(tree, path):
            if name == "time.sleep":
                yield f"{path}:{line} imports time.sleep"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _REAL_WAITS.search(_dotted(node.func)):
                yield f"{path}:{node.lineno} calls {_dotted(node.func)}"


# --- names and pages -------------------------------------------------------------------------------------------------

_DRAWERS = frozenset({"util", "utils", "helper", "helpers", "manager", "managers", "misc", "stuff"})
_DRAWER_CLASS = re.compile(r"(Manager|Helper|Helpers|Util|Utils)$")


def _drawers(root: Path) -> Found:
    for file in files(root, ".py", ".qml", within=HOUSE):
        where = file.relative_to(root)
        for part in (*where.parts[:-1], where.stem):
            if _DRAWERS & set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", part).lower().split("_")):
                yield where.as_posix()
                break
    for name, tree in parsed(root, *HOUSE):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and _DRAWER_CLASS.search(node.name):
                yield f"{name}:{node.lineno} class {node.name}"


def _silent_modules(root: Path) -> Found:
    for path, tree in parsed(root, *HOUSE):
        if tree.body and ast.get_docstring(tree) is None:
            yield path


# --- Qt --------------------------------------------------------------------------------------------------------------

QT_MODULES = frozenset(
    f"PySide6.Qt{name}"
    for name in ("Core", "DBus", "Gui", "Network", "Qml", "Quick", "QuickControls2", "Svg", "Test", "Widgets")
)
_QML_REFUSED = re.compile(
    r"^\s*import\s+(QtQuick\.VirtualKeyboard|QtQuick\.Timeline|QtQuick\.Pdf|QtQuick3D|QtCharts|QtGraphs|QtDataVisualization"
    r"|QtMultimedia|QtWebEngine|QtWebView|QtWayland|Qt5Compat|Qt\.labs\.lottieqt)\b"
)


def _foreign_qt(root: Path) -> Found:
    for path, tree in parsed(root, *HOUSE, "tests"):
        for line, name in imports(tree, path):
            if name.startswith("PySide6.Qt") and not _below(name, *QT_MODULES):
                yield f"{path}:{line} imports {name}"
    for file in files(root, ".qml"):
        for number, text in enumerate(file.read_text("utf-8").splitlines(), 1):
            if _QML_REFUSED.match(text):
                yield f"{file.relative_to(root).as_posix()}:{number} {text.strip()}"


_LITERAL_COLOUR = re.compile(r"""["']#[0-9A-Fa-f]{3,8}["']|Qt\.(rgba|hsla|hsva)\(""")
_LITERAL_PIXELS = re.compile(
    r"\b(width|height|implicitWidth|implicitHeight|spacing|radius|pixelSize|\w*[mM]argins?|\w*[pP]adding)\s*:\s*"
    r"([2-9]|\d{2,})(\.\d+)?\s*(;|//|$)"
)


def _literal_looks(root: Path) -> Found:
    for file in files(root, ".qml", within=("ui/qml/screens",)):
        for number, text in enumerate(file.read_text("utf-8").splitlines(), 1):
            if _LITERAL_COLOUR.search(text) or _LITERAL_PIXELS.search(text):
                yield f"{file.relative_to(root).as_posix()}:{number} {text.strip()}"


# --- the list --------------------------------------------------------------------------------------------------------

RULES = (
    Rule(
        "drivers know nothing above them",
        "drivers <- kiosk <- ui: a driver is written against drivers/api.py alone. Move what it needs down.",
        _drivers_look_up,
    ),
    Rule(
        "kiosk knows nothing above it",
        "drivers <- kiosk <- ui: what the terminal does is decided without a screen; only kiosk/__main__.py puts the "
        "three together.",
        _kiosk_looks_up,
    ),
    Rule("ui ships without the tests", "Nothing that is shipped may need tests/.", _ui_looks_aside),
    Rule(
        "kiosk is free of vendors",
        "What the terminal does must run without Qt and without hardware libraries (virtual clock, simulation). Put it "
        "behind a protocol of drivers/api.py.",
        _vendors_in_kiosk,
    ),
    Rule("only ui knows Qt", "A driver that needs Qt could not run in a child process or headless.", _qt_below_ui),
    Rule(
        "the core knows protocols, not drivers",
        "Which driver serves a device is configuration. Only kiosk/__main__.py, kiosk/compose.py, kiosk/commands "
        "and kiosk/simulation name one; everything else takes a protocol of drivers/api.py.",
        _concrete_drivers_in_core,
    ),
    Rule(
        "time and chance are given, never taken",
        "The core replays byte for byte from a seed on a virtual clock. Take time from the running loop, dates "
        "from the injected clock, numbers and ids from the injected source.",
        _own_clock,
    ),
    Rule(
        "nothing is left for later",
        "Finish it, or leave it out and say so in the change. A marker in the source is read by nobody.",
        _unfinished,
    ),
    Rule(
        "fakes behave, they are not patched in",
        "A patched name proves that the patch works. Pass a fake that behaves (drivers/*/mock.py, tests/helpers).",
        _patching,
    ),
    Rule(
        "tests do not sleep",
        "A sleep is either too short (a flaky test) or too long (a slow one). Wait for the fact itself, or use the "
        "virtual clock.",
        _sleeping_tests,
    ),
    Rule(
        "no drawers",
        "A name that says 'various things' collects various things. Name the module or class after its subject.",
        _drawers,
    ),
    Rule(
        "every module says what it owns",
        "One paragraph at the top: what the module owns and what it refuses to do.",
        _silent_modules,
    ),
    Rule(
        "only Qt modules that we may and do ship",
        "Some Qt modules are GPL only (Virtual Keyboard, Charts, Timeline …) and others are not in PySide6-Essentials; "
        "see docs/adr/0005-dependencies.md.",
        _foreign_qt,
    ),
    Rule(
        "screens use the theme",
        "A literal colour or size ignores large text, high contrast and the panel's millimetres. "
        "Take a token of Theme.",
        _literal_looks,
    ),
)
