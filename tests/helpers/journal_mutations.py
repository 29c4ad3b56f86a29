"""A journal changed behind the terminal's back, in one of many ways at random, and whether that is found.

What counts as a mutation: afterwards something that can be read of the journal is different (its tables, indexes and
triggers, its version, any value of any row, what its index finds), or it cannot be read any more, or the witness says
something else or nothing, or an export has other bytes. A byte in an unused part of a page that changes none of these
is none, and another is drawn instead. The one thing that is left out is what nobody could find: a witness that lags
behind (as after a power cut), alone or together with a journal that is just as old.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.journal import Journal, JournalError, Retention
from kiosk.journal.chain import Seals
from kiosk.journal.exported import NotAnExport, check, export
from kiosk.journal.reading import JournalFile, judge
from kiosk.journal.witness import parse

SECRET = bytes(range(32))
NAME = "journal.db"
FILES = (NAME, f"{NAME}-wal", f"{NAME}-head")
COLUMNS = {
    "records": ("seq", "record", "hash"),
    "ends": ("name", "seq", "hash", "seal"),
    "items": ("key", "kind", "subject", "state", "since", "number"),
}


class NothingChanged(Exception):
    """The draw was no mutation."""


@dataclass
class Specimen:
    """A journal with its log, its witness, earlier states of itself, and an export."""

    folder: Path
    earlier: list[Path] = field(default_factory=list)
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def exported(self) -> Path:
        return self.folder / "export.jsonl"


def specimen(folder: Path, rng: random.Random) -> Specimen:
    """Of a terminal that has worked for a while and forgotten its first days; part of it is still in the log."""
    folder.mkdir(parents=True)
    made = Specimen(folder)
    now = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)

    def clock() -> datetime:
        nonlocal now
        now += timedelta(minutes=rng.randint(1, 400))
        return now

    live = folder / "live"
    live.mkdir()
    journal = Journal(live / NAME, clock, SECRET, Retention(timedelta(days=14), most_records=60))
    journal._db.execute("PRAGMA synchronous = OFF")
    for number in range(40):
        if number in (12, 20, 30, 38):
            earlier = folder / f"earlier-{number}"
            earlier.mkdir()
            _copy(live, earlier)
            made.earlier.append(earlier)
        key = f"20260701-{number:04d}"
        journal.intend(key, rng.choice(("Activate", "RecordPin", "SetPin")), journal.subject(f"{number % 7:032x}"))
        if rng.random() < 0.8:
            journal.sent(key)
        if rng.random() < 0.85:
            journal.close(key, rng.choice(("done", "refused", "unknown", "failed")), f"410100-{number}")
        if rng.random() < 0.5:
            journal.event("visit", service="balance", outcome=rng.choice(("done", "idle", "R07")))
        if number == 22:
            with closing(sqlite3.connect(live / NAME)) as db:
                db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        while journal.tidy():
            pass
    sound = folder / "sound"
    sound.mkdir()
    _copy(live, sound)
    journal.shut()
    with JournalFile(sound / NAME, SECRET) as file:
        assert next(file.rows())[0] > 1, "it has forgotten nothing"
        export(file, made.exported, made.key, "ZZ-0001", now)
    return made


def _copy(source: Path, target: Path) -> None:
    for name in FILES:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)


# --- what can be read ------------------------------------------------------------------------------------------------


def logical(folder: Path) -> object:
    """All that can be read of a journal; ``None`` if it cannot."""
    try:
        with closing(sqlite3.connect(folder / NAME)) as db:
            rows = {
                table: sorted(
                    repr(row) for row in db.execute(f"SELECT {', '.join(columns)} FROM {table} NOT INDEXED").fetchall()
                )
                for table, columns in COLUMNS.items()
            }
            schema = sorted(db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall(), key=repr)
            version = db.execute("PRAGMA user_version").fetchone()
            indexed = db.execute(
                "SELECT key FROM items INDEXED BY open_items WHERE state IN ('intent', 'sent', 'unknown') ORDER BY key"
            ).fetchall()
            by_key = [
                db.execute("SELECT count(*) FROM records WHERE seq = ?", (seq,)).fetchone()
                for (seq,) in db.execute("SELECT seq FROM records").fetchall()
            ]
    except (sqlite3.Error, OverflowError):
        return None
    witness = folder / f"{NAME}-head"
    stated = parse(witness.read_bytes(), Seals(SECRET)) if witness.exists() else None
    return rows, schema, version, indexed, by_key, stated


def found(folder: Path) -> bool:
    try:
        findings, _ = judge(folder / NAME, SECRET)
    except JournalError:
        return True
    return bool(findings)


# --- ways to change a journal ----------------------------------------------------------------------------------------


def _database(
    change: Callable[[sqlite3.Connection, random.Random], None],
) -> Callable[[Path, Specimen, random.Random], None]:
    def mutate(folder: Path, _: Specimen, rng: random.Random) -> None:
        with closing(sqlite3.connect(folder / NAME)) as db:
            db.execute("PRAGMA ignore_check_constraints = ON")
            db.execute("PRAGMA synchronous = OFF")
            try:
                with db:
                    change(db, rng)
            except (sqlite3.IntegrityError, OverflowError) as error:
                raise NothingChanged from error

    return mutate


def _other(value: object, rng: random.Random) -> object:
    """The value with one byte changed, added or taken."""
    match value:
        case int():
            return value + rng.choice((-1, 1, rng.randint(2, 1000), -(2**40)))
        case bytes():
            data = bytearray(value or b"\0")
            way = rng.randrange(3)
            if way == 0:
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            elif way == 1:
                data.insert(rng.randrange(len(data) + 1), rng.randrange(256))
            else:
                del data[rng.randrange(len(data))]
            return bytes(data)
        case _:
            text = str(value)
            at = rng.randrange(len(text) + 1)
            letter = chr(rng.choice((rng.randrange(1, 128), rng.randrange(0x4E00, 0x9FA5))))
            return text[:at] + rng.choice((letter, letter, "")) + text[at + rng.randrange(2) :]


def _table(rng: random.Random) -> str:
    return rng.choices(("records", "ends", "items"), (6, 2, 3))[0]


def _row(db: sqlite3.Connection, table: str, rng: random.Random) -> tuple[object, ...]:
    rows: list[tuple[object, ...]] = db.execute(f"SELECT {', '.join(COLUMNS[table])} FROM {table}").fetchall()
    return rng.choice(rows)


def _edit(db: sqlite3.Connection, rng: random.Random) -> None:
    table = _table(rng)
    row, columns = _row(db, table, rng), COLUMNS[table]
    place = rng.randrange(len(columns))
    db.execute(f"UPDATE {table} SET {columns[place]} = ? WHERE {columns[0]} = ?", (_other(row[place], rng), row[0]))


def _delete(db: sqlite3.Connection, rng: random.Random) -> None:
    table = _table(rng)
    for _ in range(rng.choice((1, 1, 2, 5))):
        if db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
            db.execute(f"DELETE FROM {table} WHERE {COLUMNS[table][0]} = ?", (_row(db, table, rng)[0],))


def _swap(db: sqlite3.Connection, rng: random.Random) -> None:
    table = _table(rng)
    columns = COLUMNS[table]
    one, two = _row(db, table, rng), _row(db, table, rng)
    chosen = rng.sample(range(1, len(columns)), rng.randint(1, len(columns) - 1))
    for mine, others in ((one, two), (two, one)):
        for place in chosen:
            db.execute(f"UPDATE {table} SET {columns[place]} = ? WHERE {columns[0]} = ?", (others[place], mine[0]))


def _cut_tail(db: sqlite3.Connection, rng: random.Random) -> None:
    """With the head moved along as well as can be without the secret."""
    last = int(str(_row(db, "records", rng)[0]))
    db.execute("DELETE FROM records WHERE seq > ?", (last,))
    if rng.random() < 0.5:
        db.execute(
            "UPDATE ends SET seq = ?, hash = (SELECT hash FROM records WHERE seq = ?) WHERE name = 'head'", (last,) * 2
        )


def _cut_front(db: sqlite3.Connection, rng: random.Random) -> None:
    first = int(str(_row(db, "records", rng)[0]))
    if rng.random() < 0.5:
        db.execute(
            "UPDATE ends SET seq = ?, hash = (SELECT hash FROM records WHERE seq = ?) WHERE name = 'start'",
            (first,) * 2,
        )
    db.execute("DELETE FROM records WHERE seq <= ?", (first,))


def _insert(db: sqlite3.Connection, rng: random.Random) -> None:
    """At the end, chained correctly, or between, with what follows moved."""
    rows = db.execute("SELECT seq, record, hash FROM records ORDER BY seq").fetchall()
    if rng.random() < 0.3:
        item = list(_row(db, "items", rng))
        item[0] = f"20260799-{rng.randrange(10**6)}"
        db.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?)", item)
        return
    after = rows[-1] if rng.random() < 0.5 else rng.choice(rows)
    for seq in sorted((row[0] for row in rows if row[0] > after[0]), reverse=True):
        db.execute("UPDATE records SET seq = seq + 1 WHERE seq = ?", (seq,))
    record = after[1].replace(f'"seq":{after[0]}', f'"seq":{after[0] + 1}')
    digest = hashlib.sha256(after[2] + record.encode()).digest()
    db.execute("INSERT INTO records VALUES (?, ?, ?)", (after[0] + 1, record, digest))
    if rng.random() < 0.5:
        db.execute("UPDATE ends SET seq = seq + 1 WHERE name = 'head'")


def _duplicate(db: sqlite3.Connection, rng: random.Random) -> None:
    row = _row(db, "records", rng)
    last = db.execute("SELECT max(seq) FROM records").fetchone()[0]
    if rng.random() < 0.5:
        db.execute("INSERT INTO records VALUES (?, ?, ?)", (last + rng.choice((1, 1, 7)), row[1], row[2]))
    else:  # over its neighbour
        db.execute("UPDATE records SET record = ?, hash = ? WHERE seq = ?", (row[1], row[2], int(str(row[0])) + 1))


def _rechain(db: sqlite3.Connection, rng: random.Random) -> None:
    """A record changed, and everything after it chained anew as it should be."""
    rows = db.execute("SELECT seq, record FROM records ORDER BY seq").fetchall()
    before = db.execute("SELECT hash FROM ends WHERE name = 'start'").fetchone()[0]
    chosen = rng.choice(rows)[0]
    for seq, record in rows:
        text = record.replace("done", "refused").replace("intent", "intend") + " " if seq == chosen else record
        before = hashlib.sha256(before + text.encode()).digest()
        db.execute("UPDATE records SET record = ?, hash = ? WHERE seq = ?", (text, before, seq))
    db.execute("UPDATE ends SET hash = ? WHERE name = 'head'", (before,))


def _schema(db: sqlite3.Connection, rng: random.Random) -> None:
    db.execute(
        rng.choice(
            (
                "DROP INDEX open_items",
                "CREATE INDEX more ON items (kind)",
                "CREATE TABLE more (x)",
                "CREATE VIEW more AS SELECT 1",
                "CREATE TRIGGER more AFTER INSERT ON items BEGIN DELETE FROM items; END",
                "DROP TABLE items",
                "ALTER TABLE items ADD COLUMN more TEXT",
                "PRAGMA user_version = 7",
                "PRAGMA user_version = 0",
            )
        )
    )


def _index_lies(db: sqlite3.Connection, rng: random.Random) -> None:
    """The index of open items finds none, though the items themselves are as they were."""
    db.execute("CREATE INDEX more ON items (subject, kind) WHERE state = 'none'")
    db.execute("PRAGMA writable_schema = ON")
    root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'more'").fetchone()
    db.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = 'open_items'", root)
    db.execute("DELETE FROM sqlite_master WHERE name = 'more'")


def _roll_back(folder: Path, made: Specimen, rng: random.Random) -> None:
    """An earlier database in place of this one, beside the witness as it is; or its ends alone."""
    earlier = rng.choice(made.earlier)
    if rng.random() < 0.6:
        for name in (NAME, f"{NAME}-wal"):
            (folder / name).unlink(missing_ok=True)
            if (earlier / name).exists():
                shutil.copyfile(earlier / name, folder / name)
        return
    scratch = folder / "earlier"
    scratch.mkdir()
    _copy(earlier, scratch)
    with closing(sqlite3.connect(scratch / NAME)) as old, closing(sqlite3.connect(folder / NAME)) as db, db:
        for table in rng.choice((("ends",), ("items",), ("records",), ("records", "items"))):
            rows = old.execute(f"SELECT {', '.join(COLUMNS[table])} FROM {table}").fetchall()
            db.execute(f"DELETE FROM {table}")
            db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(COLUMNS[table]))})", rows)


def _flip(folder: Path, _: Specimen, rng: random.Random) -> None:
    path = folder / rng.choices(FILES, (6, 4, 1))[0]
    data = bytearray(path.read_bytes())
    for _byte in range(rng.choice((1, 1, 1, 4))):
        data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
    path.write_bytes(data)


def _shorten(folder: Path, _: Specimen, rng: random.Random) -> None:
    path = folder / rng.choice(FILES)
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data))])


def _lose(folder: Path, _: Specimen, rng: random.Random) -> None:
    (folder / rng.choice(FILES)).unlink()


def _change_export(folder: Path, made: Specimen, rng: random.Random) -> None:
    data = bytearray(made.exported.read_bytes())
    lines = bytes(data).splitlines(keepends=True)
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(7):
        case 0 | 1:
            data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
        case 2:
            data = data[: rng.randrange(len(data))]
        case 3:
            data.insert(rng.randrange(len(data) + 1), rng.randrange(256))
        case 4:
            del lines[at]
        case 5:
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            lines.insert(at, lines[other])
    joined = b"".join(lines)
    (folder / "export.jsonl").write_bytes(bytes(data) if joined == made.exported.read_bytes() else joined)


WAYS: dict[str, tuple[int, Callable[[Path, Specimen, random.Random], None]]] = {
    "a field edited": (30, _database(_edit)),
    "rows deleted": (10, _database(_delete)),
    "rows swapped": (10, _database(_swap)),
    "the tail cut": (6, _database(_cut_tail)),
    "the front cut": (4, _database(_cut_front)),
    "a row inserted": (8, _database(_insert)),
    "a row duplicated": (6, _database(_duplicate)),
    "chained anew": (3, _database(_rechain)),
    "another schema": (2, _database(_schema)),
    "an index that lies": (2, _database(_index_lies)),
    "rolled back": (6, _roll_back),
    "bytes flipped in a file": (30, _flip),
    "a file shortened": (5, _shorten),
    "a file gone": (1, _lose),
    "an export changed": (15, _change_export),
}


@dataclass
class Score:
    mutations: Counter[str] = field(default_factory=Counter)
    neutral: Counter[str] = field(default_factory=Counter)
    """Draws that changed nothing that can be read."""
    missed: list[str] = field(default_factory=list)


def mutate(count: int, seed: int, scratch: Path, each: int = 250) -> Score:
    """So many mutations, each on a journal of its own; a new specimen every ``each``."""
    rng = random.Random(seed)
    score = Score()
    made: Specimen | None = None
    sound: object = None
    while score.mutations.total() < count:
        if made is None or score.mutations.total() % each == 0:
            made = specimen(scratch / f"{score.mutations.total()}-{score.neutral.total()}", rng)
            sound = logical_of_copy(made)
            assert sound is not None
            assert not judged_wrong(made), "a sound journal is called damaged"
        name = rng.choices(list(WAYS), [weight for weight, _ in WAYS.values()])[0]
        folder = made.folder / "mutant"
        folder.mkdir()
        try:
            if not _try(name, folder, made, rng, sound):
                score.missed.append(f"{name}: mutation {score.mutations.total()} of seed {seed}")
            score.mutations[name] += 1
        except NothingChanged:
            score.neutral[name] += 1
        finally:
            shutil.rmtree(folder)
    return score


def _try(name: str, folder: Path, made: Specimen, rng: random.Random, sound: object) -> bool:
    """Whether it was found. Raises NothingChanged."""
    _, way = WAYS[name]
    if way is _change_export:
        way(folder, made, rng)
        changed = folder / "export.jsonl"
        if changed.read_bytes() == made.exported.read_bytes():
            raise NothingChanged
        try:
            return bool(check(changed, made.key.public_key())[1])
        except NotAnExport:
            return True
    _copy(made.folder / "sound", folder)
    way(folder, made, rng)
    judged = folder / "judged"
    judged.mkdir()
    _copy(folder, judged)
    was_found = found(judged)  # before anything else opens it
    if logical(folder) == sound:
        raise NothingChanged
    return was_found


def logical_of_copy(made: Specimen) -> object:
    folder = made.folder / "read"
    folder.mkdir()
    _copy(made.folder / "sound", folder)
    return logical(folder)


def judged_wrong(made: Specimen) -> bool:
    """The undamaged specimen and its export must be found whole, or nothing else would prove anything."""
    folder = made.folder / "unharmed"
    folder.mkdir()
    _copy(made.folder / "sound", folder)
    return found(folder) or bool(check(made.exported, made.key.public_key())[1])
