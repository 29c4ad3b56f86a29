"""The integrator's guide and its examples: shown as they are, a service built into a copy of the house, a language."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.screens import Pick, Prefer, Proceed
from kiosk.screens.answers import Key
from kiosk.settings import Settings
from kiosk.terminal import Terminal
from kiosk.text import Catalogue, CatalogueError, catalogues, placeholders
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run
from tests.helpers.worked_examples import EXAMPLES, GUIDE, ROOT, DoesNotFit, apply, house, shown

SERVICE, FRENCH = EXAMPLES / "service", EXAMPLES / "language" / "fr"
NOT_SHOWN = {"examples/reader/acme_sdk.py"}
"""It plays what the vendor brings."""


# --- the guide shows what the tests run ------------------------------------------------------------------------------


def test_the_guide_shows_every_example_as_it_is() -> None:
    files = {
        str(path.relative_to(GUIDE.parent)): path.read_text("utf-8")
        for path in EXAMPLES.rglob("*")
        if path.is_file() and path.suffix in {".py", ".toml", ".story", ".patch"}
    }
    told = shown(GUIDE.read_text("utf-8"))
    assert sorted(told) == sorted(files.keys() - NOT_SHOWN)
    for path, text in told.items():
        assert text == files[path], f"{path} and what the guide shows of it differ"


def test_a_changed_example_is_noticed() -> None:
    told = shown("# A\n\n[a.py](examples/a.py):\n\n```python\nx = 1\n```\n")
    assert told == {"examples/a.py": "x = 1\n"}


def test_what_the_guide_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", GUIDE.read_text("utf-8"))
    assert len(links) > 30
    assert [link for link in links if not (GUIDE.parent / link).exists()] == []


# --- a service -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house with the example's service in it, as the guide says to put it there."""
    place = house(tmp_path_factory.mktemp("service") / "house")
    for part in ("kiosk", "assets", "tests"):
        shutil.copytree(SERVICE / part, place / part, dirs_exist_ok=True)
    apply((SERVICE / "house.patch").read_text("utf-8"), place)
    shutil.copy(ROOT / "tests" / "unit" / "test_text.py", place / "tests")
    return place


def _in(place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=place, env=environment, text=True, capture_output=True, timeout=120, check=False
    )


def test_the_service_plays_its_stories_and_lacks_no_word(built: Path) -> None:
    played = _in(
        built,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "insured or test_text or attract"),
        *("tests/flow", "tests/test_text.py"),
    )
    assert played.returncode == 0, played.stdout[-3000:]
    passed = re.search(r"(\d+) passed", played.stdout)
    stories = (SERVICE / "tests" / "flow" / "insured.story").read_text("utf-8")
    assert passed is not None
    assert int(passed[1]) > len(re.findall(r"^\w", stories, re.M))


def test_the_service_is_one_of_the_tiles(built: Path) -> None:
    asked = _in(built, "-c", "from kiosk.services import ALL; print(*(service.id for service in ALL))")
    assert asked.stdout.split() == ["activate", "password", "balance", "insured"]


def test_a_patch_for_another_house_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\n")
    patch = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,3 @@\n one\n+more\n {}\n"
    with pytest.raises(DoesNotFit):
        apply(patch.format("three"), tmp_path)
    apply(patch.format("two"), tmp_path)
    assert (tmp_path / "a.py").read_text() == "one\nmore\ntwo\n"


# --- a language ------------------------------------------------------------------------------------------------------


NEW_WORDS = {
    "common.service.insured.title": "Attestation d'assurance",
    "common.service.insured.help": "Carte, 1 minute",
    "Result.variant.insured.title": "Votre assurance est trouvée",
    "Result.variant.insured.help": "Le reçu la décrit.",
    "slip.insured.heading": "Attestation d'assurance",
    "slip.insured.outcome": "Trouvée",
    "slip.insured.as_of": "Au {at}",
}
"""What the house with the new service needs more."""


def _whole(place: Path) -> Path:
    """All words: French where the example has them, English where it has not yet, as a translator goes on."""
    folder = place / "fr"
    begun = {key: text for file in FRENCH.glob("*.toml") for key, text in _texts(file).items()}
    folder.mkdir(parents=True)
    lines = []
    for key, text in {**catalogues()["en"].texts, **begun}.items():
        quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        lines.append(f'{key} = "{quoted}"\n')
    (folder / "all.toml").write_text("".join(lines), "utf-8")
    return folder


