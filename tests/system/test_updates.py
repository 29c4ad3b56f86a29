"""Updates: apt takes what the office signed, and nothing unsigned, altered, signed by others, or older."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("apt-get", "apt-ftparchive", "dpkg-deb", "gpg")
missing = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(missing), reason=f"not a Debian with {', '.join(missing)}; ./dev setup installs them"),
]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A keyring with the office's key and a stranger's, for these tests alone."""
    home = tmp_path_factory.mktemp("gnupg")
    home.chmod(0o700)
    environment = os.environ | {"GNUPGHOME": str(home)}
    for who in ("office", "stranger"):
        name = f"{who}@example.invalid"
        subprocess.run(
            ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "1d"],
            env=environment,
            check=True,
            capture_output=True,
        )
    yield environment
    subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=False)


@dataclass
class Machine:
    """A machine with one version of the package, and an apt that knows one repository."""

    root: Path
    repository: Path

    def apt(self, *words: str) -> subprocess.CompletedProcess[str]:
        lists = self.root / "sources.list"
        lists.write_text(f"deb [signed-by={self.root}/office.gpg] copy:{self.repository} ./\n")
        options = {
            "Dir::State": self.root / "state",
            "Dir::State::status": self.root / "status",
            "Dir::Cache": self.root / "cache",
            "Dir::Etc::sourcelist": lists,
            "Dir::Etc::sourceparts": "-",
            "Dir::Etc::parts": ROOT / "packaging/root/etc/apt/apt.conf.d",
            "Dir::Etc::preferencesparts": "-",
            "Dir::Etc::trusted": "-",
            "Dir::Etc::trustedparts": "-",
            "APT::Sandbox::User": "",
            "APT::Architecture": "amd64",
            "Debug::NoLocking": "true",
        }
        words = (*(word for name, value in options.items() for word in ("-o", f"{name}={value}")), *words)
        return subprocess.run(
            ["apt-get", *words],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"LC_ALL": "C", "APT_CONFIG": "/dev/null"},
        )

    def knows(self) -> bool:
        """Whether apt believes the repository as it is now."""
        return self.apt("update", "--error-on=any").returncode == 0


@pytest.fixture
def machine(tmp_path: Path, keys: dict[str, str]) -> Machine:
    """With version 2.0 installed, and a repository of the office's that holds 1.0 and 3.0."""
    for part in ("state/lists/partial", "cache/archives/partial"):
        (tmp_path / "machine" / part).mkdir(parents=True)
    machine = Machine(tmp_path / "machine", tmp_path / "repository")
    packages = [_package(tmp_path, version) for version in ("1.0", "3.0")]
    _publish(machine.repository, packages, "office", keys)
    shutil.copy(machine.repository / "yibao-kiosk.gpg", machine.root / "office.gpg")
    (machine.root / "status").write_text(
        "Package: yibao-kiosk\nStatus: install ok installed\nVersion: 2.0\nArchitecture: amd64\nMaintainer: x\n"
        "Description: x\n\n"
    )
    return machine


def _package(folder: Path, version: str) -> Path:
    control = folder / version / "DEBIAN"
    control.mkdir(parents=True)
    (control / "control").write_text(
        f"Package: yibao-kiosk\nVersion: {version}\nArchitecture: amd64\nMaintainer: x <x@example.invalid>\n"
        "Description: for a test\n"
    )
    shutil.copy(ROOT / "packaging/deb/preinst", control / "preinst")
    control.chmod(0o755)
    file = folder / f"yibao-kiosk_{version}_amd64.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", control.parent, file], check=True, capture_output=True)
    return file


def _publish(out: Path, packages: list[Path], who: str, keys: dict[str, str]) -> None:
    command: list[str | Path] = [
        ROOT / "packaging/make-repository",
        "--out",
        out,
        "--key",
        f"{who}@example.invalid",
        *packages,
    ]
    subprocess.run(command, env=keys, check=True, capture_output=True)


def test_a_newer_signed_version_is_taken(machine: Machine) -> None:
    assert machine.knows()
    assert "Inst yibao-kiosk [2.0] (3.0" in machine.apt("--simulate", "dist-upgrade").stdout


def test_an_older_one_is_not(machine: Machine, keys: dict[str, str]) -> None:
    shutil.rmtree(machine.repository)
    _publish(machine.repository, [_package(machine.root, "1.5")], "office", keys)
    assert machine.knows()
    assert "Inst" not in machine.apt("--simulate", "dist-upgrade").stdout
    by_name = machine.apt("--simulate", "--yes", "install", "yibao-kiosk=1.5")
    assert by_name.returncode != 0
    assert "downgraded" in by_name.stdout + by_name.stderr


def test_not_even_if_apt_was_told_to(machine: Machine) -> None:
    """The package itself refuses: ``preinst upgrade OLD NEW`` as dpkg calls it."""
    preinst = machine.root.parent / "1.0/DEBIAN/preinst"
    environment = os.environ | {"DPKG_MAINTSCRIPT_PACKAGE": "yibao-kiosk"}
    words: list[str | Path] = [preinst, "upgrade", "2.0", "1.0"]
    refused = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "1.0 is older than the installed 2.0" in refused.stderr
    for others in (["upgrade", "2.0", "3.0"], ["upgrade", "2.0", "2.0"], ["install"]):
        subprocess.run([preinst, *others], env=environment, check=True)


@pytest.mark.parametrize("how", ["altered", "unsigned", "by a stranger", "signature of another day"])
def test_what_the_office_did_not_sign_is_refused(machine: Machine, how: str, keys: dict[str, str]) -> None:
    repository = machine.repository
    match how:
        case "altered":
            index = repository / "Packages"
            index.write_text(index.read_text().replace("for a test", "for an evil"))
            (repository / "Packages.gz").unlink()
        case "unsigned":
            (repository / "InRelease").unlink()
        case "by a stranger":
            _publish(repository, [machine.root.parent / "yibao-kiosk_3.0_amd64.deb"], "stranger", keys)
        case _:
            signed = (repository / "InRelease").read_bytes()
            _publish(repository, [_package(machine.root, "4.0")], "office", keys)
            (repository / "InRelease").write_bytes(signed)
    assert not machine.knows()
    assert "Inst" not in machine.apt("--simulate", "dist-upgrade").stdout
