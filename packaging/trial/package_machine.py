"""The installed package booted as a whole machine with a panel, a keyboard and a USB disk, in QEMU: what a container
cannot show. The compositor drives a graphics device, keys arrive as from a keyboard, and the kernel's own combinations
(SysRq, Ctrl+Alt+Del, change of the virtual terminal) must do nothing. ``package_machine.py TREE --out FOLDER``, with a
tree that ``package_trial.py --keep`` left and a kernel installed in it.

Without hardware virtualisation one run takes some minutes. QEMU has no touch panel that Debian 12's version could play.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SHELL = """[Unit]
Description=Shell on the second serial line, for the trial only
[Service]
ExecStart=/bin/bash --norc --noediting
StandardInput=tty
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
Environment=TERM=dumb
Restart=always
[Install]
WantedBy=multi-user.target
"""
MODIFIERS = ("ctrl", "alt", "shift", "meta_l")
KEYS = (
    *(
        "esc",
        "tab",
        "ret",
        "spc",
        "delete",
        "backspace",
        "sysrq",
        "print",
        "menu",
        "home",
        "end",
        "pgup",
        "pgdn",
        "insert",
    ),
    *(f"f{number}" for number in range(1, 13)),
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    *("up", "down", "left", "right", "power", "sleep"),
)


class Machine:
    """One boot of an image that is not written to."""

    def __init__(self, tree: Path, image: Path, folder: Path, turned: bool) -> None:
        (kernel,) = tree.glob("boot/vmlinuz-*")
        (initial,) = tree.glob("boot/initrd.img-*")
        self._folder = folder
        size = ("1920", "1080") if turned else ("1080", "1920")
        self.process = subprocess.Popen(
            [
                *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "2048", "-smp", "2"),
                *(
                    "-display",
                    "none",
                    "-vga",
                    "none",
                    "-device",
                    f"virtio-vga,xres={size[0]},yres={size[1]}",
                    "-nic",
                    "none",
                ),
                *(
                    "-drive",
                    f"file={image},format=raw,if=virtio,snapshot=on",
                    "-kernel",
                    str(kernel),
                    "-initrd",
                    str(initial),
                ),
                *("-append", "root=/dev/vda rw console=ttyS0 quiet"),
                *("-serial", f"file:{folder / 'console.log'}"),
                *("-serial", f"unix:{folder / 'shell'},server=on,wait=off"),
                *(
                    "-qmp",
                    f"unix:{folder / 'qmp'},server=on,wait=off",
                    "-device",
                    "qemu-xhci,id=xhci",
                    "-device",
                    "usb-kbd",
                ),
            ]
        )
        self._wait(lambda: (folder / "qmp").exists(), 20)
        self._qmp = socket.socket(socket.AF_UNIX)
        self._qmp.connect(str(folder / "qmp"))
        self._lines = self._qmp.makefile("rw")
        self._lines.readline()
        self.ask("qmp_capabilities")
        self._shell = socket.socket(socket.AF_UNIX)
        self._shell.connect(str(folder / "shell"))
        self._shell.settimeout(1)

    def ask(self, command: str, **arguments: Any) -> Any:
        self._lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._lines.flush()
        while True:
            answer = json.loads(self._lines.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def keys(self, *names: str) -> None:
        self.ask("send-key", keys=[{"type": "qcode", "data": name} for name in names], **{"hold-time": 20})

    def picture(self, name: str) -> Path:
        path = self._folder / name
        self.ask("screendump", filename=str(path), format="png")
        return path

    def sh(self, command: str, timeout_s: float = 120) -> str:
        """What a command said inside, as root. Raises TimeoutError."""
        mark = f"done-{random.randrange(10**9)}"
        # The mark is put together inside, for the line itself is echoed.
        self._shell.sendall(f"{command}; echo; echo {mark[:4]}''{mark[4:]}\n".encode())
        heard, end = b"", time.monotonic() + timeout_s
        while f"\n{mark}".encode() not in heard.replace(b"\r", b""):
            if time.monotonic() > end:
                raise TimeoutError(f"{command}: {heard[-500:]!r}")
            try:
                heard += self._shell.recv(65536)
            except TimeoutError:
                continue
        text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", heard.decode("utf-8", "replace").replace("\r", ""))
        text = re.sub(r"(?m)^(bash-[0-9.]+# )+", "", text)
        said = text[: text.index(f"\n{mark}")]
        return said.split(f"{mark[4:]}\n", 1)[-1].strip() if f"{mark[4:]}\n" in said else said.strip()

    def until(self, command: str, wanted: str, timeout_s: float) -> float:
        began = time.monotonic()
        while wanted not in (said := self.sh(command)):
            if time.monotonic() - began > timeout_s:
                raise TimeoutError(f"{command}: {said}")
            time.sleep(2)
        return time.monotonic() - began

    def end(self) -> None:
        self._qmp.close()
        self._shell.close()
        self.process.terminate()
        self.process.wait(20)

    @staticmethod
    def _wait(fact: Any, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not fact():
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.1)


STANDS = "echo = $(systemctl is-active yibao-kiosk-session yibao-kiosk)"
LIVES = "systemctl show -p MainPID -p NRestarts yibao-kiosk-session yibao-kiosk | tr '\\n' ' '"
PANEL = "systemctl show -p MainPID --value yibao-kiosk-session"
WHO = "ps -o args= -u kiosk | grep -v drivers.hosted | cut -c1-70 | sort | tr '\\n' '|'"
USB_DISK = "lsmod | grep -cE '^(usb_storage|uas)'; ls /dev/sd* 2>/dev/null | wc -l"


def try_out(machine: Machine, chords: int) -> dict[str, Any]:
    """What happens; nothing here decides whether it is right."""
    told: dict[str, Any] = {}
    machine.until("systemctl is-active yibao-kiosk", "active", 400)
    machine.until(STANDS, "= active active", 200)  # the terminal is active when its first screen is painted (READY=1)
    told["startup"] = machine.sh("systemd-analyze | head -1")
    told["failed"] = machine.sh("systemctl --failed --plain --no-legend")
    told["sysrq"] = machine.sh("cat /proc/sys/kernel/sysrq")
    told["virtual_terminal"] = [machine.sh("cat /sys/class/tty/tty0/active")]
    told["boot"] = [machine.sh("cat /proc/sys/kernel/random/boot_id")]
    told["lives"], told["who"] = [machine.sh(LIVES)], [machine.sh(WHO)]
    told["ignored_keyboards"] = machine.sh("grep -l LIBINPUT_IGNORE_DEVICE=1 /run/udev/data/c13:* | wc -l")
    machine.picture("before.png")
    for names in (
        ("ctrl", "alt", "f2"),
        ("ctrl", "alt", "f1"),
        ("alt", "sysrq", "b"),
        ("alt", "sysrq", "k"),
        ("alt", "f4"),
        ("alt", "esc"),
    ):
        machine.keys(*names)
        time.sleep(0.3)  # as fingers would; what must not happen tells nobody that it did not
    for _ in range(10):  # more than seven within two seconds is systemd's burst
        machine.keys("ctrl", "alt", "delete")
    chance = random.Random(20261121)  # a run that can be repeated
    for _ in range(chords):
        machine.keys(*(held for held in MODIFIERS if chance.random() < 0.5), chance.choice(KEYS))
    machine.ask("blockdev-add", driver="null-co", size=1 << 24, **{"node-name": "stick"})
    machine.ask("device_add", driver="usb-storage", id="stick0", drive="stick", bus="xhci.0")
    machine.until("cat /sys/bus/usb/devices/*:*/bInterfaceClass", "08", 60)
    machine.sh("udevadm settle -t 60")
    told["usb_disk_modules_and_devices"] = machine.sh(USB_DISK).split()
    told["usb_disk_interface"] = machine.sh(
        "for i in /sys/bus/usb/devices/*:*; do [ $(cat $i/bInterfaceClass) = 08 ] && cat $i/authorized; done"
    )
    told["virtual_terminal"].append(machine.sh("cat /sys/class/tty/tty0/active"))
    told["boot"].append(machine.sh("cat /proc/sys/kernel/random/boot_id"))
    told["lives"].append(machine.sh(LIVES))
    told["who"].append(machine.sh(WHO))
    machine.picture("after.png")
    # The panel goes: it and the terminal must come back by themselves.
    killed = machine.sh(PANEL)
    machine.sh("systemctl kill -s KILL yibao-kiosk-session")
    noticed = machine.until(f'[ "$({PANEL})" != "{killed}" ] && echo another', "another", 60)
    told["back_after_s"] = round(noticed + machine.until(STANDS, "= active active", 200), 1)
    told["journal"] = machine.sh("journalctl -b -p err -o cat --no-pager | sort | uniq -c | sort -rn | head -8")
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--chords", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--rotation", type=int, default=0, help="writes [screen] rotation into the machine's settings")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    wants = arguments.tree / "etc/systemd/system/multi-user.target.wants/trial-shell.service"
    (arguments.tree / "etc/systemd/system/trial-shell.service").write_text(SHELL, "ascii")
    wants.unlink(missing_ok=True)
    wants.symlink_to("../trial-shell.service")
    settings = arguments.tree / "etc/yibao-kiosk/kiosk.toml"
    text = re.sub(r"(?m)^#? ?rotation = \d+$", f"rotation = {arguments.rotation}", settings.read_text("utf-8"))
    settings.write_text(text, "utf-8")
    with tempfile.TemporaryDirectory(prefix="package-machine-") as place:
        folder = Path(place)
        image = folder / "image"
        with image.open("wb") as file:
            file.truncate(6 << 30)
        subprocess.run(["mkfs.ext4", "-q", "-d", str(arguments.tree), str(image)], check=True)
        machine = Machine(arguments.tree, image, folder, turned=arguments.rotation in (90, 270))
        try:
            told = try_out(machine, arguments.chords)
        finally:
            machine.end()
            for picture in folder.glob("*.png"):
                (arguments.out / picture.name).write_bytes(picture.read_bytes())
    wrong = [name for name in ("virtual_terminal", "boot", "lives", "who") if len(set(told[name])) != 1]
    wrong += [name for name, value in {"sysrq": "0", "failed": ""}.items() if told[name] != value]
    wrong += ["usb disk"] if told["usb_disk_modules_and_devices"] != ["0", "0"] else []
    told["wrong"] = wrong
    (arguments.out / "machine.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(json.dumps(told, ensure_ascii=False, indent=2))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
