"""The package tried on a bare Debian 12, as root: ``.venv/bin/python packaging/trial/package_trial.py --out FILE``.

Installs it in a debootstrap tree with ``apt install ./….deb``, plays the installed demonstration, upgrades, removes and
purges, and boots the tree as a container so that systemd itself puts the units under their limits; what it measured
goes to FILE as JSON. ``package_machine.py`` boots it as a whole machine with a panel. Needs debootstrap and
systemd-container, the network for apt, some minutes, and 4 GB below ``--work``.
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
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
BOOTED_UPGRADE, HIGHER = "98.0", "99.0"


class Trial:
    """One tree and what was found out with it. Findings that must not be are collected in ``wrong``."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.told: dict[str, Any] = {}
        self.wrong: list[str] = []

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """In the tree, as root, without booting it."""
        ended = subprocess.run(
            ["systemd-nspawn", *self._nspawn(), "--pipe", "--", "/usr/bin/env", "-C", "/", *command],
            capture_output=True, text=True, env={**os.environ, "SYSTEMD_LOG_LEVEL": "err"}, check=False,
        )  # fmt: skip
        if check and ended.returncode:
            raise SystemExit(f"{' '.join(command)}\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}")
        return ended

    def _nspawn(self) -> list[str]:
        settings = [f"--setenv={name}={value}" for name, value in ENVIRONMENT.items()]
        shared = [f"--bind-ro={file}" for file in ("/etc/resolv.conf", "/etc/hosts") if Path(file).exists()]
        return ["--quiet", f"--directory={self.tree}", "--register=no", "--keep-unit", *shared, *settings]

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)
            print(f"WRONG {otherwise}", flush=True)

    def apt(self, *words: str) -> float:
        began = time.monotonic()
        self.run("apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", *words)
        return time.monotonic() - began

    # --- without booting ---------------------------------------------------------------------------------------------

    def install(self, deb: Path) -> None:
        place = self.tree / "root" / deb.name
        shutil.copy(deb, place)
        self.told["deb_mib"] = round(deb.stat().st_size / 2**20, 1)
        self.run("apt-get", "-q", "update")
        self.told["fetch_s"] = round(self.apt("install", "--download-only", f"/root/{deb.name}"), 1)
        self.told["install_s"] = round(self.apt("install", f"/root/{deb.name}"), 1)
        self.told["installed_mib"] = int(self.run("du", "-sm", "/usr/lib/yibao-kiosk").stdout.split()[0])
        for unit in ("yibao-kiosk-session.service", "yibao-kiosk.service"):
            link = self.tree / "etc/systemd/system/multi-user.target.wants" / unit
            self.expect(link.is_symlink(), f"{unit} does not start at boot")
        data = self.run("stat", "-c", "%U %a", "/var/lib/yibao-kiosk").stdout.strip()
        self.expect(data == "kiosk 700", f"the data directory is {data}")
        foreign = self.run("find", "/usr/lib/yibao-kiosk", "!", "-user", "root", "-print", "-quit").stdout
        self.expect(not foreign, f"{foreign} does not belong to root")
        broken = self.run(
            "sh", "-c", "find /usr/lib/yibao-kiosk -name '*.so*' -exec ldd {} + | grep 'not found'", check=False
        )
        self.expect(not broken.stdout, f"libraries are missing: {broken.stdout}")
        imports = "import PySide6.QtQuick, cv2, numpy, PIL.Image, zxingcpp, cryptography.x509, smartcard.scard, serial"
        self.run("/usr/lib/yibao-kiosk/bin/python3", "-I", "-c", imports)

    def doctor(self) -> None:
        """As the README has it: by root, before the first start. What it makes the terminal must be able to read."""
        said = self.run("kiosk", "doctor", "--config", "/etc/yibao-kiosk/kiosk.toml", check=False)
        self.told["doctor"] = said.stdout.splitlines()
        self.expect(said.returncode in (0, 1) and "clock" in said.stdout, f"doctor fails: {said.stderr[-500:]}")
        made = self.run("find", "/var/lib/yibao-kiosk", "-name", "journal.key").stdout
        self.expect(bool(made), "doctor has not made the terminal's keys")
        foreign = self.run("find", "/var/lib/yibao-kiosk", "!", "-user", "kiosk", "-print").stdout.split()
        self.expect(not foreign, f"doctor leaves what the terminal cannot read: {foreign}")

    def cold_start(self) -> None:
        """From exec to the first frame, once with nothing of it in the disk's cache."""
        (self.tree / "opt/trial").mkdir(parents=True, exist_ok=True)
        for file in HERE.glob("*"):
            if file.is_file():
                shutil.copy(file, self.tree / "opt/trial" / file.name)
        for name, cold in (("cold_start_s", True), ("warm_start_s", False)):
            seconds = []
            for _ in range(1 if cold else 3):
                if cold:
                    subprocess.run(["sync"], check=True)
                    try:
                        Path("/proc/sys/vm/drop_caches").write_text("3\n")
                    except OSError:
                        continue
                ended = self.run(
                    *(
                        "runuser",
                        "-u",
                        "kiosk",
                        "--",
                        "/usr/lib/yibao-kiosk/bin/python3",
                        "-I",
                        "/opt/trial/first_frame.py",
                    ),
                    "/etc/yibao-kiosk/kiosk.toml",
                )
                seconds.append(json.loads(ended.stdout.splitlines()[-1]))
            if seconds:
                self.told[name] = {key: min(one[key] for one in seconds) for key in seconds[0]}

    def demo(self) -> None:
        began = time.monotonic()
        ended = self.run(
            *("runuser", "-u", "kiosk", "--", "kiosk", "demo", "--headless", "--out", "/var/lib/yibao-kiosk/demo"),
            check=False,
        )
        self.told["demo_s"] = round(time.monotonic() - began, 1)
        lines = ended.stdout.splitlines()
        self.expect(ended.returncode == 0, f"the demonstration failed: {ended.stdout[-500:]}{ended.stderr[-500:]}")
        self.expect(sum(line.startswith("ok") for line in lines) == 8, "not all eight visits went well")

    def upgrade(self, deb: Path) -> None:
        settings = self.tree / "etc/yibao-kiosk/kiosk.toml"
        mine = settings.read_text("utf-8").replace('"ZZ-0001"', '"ZZ-4711"')
        settings.write_text(mine, "utf-8")
        record = self.tree / "var/lib/yibao-kiosk/journal.db"
        record.write_bytes(b"what was written")
        higher = self.tree / "root" / deb.name.replace("_", f"-{HIGHER}_", 1)
        _with_version(deb, HIGHER, higher)
        self.told["upgrade_s"] = round(self.apt("install", f"/root/{higher.name}"), 1)
        version = self.run("dpkg-query", "-W", "-f", "${Version}", "yibao-kiosk").stdout
        self.expect(version == HIGHER, f"after the upgrade the version is {version}")
        self.expect(settings.read_text("utf-8") == mine, "the upgrade lost the settings")
        self.expect(record.read_bytes() == b"what was written", "the upgrade lost data")
        older = self.run("apt-get", "-q", "-y", "install", f"/root/{deb.name}", check=False)
        self.expect(older.returncode != 0, "an older package replaced a newer one without being asked to")

    def remove(self) -> None:
        self.told["remove_s"] = round(self.apt("remove", "yibao-kiosk"), 1)
        self.expect(not (self.tree / "usr/lib/yibao-kiosk").exists(), "remove leaves parts of the program")
        self.expect((self.tree / "etc/yibao-kiosk/kiosk.toml").exists(), "remove deletes the settings")
        self.expect((self.tree / "var/lib/yibao-kiosk/journal.db").exists(), "remove deletes the data")
        self.expect(
            (self.tree / "etc/systemd/system/ctrl-alt-del.target").is_symlink() is False,
            "remove leaves system keys masked",
        )

    def purge(self) -> None:
        said = self.run("apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", "purge", "yibao-kiosk").stdout
        self.expect("journal.db" in said, "purge does not say that it deletes the journal")
        known = self.run("getent", "passwd", "kiosk", check=False).stdout
        self.expect(not known, "purge leaves the user")
        search = (
            "find",
            "/etc",
            "/usr",
            "/lib",
            "/var",
            "/run",
            "-xdev",
            "-name",
            "*yibao-kiosk*",
            "!",
            "-path",
            "/var/cache/apt/*",
        )
        left = [
            line
            for line in self.run(*search).stdout.splitlines()
            if "/var/lib/dpkg" not in line and "/var/log" not in line
        ]
        self.told["left_after_purge"] = left
        self.expect(not left, f"purge leaves {left}")

    # --- booted ------------------------------------------------------------------------------------------------------

    def boot(self, deb: Path, chords: int) -> None:
        """As a container: systemd is PID 1 and applies every limit of the units; the panel paints into memory."""
        self.apt("install", "--no-install-recommends", "grim", "xvfb", "xdotool", "x11-utils")
        drop_in = self.tree / "etc/systemd/system/yibao-kiosk-session.service.d/headless.conf"
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text("[Service]\nEnvironment=WLR_BACKENDS=headless\n", "ascii")
        (self.tree / "opt/trial").mkdir(parents=True, exist_ok=True)
        for file in HERE.glob("*"):
            if file.is_file():
                shutil.copy(file, self.tree / "opt/trial" / file.name)
        _with_version(deb, BOOTED_UPGRADE, self.tree / "root" / "booted-upgrade.deb")
        with tempfile.TemporaryFile() as console:
            container = subprocess.Popen(
                ["systemd-nspawn", *self._nspawn(), "--boot", "--console=pipe", "--private-network"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
            )  # fmt: skip
            try:
                leader = _leader(container)
                script = ["nsenter", "-t", leader, "-a", "/bin/bash", "/opt/trial/in_container.sh", str(chords)]
                ended = subprocess.run(
                    script, capture_output=True, text=True, env=ENVIRONMENT, timeout=1500, check=False
                )
            finally:
                container.terminate()
                container.wait(30)
        shutil.rmtree(drop_in.parent)
        booted: dict[str, list[str]] = {}
        for line in ended.stdout.splitlines():
            key, _, value = line.partition("=")
            booted.setdefault(key, []).append(value.strip())
        self.told["booted"] = {key: values if len(values) > 1 else values[0] for key, values in booted.items()}
        wanted = {
            "failed_units": "",
            "verify": "",
            "demo": "done",
            "escapes": str(chords),
            "processes": "same",
        }
        wanted |= {"upgrade": "restarted"}
        wanted |= {
            "restarts": "none",
            "settled": "1",
            "ctrl_alt_del": "masked",
            "getty": "inactive",
            "windows": "1024x768",
        }
        for unit in ("yibao-kiosk", "yibao-kiosk-session"):
            wanted |= {f"{unit}.seccomp": "2", f"{unit}.no_new_privileges": "1", f"{unit}.root": "ro"}
            wanted[f"{unit}.capabilities"] = 5 * 16 * "0"
        for key, value in wanted.items():
            found = booted.get(key)
            self.expect(found == [value], f"booted: {key} is {found}, not {value!r} {ended.stderr[-300:]}")
        for key, most in (("yibao-kiosk.exposure", 1.5), ("yibao-kiosk-session.exposure", 2.0)):
            self.expect(float(booted.get(key, ["10"])[0] or 10) <= most, f"{key} is {booted.get(key)}")
        self.expect("demo_denied" not in booted and "failed" not in booted, "something was refused (see the report)")


def plan(*, boot: bool, keep: bool) -> tuple[str, ...]:
    """What is tried, in this order. Whoever keeps the tree wants the package in it."""
    first = ("install", "doctor", "cold start", "demo", *(("boot",) if boot else ()), "upgrade")
    return first if keep else (*first, "remove", "purge")


def _leader(container: subprocess.Popen[bytes]) -> str:
    """The process that is PID 1 inside, once there is one and its bus answers."""
    end = time.monotonic() + 90
    while time.monotonic() < end and container.poll() is None:
        children = Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split()
        if children:
            asked = ["nsenter", "-t", children[0], "-a", "systemctl", "is-system-running", "--wait"]
            answer = subprocess.run(asked, capture_output=True, text=True, env=ENVIRONMENT, check=False).stdout.strip()
            if answer in ("running", "degraded"):
                return children[0]
        time.sleep(0.5)
    raise SystemExit("the container does not come up")


def _with_version(deb: Path, version: str, target: Path) -> None:
    """The same package under another version."""
    with tempfile.TemporaryDirectory(prefix="package-trial-") as folder:
        subprocess.run(["dpkg-deb", "-R", str(deb), folder], check=True)
        control = Path(folder) / "DEBIAN" / "control"
        lines = control.read_text("utf-8").splitlines(keepends=True)
        control.write_text("".join(f"Version: {version}\n" if x.startswith("Version:") else x for x in lines), "utf-8")
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-z1", "-b", folder, str(target)], check=True, capture_output=True
        )


