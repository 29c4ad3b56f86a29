"""``kiosk insurer``: two commands stand it up, and what it prints makes a terminal's configuration."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kiosk import compose, config
from kiosk.config import ConfigError
from kiosk.insurer import staging
from kiosk.insurer.api import Activate, CardState, Done, InsurerUnreachable
from kiosk.insurer.people import named
from tests.helpers.insurers import proof_of
from tests.helpers.served_insurer import TERMINAL, papers, start_process


def kiosk(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_papers_are_made_once_and_terminals_added_later(tmp_path: Path) -> None:
    place = tmp_path / "papers"
    first = kiosk("insurer", "certificates", "--out", place, "--host", "insurer.example", "--terminal", "A-1")
    assert (first.returncode, first.stderr) == (0, "")
    before = {path: path.read_bytes() for path in place.rglob("*.*")}
    second = kiosk("insurer", "certificates", "--out", place, "--terminal", "A-2")
    assert "A-1, A-2" in second.stdout
    assert {path: path.read_bytes() for path in before} == before
    secrets = [path for path in place.rglob("*") if path.suffix in (".key", ".token")]
    assert len(secrets) == 6
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["certificates", "--terminal", "a b"], "no name of a terminal"),
        (["certificates", "--host", "not a host"], "neither an address nor"),
        (["serve", "--certificates", "nowhere"], "kiosk insurer certificates"),
        (["serve", "--port", "x"], "is no port; write a number"),
        ([], "VERB"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, words: list[str], says: str) -> None:
    out = ["--out", str(tmp_path / "papers")] if words[:1] == ["certificates"] else []
    failed = kiosk("insurer", *words, *out)
    assert failed.returncode == 2
    assert says in failed.stderr
    assert failed.stderr.count("\n") == 1


async def test_what_it_prints_is_the_configuration_of_a_terminal(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiosk", "insurer", "serve", "--port", "0"),
        *("--database", str(tmp_path / "insurer.db"), "--certificates", str(papers().path)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            assert (await process.stdout.readline()).startswith(b"listening on https://127.0.0.1:")
            _, _, line = (await process.stdout.readline()).decode().partition(": ")
        data = tmp_path / "data"
        data.mkdir()
        file = tmp_path / "kiosk.toml"
        file.write_text(f'{line}\n[terminal]\nid = "{TERMINAL}"\n[data]\ndir = "{data}"\n', "utf-8")
        loaded = config.load(file)
        compose.check(loaded)
        insurer = compose.insurer_of(loaded)
        try:
            async with asyncio.timeout(10):
                assert await insurer.reachable()
                someone = named("issued", compose.clock().date())
                done = await insurer.perform("k1", Activate(someone.card, proof_of(someone)))
                assert isinstance(done, Done)
                process.terminate()
                assert await process.wait() == 0
                with pytest.raises(InsurerUnreachable) as gone:
                    await insurer.card(someone.card)
                assert not gone.value.sent
        finally:
            await insurer.close()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_what_was_done_survives_the_servers_death(tmp_path: Path) -> None:
    database = tmp_path / "insurer.db"
    data = tmp_path / "data"
    data.mkdir()
    server = await start_process(database)
    own = papers().papers(TERMINAL)
    files = {key: str(getattr(own, key)) for key in own.__slots__}
    table = {
        "terminal": {"id": TERMINAL},
        "insurer": {
            "kind": "platform",
            "url": f"https://127.0.0.1:{server.port}/fsi/api/kiosk",
            "institution": "STAGING00001",
            "institution_name": "样本",
            **files,
        },
        "data": {"dir": str(data)},
    }
    insurer = compose.insurer_of(config.parse(table, "kiosk.toml"))
    someone = named("issued", compose.clock().date())
    try:
        async with asyncio.timeout(40):
            done = await insurer.perform("k1", Activate(someone.card, proof_of(someone)))
            await server.kill()
            assert not await insurer.reachable()
            server = await start_process(database, port=server.port)
            assert await insurer.outcome("k1") == done
            assert (await insurer.card(someone.card)).state is CardState.ACTIVE
    finally:
        await insurer.close()
        await server.kill()


# --- the configuration -----------------------------------------------------------------------------------------------


def platform_table(**changes: object) -> dict[str, dict[str, object]]:
    own = papers().papers(TERMINAL)
    return {
        "terminal": {"id": TERMINAL, "region": "410105"},
        "insurer": {
            "kind": "platform",
            "url": "https://127.0.0.1:8443/fsi/api/kiosk",
            "institution": "STAGING00001",
            "institution_name": "样本",
            **{key: str(getattr(own, key)) for key in own.__slots__},
            **changes,
        },
    }


def test_the_platform_is_read_with_its_choices() -> None:
    table = platform_table(
        numbers=[100, 199], transactions={"card": "X1"}, answers={"sign_in_again": 7}, signs_bodies=False
    )
    loaded = config.parse(table, "kiosk.toml")
    assert loaded.platform is not None
    assert (loaded.platform.local.card, loaded.platform.local.ledger) == ("X1", "K003")
    assert (loaded.platform.answers.sign_in_again, loaded.platform.answers.done) == (7, 0)
    assert (loaded.platform.first_number, loaded.platform.last_number) == (100, 199)
    assert (loaded.platform.division, loaded.platform.terminal) == ("410105", TERMINAL)
    assert not loaded.platform.signs_bodies


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": "http://insurer.example/"}, r"url: must be https"),
        ({"url": "https://insurer.example:x/"}, r"url: must be https"),
        ({"url": "https://user@insurer.example/"}, r"url: must be https"),
        ({"url": ""}, r"url: is needed"),
        ({"institution": "short"}, r"institution: must be twelve"),
        ({"institution_name": "名" * 21}, r"institution_name: must have 1 to 20"),
        ({"division": "41"}, r"division: must be the six digits"),
        ({"numbers": [5]}, r"numbers: must be two"),
        ({"numbers": [5, 4]}, r"numbers: must be two"),
        ({"transactions": {"cart": "K001"}}, r"transactions\.cart: is not known here"),
        ({"transactions": {"card": 1}}, r"transactions\.card: must be of type str"),
        ({"transactions": {"card": "9001"}}, r"transactions: each needs"),
        ({"transactions": {"card": "K002"}}, r"transactions: each needs"),
        ({"transactions": {"card": "K00001"}}, r"transactions: a number has"),
        ({"answers": {"done": "0"}}, r"answers\.done: must be of type int"),
        ({"paasid": "a b"}, r"paasid: must be"),
        ({"token": 3}, r"token: must be of type str"),
        ({"tokken": "x"}, r"tokken: is not known here"),
    ],
)
def test_a_mistake_names_its_key(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=r"\[insurer\] " + says):
        config.parse(platform_table(**changes), "kiosk.toml")


@pytest.mark.parametrize("key", ["key", "token"])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, key: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(Path(getattr(papers().papers(TERMINAL), key)).read_bytes())
    loaded = config.parse({**platform_table(**{key: str(secret)}), "data": {"dir": str(tmp_path)}}, "kiosk.toml")
    for mode, good in ((0o600, True), (0o400, True), (0o440, True), (0o644, False), (0o660, False), (0o604, False)):
        secret.chmod(mode)
        if good:
            compose.insurer_of(loaded)
        else:
            with pytest.raises(ConfigError, match=rf"\[insurer\] {key}: .*open to others"):
                compose.insurer_of(loaded)


@pytest.mark.parametrize(
    ("key", "content", "says"),
    [
        ("token", b"short", "at least 16"),
        ("token", "口令口令口令口令口令口令".encode(), "visible ASCII"),
        ("ca", b"nonsense", "is not a certificate"),
        ("certificate", b"nonsense", "does not go with the key"),
        ("hsm", b"nonsense", "not the public key"),
        ("key", None, "cannot be read"),
        ("ca", None, "is not there"),
        ("hsm", None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, key: str, content: bytes | None, says: str) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    loaded = config.parse({**platform_table(**{key: str(path)}), "data": {"dir": str(tmp_path)}}, "kiosk.toml")
    with pytest.raises(ConfigError, match=says) as wrong:
        compose.insurer_of(loaded)
    assert str(wrong.value).startswith(f"kiosk.toml: [insurer] {key}: {path}")


def test_the_sample_names_every_key_of_the_platform() -> None:
    sample = (Path(__file__).parents[2] / "packaging" / "kiosk.toml").read_text("utf-8")
    section = sample.partition("[insurer]")[2].partition("\n[")[0]
    written = section.replace("\n# ", "\n")
    for key in platform_table()["insurer"]:
        assert f"\n{key} = " in written
    lines = [line for line in written.splitlines() if line.startswith(("transactions = ", "answers = ", "numbers = "))]
    assert len(tomllib.loads("\n".join(lines))) == 3


def test_a_staging_ca_is_kept_apart_from_another(tmp_path: Path) -> None:
    one, other = staging.Authority.found(), staging.Authority.found()
    assert one.certificate.public_key() != other.certificate.public_key()
    assert one.certificate.subject == other.certificate.subject