def _texts(file: Path) -> dict[str, str]:
    return _flat(tomllib.loads(file.read_text("utf-8")))


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in table.items():
        texts |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return texts


@pytest.fixture
def words(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "assets" / "i18n", tmp_path / "i18n")
    return tmp_path / "i18n"


def test_a_language_half_done_is_refused_by_name(words: Path) -> None:
    shutil.copytree(FRENCH, words / "fr")
    with pytest.raises(CatalogueError) as refused:
        catalogues(words)
    told = str(refused.value)
    assert "fr: Goodbye.title is missing" in told
    assert "fr: Attract.title" not in told
    assert "stands in no other language" not in told
    assert "placeholders" not in told


def test_a_language_that_loses_a_placeholder_is_refused(words: Path) -> None:
    folder = _whole(words)
    file = folder / "all.toml"
    file.write_text(file.read_text("utf-8").replace("Essais restants : {tries_left}", "Essais restants"), "utf-8")
    with pytest.raises(CatalogueError, match=r"^fr: EnterPin.tries_left must have the placeholders: tries_left$"):
        catalogues(words)


def test_a_visit_in_the_new_language(words: Path) -> None:
    _whole(words)
    known = catalogues(words)
    assert set(known) == {"zh", "en", "fr"}

    async def visit() -> None:
        stage = Stage()
        place = {"zh": "南厅", "en": "South hall", "fr": "Hall sud"}
        settings = Settings(simulated=True, languages=("zh", "en", "fr"), place=place)
        stage.station = replace(stage.station, catalogues=known, settings=settings)
        stage.terminal = Terminal(stage.station, stage.glass)
        running = asyncio.ensure_future(stage.terminal.run())
        try:
            await _balance(stage)
        finally:
            stage.terminal.stop()
            stage.hall.pull_card()
            await running
            await stage.close()

    run(visit())


async def _balance(stage: Stage) -> None:
    stage.hall.choose("active")
    await stage.see("Attract")
    stage.answer(Prefer("language", "fr"))
    await _reads(stage, "Attract", "Puce vers le haut")
    stage.answer(Pick("balance"))
    await _reads(stage, "InsertCard", "jusqu'au bip")
    stage.hall.insert_card()
    stage._next = len(stage.scenes)
    await _reads(stage, "EnterPin.current", "Votre mot de passe")
    for digit in "729416":
        stage.answer(Key(int(digit) - 1))
        await asyncio.sleep(0.2)
    stage.answer(Proceed())
    await _reads(stage, "Balance.hidden", "Votre solde est prêt")
    stage.answer(Pick("print"))
    await _reads(stage, "Result.printed", "Votre reçu est imprimé")
    slip = stage.slips()[-1]
    assert all(word in slip for word in ("Hall sud", "Solde du compte médical", "novembre", "yuans"))


async def _reads(stage: Stage, screen: str, words: str) -> None:
    await stage.see(screen)
    assert words in stage.words()


def test_the_example_says_nothing_that_no_screen_shows() -> None:
    reference: Catalogue = catalogues()["zh"]
    for file in FRENCH.glob("*.toml"):
        for key, text in _texts(file).items():
            assert key in reference
            if not key.startswith("common.format."):
                assert placeholders(text) == placeholders(reference.texts[key])


def test_the_configuration_takes_the_new_language_when_it_is_whole(built: Path, tmp_path: Path) -> None:
    """As the guide says: the folder into the house, two lines into kiosk.toml, ``kiosk config check``."""
    file = tmp_path / "kiosk.toml"
    place = '{ zh = "南厅", fr = "Hall sud" }'
    file.write_text(f'[terminal]\nid = "T-1"\nlanguages = ["zh", "fr"]\nplace = {place}\n', "utf-8")
    folder = built / "assets" / "i18n" / "fr"
    try:
        shutil.copytree(FRENCH, folder)
        half = _in(built, "-m", "kiosk", "config", "check", str(file))
        assert half.returncode == 1
        assert "fr: Goodbye.title is missing" in half.stderr
        assert "Traceback" not in half.stderr
        shutil.rmtree(folder)
        begun = _whole(folder.parent)
        spelt = "".join(f'{key} = "{text}"\n' for key, text in NEW_WORDS.items())
        (begun / "insured.toml").write_text(spelt, "utf-8")
        whole = _in(built, "-m", "kiosk", "config", "check", str(file))
        assert whole.returncode == 0, whole.stdout + whole.stderr
        assert "can be used" in whole.stdout
    finally:
        shutil.rmtree(folder, ignore_errors=True)
