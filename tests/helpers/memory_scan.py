"""Looks from outside for what should not be there any more: in the memory of processes, and in files.

It knows the forms in which a password, a name or a number can lie there. What is mapped from a file and cannot be
written is the file's and not looked through.
"""

from __future__ import annotations

import asyncio
import os
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from kiosk.insurer.people import SamplePerson
from tests.helpers.wire import descendants

_PIECE = 1 << 24
"""Bytes that are read at once."""
_PAGE = os.sysconf("SC_PAGE_SIZE")

Forms = Mapping[str, bytes]


def forms_of_pin(pin: str, before: str = "") -> Forms:
    """How a password can lie in memory; ``before`` is the one that a change replaces. Three packed bytes alone are too
    short to tell from chance: they count with the command or the block around them."""
    packed = bytes.fromhex(pin)
    found = {
        "ASCII": pin.encode(),
        "UTF-16LE": pin.encode("utf-16-le"),
        "UTF-32LE": pin.encode("utf-32-le"),
        "VERIFY": b"\x00\x20\x00\x00\x03" + packed,
        "data of VERIFY": b"\x00\x03" + packed,
        "PIN block": b"\x03" + packed + b"\x80\x00\x00\x00",
        "packed in a list": b"".join(digit.to_bytes(8, "little") for digit in packed),
    }
    if before:
        both = bytes.fromhex(before) + b"\xff" + packed
        found |= {"CHANGE": b"\x80\x5e\x01\x00\x07" + both, "data of CHANGE": both}
    return found


def forms_of_person(person: SamplePerson) -> Forms:
    """Name, ID number and card number in every encoding that something here uses. ``\\u6b27``: JSON's own."""
    name, number, card = person.person.name, person.person.id_number, person.card.number
    card_id = person.chip.card_id
    found = {
        "name, UTF-8": name.encode(),
        "name, UTF-16LE": name.encode("utf-16-le"),
        "name, UTF-32LE": name.encode("utf-32-le"),
        "name, GB 18030": name.encode("gb18030"),
        "name, JSON": name.encode("ascii", "backslashreplace"),
        "card's identification": card_id,
        "card's identification, in digits": card_id.hex().upper().encode(),
        "card's identification, in small digits": card_id.hex().encode(),
    }
    for what, text in (("ID number", number), ("card number", card)):
        found |= {
            f"{what}, ASCII": text.encode(),
            f"{what}, UTF-16LE": text.encode("utf-16-le"),
            f"{what}, UTF-32LE": text.encode("utf-32-le"),
            f"{what}, hexadecimal": text.encode().hex().encode(),
        }
    return found


def in_process(pid: int, wanted: Forms) -> list[str]:
    """Which forms lie in this process's memory, and where: one line for each form and mapping."""
    found = []
    with (
        Path(f"/proc/{pid}/maps").open() as maps,
        Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory,
        Path(f"/proc/{pid}/pagemap").open("rb", buffering=0) as pages,
    ):
        for line in maps:
            edges, rights, _, _, inode, *name = line.split(maxsplit=5)
            if not rights.startswith("r") or (inode != "0" and "w" not in rights) or name == ["[vvar]\n"]:
                continue
            start, end = (int(edge, 16) for edge in edges.split("-"))
            where = name[0].strip() if name else "anonymous"
            times: Counter[str] = Counter()
            for begin, stop in _touched(pages.fileno(), start, end):
                content = _read(memory.fileno(), begin, stop)
                times.update({what: content.count(form) for what, form in wanted.items()})
            found += [f"{what}: {count} in {where} of {pid}" for what, count in times.items() if count]
    return found


def _touched(pages: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a mapping that hold anything: a page that was never written to is none, in memory or in swap
    (the kernel's Documentation/admin-guide/mm/pagemap.rst)."""
    entries = array("Q", os.pread(pages, (end - start) // _PAGE * 8, start // _PAGE * 8))
    begin = start
    for there, run in groupby(entries, key=lambda entry: bool(entry >> 62)):
        stop = begin + len(list(run)) * _PAGE
        if there:
            yield begin, stop
        begin = stop


def _read(memory: int, start: int, end: int) -> bytes:
    pieces = []
    while start < end:
        try:
            piece = os.pread(memory, min(end - start, _PIECE), start)
        except OSError:
            break  # unmapped meanwhile, or memory of a device
        if not piece:
            break
        pieces.append(piece)
        start += len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def in_processes(pid: int, wanted: Forms) -> list[str]:
    """The same of a process and of those below it."""
    found = []
    for one in (pid, *descendants(pid)):
        found += await asyncio.to_thread(in_process, one, wanted)
    return found


def in_files(folders: Iterable[Path], wanted: Forms) -> list[str]:
    """Which forms lie in which file below these folders, whatever it is: journals, databases, logs, spool, cores."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                found += [f"{what} in {path}" for what, form in wanted.items() if form in content]
    return found
