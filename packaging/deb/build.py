"""``packaging/build-deb``: the program, its Python packages and the files of the system as one Debian package.

The Python packages are exactly those of ``packaging/locks``, each with its checksum; nothing is resolved anew. The
same sources and the same ``SOURCE_DATE_EPOCH`` give the same package, bit by bit. It builds for the machine it runs on
and never as somebody else's Python: Debian 12 has 3.11.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from trim import tidy, trim

HERE = Path(__file__).resolve().parent
PACKAGING = HERE.parent
ROOT = PACKAGING.parent
PROGRAM = Path("usr/lib/yibao-kiosk")
SITE = PROGRAM / "lib/python3.11/site-packages"
BUILT_WITH = ("setuptools", "wheel", "packaging")
"""What makes wheels of sources; locked like the rest, but not shipped for it."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="packaging/build-deb", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("dist"), metavar="DIR", help="where the package goes (dist)")
    parser.add_argument("--version", default=_version(), help="other than the program's own (%(default)s)")
    parser.add_argument("--lock", action="store_true", help="write packaging/locks anew from pyproject.toml, then stop")
    parser.add_argument("--quick", action="store_true", help="pack faster and larger, to try something out")
    arguments = parser.parse_args()
    if sys.version_info[:2] != (3, 11):
        parser.exit(1, "build-deb: Debian 12 runs Python 3.11; build with that\n")
    architecture = _said("dpkg", "--print-architecture")
    lock = PACKAGING / "locks" / f"{architecture}.txt"
    if arguments.lock:
        _write_lock(lock)
        return 0
    if not lock.exists():
        parser.exit(
            1, f"build-deb: there is no {lock.relative_to(ROOT)}; write it here with --lock and look it through\n"
        )
    began = time.monotonic()
    arguments.out.mkdir(parents=True, exist_ok=True)
    target = arguments.out / f"yibao-kiosk_{arguments.version}_{architecture}.deb"
    with tempfile.TemporaryDirectory(prefix="build-deb-") as folder:
        stage = Path(folder) / "stage"
        _environment()
        _python_packages(Path(folder), stage / SITE, lock)
        before = _size(stage)
        trim(stage / SITE)
        _unpack_support(stage / SITE)
        tidy(stage / SITE)
        _compile_screens(stage / SITE / "ui")
        _program(stage)
        _system(stage)
        _debian(stage, arguments.version, architecture)
        _same_times(stage)
        _run(
            "dpkg-deb",
            "--root-owner-group",
            "-Zxz",
            "-z1" if arguments.quick else "-z6",
            "--build",
            str(stage),
            str(target),
        )
        mib = 1024 * 1024
        print(
            f"{target}: {target.stat().st_size / mib:.1f} MiB; installed {_size(stage) / mib:.0f} MiB"
            f" ({before / mib:.0f} MiB before trimming); {time.monotonic() - began:.0f} s"
        )
    return 0


def _environment() -> None:
    """Nothing of the hour, the caller or the folder may get into the package."""
    if "SOURCE_DATE_EPOCH" not in os.environ:
        try:
            stamp = _said("git", "-C", str(ROOT), "log", "-1", "--format=%ct")
        except (OSError, subprocess.CalledProcessError):  # a release archive has no history
            stamp = str(int((ROOT / "pyproject.toml").stat().st_mtime))
        os.environ["SOURCE_DATE_EPOCH"] = stamp
    os.environ |= {"LC_ALL": "C.UTF-8", "CFLAGS": "-O2 -g0", "LDFLAGS": "-Wl,--build-id=none", "PYTHONHASHSEED": "0"}
    os.environ["LDSHARED"] = (
        "cc -shared"  # a Python that was built by hand would write its own folder into what it links
    )
    # A cache of its own: the caller's may hold wheels that were built otherwise.
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yibao-kiosk-deb"
    os.environ["PIP_CACHE_DIR"] = str(cache)
    os.umask(0o022)