def bare_debian(tree: Path, base: Path) -> None:
    """A copy of ``base``, which is made with debootstrap if it is not there, with this machine's way to the archive."""
    if not (base / "usr").is_dir():
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(base)], check=True, stdout=sys.stderr)
    subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(tree)], check=True)
    lists = Path("/etc/apt/sources.list.d/debian.sources")
    if lists.exists():
        (tree / "etc/apt/sources.list").unlink(missing_ok=True)
        shutil.copy(lists, tree / "etc/apt/sources.list.d")
    for file in Path("/etc/apt/apt.conf.d").glob("99*"):
        shutil.copy(file, tree / "etc/apt/apt.conf.d")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deb", type=Path, help="the package; without it, it is built first")
    parser.add_argument("--base", type=Path, default=Path("/var/cache/yibao-kiosk-trial"), help="a bare Debian 12 tree")
    parser.add_argument("--work", type=Path, help="where the tree goes (a temporary folder)")
    parser.add_argument("--keep", action="store_true", help="leave the tree, with the package installed")
    parser.add_argument("--chords", type=int, default=10_000, help="chords and taps against the booted terminal")
    parser.add_argument("--no-boot", action="store_true", help="do not boot it as a container")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        parser.exit(1, "package_trial: only root may make a tree of devices and users\n")
    if arguments.work:
        arguments.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="package-trial-", dir=arguments.work) as folder:
        deb = arguments.deb
        if deb is None:
            subprocess.run([ROOT / "packaging" / "build-deb", "--out", folder], check=True, stdout=sys.stderr)
            (deb,) = Path(folder).glob("*.deb")
        tree = Path(folder) / "tree"
        bare_debian(tree, arguments.base)
        trial = Trial(tree)
        steps = {
            "install": lambda: trial.install(deb),
            "doctor": trial.doctor,
            "cold start": trial.cold_start,
            "demo": trial.demo,
            "boot": lambda: trial.boot(deb, arguments.chords),
            "upgrade": lambda: trial.upgrade(deb),
            "remove": trial.remove,
            "purge": trial.purge,
        }
        for name in plan(boot=not arguments.no_boot, keep=arguments.keep):
            steps[name]()
            arguments.out.write_text(
                json.dumps({**trial.told, "wrong": trial.wrong}, ensure_ascii=False, indent=2) + "\n", "utf-8"
            )
        if arguments.keep:
            shutil.move(tree, arguments.out.with_suffix(".tree"))
    print(arguments.out.read_text("utf-8"))
    return 1 if trial.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
