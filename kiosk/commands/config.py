"""``kiosk config``: whether a terminal's configuration can be used before anybody stands at it, and what it may say.

What is wrong is told in one English sentence, the same here, from every other command and in the log, so that it can
be looked for; verdict and advice are in the language that was asked for.
"""

from __future__ import annotations

import argparse
import json
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kiosk import compose, config
from kiosk.commands.failure import Failure
from kiosk.config_schema import schema
from kiosk.insurer.papers import Concern, concerns
from kiosk.text import Catalogue, CatalogueError, catalogues

DEFAULT = config.installed()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser("check", help="whether a configuration can be used; exit 1 if not")
    check.add_argument("file", type=Path, nargs="?", metavar="FILE", help=f"default {DEFAULT}")
    check.add_argument("--config", type=Path, metavar="FILE", help="the same, as other commands name it")
    check.add_argument("--json", action="store_true")
    check.add_argument("--lang", default="en", metavar="LANG", help="language of verdict and notes, as zh")
    verbs.add_parser("schema", help="print the JSON Schema of kiosk.toml, for editors")


def run(arguments: argparse.Namespace) -> int:
    if arguments.verb == "schema":
        print(json.dumps(schema(), ensure_ascii=False, indent=2))
        return 0
    if arguments.file and arguments.config:
        raise Failure("name one configuration, with --config or without", 2)
    file: Path = arguments.file or arguments.config or DEFAULT
    words: Catalogue | None = None
    wrong: str | None = None
    notes: list[str] = []
    try:
        words = _words(arguments.lang)
        configuration = config.load(file)
        compose.check(configuration)
        _check_papers(configuration)
        notes = list(_notes(file, configuration, words))
    except (config.ConfigError, CatalogueError) as error:
        wrong = str(error)
    if arguments.json:
        facts: dict[str, Any] = {"file": str(file), "usable": wrong is None, "error": wrong, "notes": notes}
        print(json.dumps(facts, ensure_ascii=False))
    elif wrong is not None:
        print(f"kiosk config: {wrong}", file=sys.stderr)
        if words is not None:
            print(words.say("config.wrong", file=file), file=sys.stderr)
    elif words is not None:
        print(words.say("config.usable", file=file))
        for note in notes:
            print(f"  {note}")
    return 0 if wrong is None else 1


def _words(language: str) -> Catalogue:
    """Raises Failure for a language that there is not, CatalogueError where the words themselves are broken: not a
    choice of the argument's, for that would be asked for before anything can be told."""
    known = catalogues()
    if language not in known:
        raise Failure(f"--lang {language}: there are {', '.join(sorted(known))}", 2)
    return known[language]


def _concerns(configuration: config.Config) -> list[Concern]:
    papers = configuration.papers
    return list(concerns(papers, configuration.settings.terminal, compose.clock())) if papers else []


def _check_papers(configuration: config.Config) -> None:
    """A terminal starts with a certificate that is not its own or not valid now, for the clock may be wrong and is set
    later; it only reaches nobody. Raises ConfigError."""
    for concern in _concerns(configuration):
        if not concern.works:
            raise configuration.wrong("insurer", concern.key, concern.remedy)


def _notes(file: Path, configuration: config.Config, words: Catalogue) -> Iterator[str]:
    """What can be used as it is and still deserves a look."""
    if file.stat().st_mode & stat.S_IWOTH:
        yield words.say("config.note.anybody_may_write", file=file)
    data = configuration.data
    if data.exists() and data.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield words.say("config.note.others_can_look", data=data)
    if configuration.insurer == "embedded":
        yield words.say("config.note.embedded")
    for concern in _concerns(configuration):
        yield f"[insurer] {concern.key}: {concern.remedy}"
    if played := [each for each in configuration.simulated if each != "[insurer] kind"]:
        yield words.say("config.note.simulated", keys=", ".join(played))
    if configuration.settings.terminal == config.Config().settings.terminal:
        yield words.say("config.note.nameless")