def _python_packages(folder: Path, site: Path, lock: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(folder / "builder")], check=True)
    python = str(folder / "builder" / "bin" / "python")
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps", "--no-compile")
    locked = ("--require-hashes", "-r", str(lock))
    # The builder needs only the tools of the lock: pip has no way to say so but a file of its own.
    tools = folder / "tools.txt"
    tools.write_text("\n".join(line for line in _lines(lock) if line.split("==")[0] in BUILT_WITH) + "\n", "ascii")
    _run(*pip, "--require-hashes", "-r", str(tools))
    _run(*pip, "--no-build-isolation", "--target", str(site), *locked)
    for name in BUILT_WITH:
        for gone in (*site.glob(name), *site.glob(f"{name}-*.dist-info"), *site.glob("_distutils_hack")):
            shutil.rmtree(gone)
    (site / "distutils-precedence.pth").unlink(missing_ok=True)
    sources = folder / "sources"
    for name in ("drivers", "kiosk", "ui", "assets"):
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__", "*.qmlc", "*.jsc"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources / name)
    _run(*pip, "--no-build-isolation", "--target", str(site), str(sources))
    shutil.rmtree(site / "bin", ignore_errors=True)


def _unpack_support(site: Path) -> None:
    """PySide keeps modules of its own as text inside a library and compiles them at each start. Asked once, it lays
    them beside it (its ``SBK_EMBED``), where postinst compiles them for good."""
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1", "SBK_EMBED": "0"}
    subprocess.run([sys.executable, "-S", "-c", "import PySide6.QtCore"], check=True, env=environment)
    if not (site / "shiboken6" / "files.dir").is_dir():
        raise SystemExit("build-deb: this PySide6 does not unpack its support modules; see _unpack_support")


def _compile_screens(ui: Path) -> None:
    """Byte code beside each screen, so that no terminal compiles QML when it starts."""
    import PySide6

    compiler = Path(PySide6.__file__).parent / "Qt" / "libexec" / "qmlcachegen"
    for file in sorted(ui.rglob("*.qml")):
        # Relative, for the path that it is told stands in what it writes.
        name = file.relative_to(ui.parent)
        _run(str(compiler), "--only-bytecode", "-I", "ui/qml", "-o", f"{name}c", str(name), cwd=ui.parent)
        file.with_suffix(".qmlc.aotstats").unlink(missing_ok=True)


def _program(stage: Path) -> None:
    """A virtual environment made by hand: it holds no path but Debian's Python, and moves with its folder."""
    home = stage / PROGRAM
    (home / "bin").mkdir()
    (home / "bin" / "python3").symlink_to("../../../bin/python3.11")
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n", "ascii")
    start = stage / "usr/bin/kiosk"
    start.parent.mkdir(parents=True)
    # Not -I: that would ignore PYTHONMALLOC, with which freed memory is overwritten (drivers/discretion.py).
    start.write_text(f'#!/bin/sh\nexec /{PROGRAM}/bin/python3 -s -P -m kiosk "$@"\n', "ascii")


def _system(stage: Path) -> None:
    shutil.copytree(PACKAGING / "root", stage, dirs_exist_ok=True, symlinks=True)
    settings = stage / "etc/yibao-kiosk/kiosk.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(PACKAGING / "kiosk.toml", settings)


