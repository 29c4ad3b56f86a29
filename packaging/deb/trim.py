"""What of the Python packages a terminal never runs: tests, headers, type stubs, tools, and nearly all of Qt.

Of Qt a list says what stays, and the libraries that those need are followed through their own headers; so a module
that is added to the program is missed at the first start, not silently shipped.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

QT_MODULES = ("QtCore", "QtGui", "QtNetwork", "QtOpenGL", "QtQml", "QtQuick", "QtTest", "QtWidgets")
"""What ``ui/`` imports, and what those import: QtTest, for ``kiosk demo --headless``, wants QtWidgets."""
QT_PLUGINS = (
    "imageformats/libqsvg.so",
    "platforms/libqoffscreen.so",
    "platforms/libqwayland.so",
    "platforms/libqxcb.so",
    "wayland-graphics-integration-client/libqt-plugin-wayland-egl.so",
    "wayland-shell-integration/libxdg-shell.so",
    "xcbglintegrations/libqxcb-egl-integration.so",
    "xcbglintegrations/libqxcb-glx-integration.so",
)
QT_QML = (
    "QtQml/libqmlplugin.so",
    "QtQml/qmldir",
    "QtQml/Models",
    "QtQml/WorkerScript",
    "QtQuick/libqtquick2plugin.so",
    "QtQuick/qmldir",
    "QtQuick/Layouts",
    "QtQuick/Shapes",
    "QtQuick/Window",
)
NOT_RUN = (
    "barcode/fonts",
    "cv2/data",
    "cv2/gapi",
    "cryptography/cobblestone.py",
    "escpos/cli.py",
    "numpy/_core/include",
    "numpy/_core/lib",
    "numpy/_pyinstaller",
    "numpy/distutils",
    "numpy/f2py",
    "PIL/_imagingtk.*",
    "serial/tools/miniterm.py",
    "shiboken6/include",
    "smartcard/wx",
)
ANYWHERE = ("*.pyi", "*.pxd", "*.h", "*.typed", "*.qmltypes", "*.a", "tests", "__pycache__")


def trim(site: Path) -> None:
    """Take away from ``site`` what is named above."""
    _trim_qt(site / "PySide6")
    for pattern in NOT_RUN:
        for path in site.glob(pattern):
            _remove(path)
    for pattern in ANYWHERE:
        for path in sorted(site.rglob(pattern)):
            if path.exists():
                _remove(path)
    for information in site.glob("*.dist-info"):
        # The record lists what is not there any more; where pip fetched it from is nobody's business here.
        for name in ("RECORD", "direct_url.json", "REQUESTED", "sboms"):
            _remove(information / name)


def _trim_qt(folder: Path) -> None:
    kept = {folder / "Qt" / "plugins" / name for name in QT_PLUGINS} | {folder / "Qt" / "qml" / name for name in QT_QML}
    kept |= {folder / f"{name}.abi3.so" for name in QT_MODULES}
    kept |= {folder / "__init__.py", folder / "_config.py", folder / "_git_pyside_version.py", folder / "support"}
    missing = sorted(str(path.relative_to(folder)) for path in kept if not path.exists())
    if missing:
        raise SystemExit(f"build-deb: this PySide6 has no {', '.join(missing)}; see packaging/deb/trim.py")
    waiting = [file for path in kept for file in ([path] if path.is_file() else path.rglob("*")) if ".so" in file.name]
    libraries = {path.name: path for path in (*folder.glob("lib*.so*"), *(folder / "Qt" / "lib").glob("lib*.so*"))}
    while waiting:
        for name in _needed(waiting.pop()):
            path = libraries.get(name)
            if path is not None and path not in kept:
                kept.add(path)
                waiting.append(path)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif not any(path == keep or keep in path.parents for keep in kept):
            path.unlink()


def _needed(file: Path) -> list[str]:
    told = subprocess.run(["readelf", "-d", str(file)], check=True, capture_output=True, text=True).stdout
    return [line.split("[")[1].rstrip("]") for line in told.splitlines() if "(NEEDED)" in line]


def tidy(site: Path) -> None:
    """What was compiled here loses its symbols, and modules that somebody once ran as scripts their first line.

    Only what was compiled here: strip breaks libraries whose headers auditwheel has moved (OpenBLAS does not load).
    """
    for file in sorted((site / "smartcard").rglob("*.so")):
        subprocess.run(["strip", "--strip-unneeded", str(file)], check=True)
    for file in sorted(site.rglob("*.py")):
        text = file.read_bytes()
        if text.startswith(b"#!"):
            file.write_bytes(b"#" + text[text.index(b"\n") :])


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