def _debian(stage: Path, version: str, architecture: str) -> None:
    control = stage / "DEBIAN"
    control.mkdir()
    documents = stage / "usr/share/doc/yibao-kiosk"
    documents.mkdir(parents=True)
    shutil.copy(HERE / "copyright", documents / "copyright")
    overrides = stage / "usr/share/lintian/overrides/yibao-kiosk"
    overrides.parent.mkdir(parents=True)
    shutil.copy(HERE / "lintian-overrides", overrides)
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
    entry = f"yibao-kiosk ({version}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- {MAINTAINER}  {when}\n"
    (documents / "changelog").write_text(entry, "utf-8")
    _run("gzip", "-9n", str(documents / "changelog"))
    shutil.copy(ROOT / "CHANGELOG.md", documents / "CHANGELOG.md")
    manual = stage / "usr/share/man/man1/kiosk.1"
    manual.parent.mkdir(parents=True)
    shutil.copy(HERE / "kiosk.1", manual)
    _run("gzip", "-9n", str(manual))
    for path in sorted(stage.rglob("*")):
        if path.is_symlink():
            continue
        script = path.is_file() and path.read_bytes()[:2] == b"#!"
        path.chmod(0o755 if script or path.is_dir() else 0o644)
    # A field on one line: that is how dpkg keeps it.
    text = (HERE / "control").read_text("utf-8").replace(",\n ", ", ")
    fields = {
        "VERSION": version,
        "ARCHITECTURE": architecture,
        "SIZE": str(_size(stage) // 1024),
        "MAINTAINER": MAINTAINER,
    }
    for name, value in fields.items():
        text = text.replace(f"@{name}@", value)
    (control / "control").write_text(text, "utf-8")
    files = [file for file in sorted(stage.glob("etc/**/*")) if file.is_file() and not file.is_symlink()]
    (control / "conffiles").write_text("".join(f"/{file.relative_to(stage)}\n" for file in files), "ascii")
    for name in ("preinst", "postinst", "prerm", "postrm"):
        shutil.copy(HERE / name, control / name)
        (control / name).chmod(0o755)
    sums = [file for file in sorted(stage.rglob("*")) if file.is_file() and not file.is_symlink()]
    sums = [file for file in sums if control not in file.parents and file not in files]
    listed = subprocess.run(
        ["md5sum", *(str(file.relative_to(stage)) for file in sums)], cwd=stage, check=True, capture_output=True
    )
    (control / "md5sums").write_bytes(listed.stdout)
    (control / "md5sums").chmod(0o644)
    (control / "control").chmod(0o644)
    (control / "conffiles").chmod(0o644)


MAINTAINER = "The yibao-kiosk authors <maintainers@yibao-kiosk.invalid>"


def _same_times(stage: Path) -> None:
    stamp = int(os.environ["SOURCE_DATE_EPOCH"])
    for path in (stage, *stage.rglob("*")):
        os.utime(path, (stamp, stamp), follow_symlinks=False)


def _write_lock(lock: Path) -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    with tempfile.TemporaryDirectory(prefix="build-deb-") as folder:
        report = Path(folder) / "report.json"
        _run(
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run"),
            *("--ignore-installed", "--report", str(report), *BUILT_WITH, *wanted),
        )
        packages = json.loads(report.read_text("utf-8"))["install"]
    lines = []
    for package in packages:
        name = package["metadata"]["name"].lower().replace("_", "-")
        digest = package["download_info"]["archive_info"]["hashes"]["sha256"]
        lines.append(f"{name}=={package['metadata']['version']} --hash=sha256:{digest}\n")
    lock.parent.mkdir(exist_ok=True)
    lock.write_text("# Written by packaging/build-deb --lock: Python 3.11.\n" + "".join(sorted(lines)), "ascii")
    print(f"{lock}: {len(lines)} packages")


def _lines(lock: Path) -> list[str]:
    return [line for line in lock.read_text("ascii").splitlines() if not line.startswith("#")]


def _version() -> str:
    values: dict[str, str] = {}
    exec((ROOT / "kiosk" / "__init__.py").read_text("utf-8"), values)  # noqa: S102 - our own, and it imports nothing
    return values["__version__"]


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


def _run(*command: str, cwd: Path | None = None) -> None:
    subprocess.run(command, check=True, cwd=cwd)


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"build-deb: {' '.join(map(str, error.cmd))} ended with {error.returncode}")
