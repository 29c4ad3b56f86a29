"""The 256-byte text block of an identity document (docs/protocols.md section 2.2), read and written.

Owns the offsets of every field for the four kinds of document. The SDT driver decodes with it, the virtual
reader encodes with it. It refuses to repair anything: a date that does not exist or a character that cannot
be is an error that names the field and never its content.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from drivers.api import DocumentKind, DocumentUnreadable, IdDocument
from drivers.idcard.frames import TEXT_BYTES, Sw3

_LONG_TERM = "长期"
_DATE = re.compile(r"[0-9]{8}")

# Offset and length in bytes, docs/protocols.md section 2.2: GA/T 490 and the variants J, I (2017) and Y
# (2023). What this project does not use (counts, links to older cards, versions) is left blank when a block
# is written.
_TYPE_LETTER = (248, 2)
_FROM = (188, 16)
_TO = (204, 16)
FIELDS: dict[DocumentKind, dict[str, tuple[int, int]]] = {
    DocumentKind.RESIDENT: {
        "name": (0, 30),
        "sex": (30, 2),
        "nation": (32, 4),
        "born": (36, 16),
        "address": (52, 70),
        "number": (122, 36),
        "issuer": (158, 30),
        "valid_from": _FROM,
        "valid_to": _TO,
    },
    DocumentKind.PERMIT: {
        "name": (0, 30),
        "sex": (30, 2),
        "born": (36, 16),
        "address": (52, 70),
        "number": (122, 36),
        "issuer": (158, 30),
        "valid_from": _FROM,
        "valid_to": _TO,
    },
    DocumentKind.FOREIGNER_2017: {
        "name_latin": (0, 120),
        "sex": (120, 2),
        "number": (122, 30),
        "nation": (152, 6),
        "name": (158, 30),
        "valid_from": _FROM,
        "valid_to": _TO,
        "born": (220, 16),
        "issuer": (240, 8),
    },
    DocumentKind.FOREIGNER_2023: {
        "name": (0, 30),
        "sex": (30, 2),
        "born": (36, 16),
        "name_latin": (52, 70),
        "number": (122, 36),
        "valid_from": _FROM,
        "valid_to": _TO,
        "name_latin_rest": (220, 22),  # characters 36-46 of the Latin name
        "nation": (242, 6),
    },
}

_SEX_READ = {"1": "male", "2": "female", "0": "unknown", "9": "unknown", "": "unknown"}
_SEX_WRITTEN = {"male": "1", "female": "2", "unknown": "0"}


class DocumentGarbled(DocumentUnreadable):
    """The reader delivered a text block, but a field of it cannot be what the standard says."""

    def __init__(self, field: str) -> None:
        super().__init__(Sw3.OK)
        self.args = (f"field {field} is garbled",)
        self.field = field
        """Name of the field; its content is personal and not kept."""


def decode(block: bytes, photo: bytes = b"") -> IdDocument:
    """What the block says. Raises DocumentGarbled."""
    if len(block) != TEXT_BYTES:
        raise DocumentGarbled("block")
    kind = kind_of(block)
    fields = {name: _text(block, name, place) for name, place in FIELDS[kind].items()}
    long_term = fields["valid_to"] == _LONG_TERM
    if fields["sex"] not in _SEX_READ:
        raise DocumentGarbled("sex")
    return IdDocument(
        kind=kind,
        name=fields["name"],
        number=fields["number"],
        sex=_SEX_READ[fields["sex"]],
        born=_date("born", fields["born"]),
        valid_from=_date("valid_from", fields["valid_from"]),
        valid_to=None if long_term else _date("valid_to", fields["valid_to"]),
        long_term=long_term,
        nation=fields.get("nation", ""),
        name_latin=_latin_name(block, kind, fields),
        address=fields.get("address", ""),
        issuer=fields.get("issuer", ""),
        photo=photo,
    )


def encode(document: IdDocument) -> bytes:
    """The block that a reader would deliver for ``document``.

    Raises ValueError, naming the field, for what does not fit or has no place in this kind of document.
    """
    fields = {
        "name": document.name,
        "sex": _SEX_WRITTEN.get(document.sex, "?"),
        "nation": document.nation,
        "born": _compact(document.born),
        "address": document.address,
        "number": document.number,
        "issuer": document.issuer,
        "valid_from": _compact(document.valid_from),
        "valid_to": _LONG_TERM if document.long_term else _compact(document.valid_to),
        "name_latin": document.name_latin,
    }
    if fields["sex"] == "?":
        raise ValueError("sex is male, female or unknown")
    places = FIELDS[document.kind]
    if "name_latin_rest" in places:
        first = places["name_latin"][1] // 2
        fields["name_latin"], fields["name_latin_rest"] = (
            fields["name_latin"][:first],
            fields["name_latin"][first:],
        )
    block = bytearray(" ".encode("utf-16-le") * (TEXT_BYTES // 2))
    for name, value in fields.items():
        if name not in places:
            if value:
                raise ValueError(f"{name} has no place in a document of kind {document.kind.name}")
            continue
        _put(block, name, places[name], value)
    if document.kind is not DocumentKind.RESIDENT:
        _put(block, "type", _TYPE_LETTER, document.kind.value)
    return bytes(block)


def kind_of(block: bytes) -> DocumentKind:
    """Which of the four layouts the block has."""
    start, length = _TYPE_LETTER
    letter = block[start : start + length].decode("utf-16-le", "replace")
    for kind in (DocumentKind.PERMIT, DocumentKind.FOREIGNER_2017, DocumentKind.FOREIGNER_2023):
        if letter == kind.value:
            return kind
    return DocumentKind.RESIDENT  # section 2.2: anything else


def _raw_text(block: bytes, name: str, place: tuple[int, int]) -> str:
    start, length = place
    try:
        text = block[start : start + length].decode("utf-16-le")
    except UnicodeDecodeError:
        raise DocumentGarbled(name) from None  # its text would repeat the bytes
    # Some older cards pad with NUL instead of the space of the standard.
    text = text.rstrip("\0")
    # Private-use and unassigned characters stay: rare names are stored in them, and the interpreter's Unicode
    # tables are older than some of them. Controls and non-characters cannot be part of a name.
    if any(unicodedata.category(character) == "Cc" or _is_noncharacter(character) for character in text):
        raise DocumentGarbled(name)
    return text


def _is_noncharacter(character: str) -> bool:
    code = ord(character)
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def _text(block: bytes, name: str, place: tuple[int, int]) -> str:
    return _raw_text(block, name, place).strip(" \u3000")


def _latin_name(block: bytes, kind: DocumentKind, fields: dict[str, str]) -> str:
    if "name_latin_rest" not in fields:
        return fields.get("name_latin", "")
    # A space at the seam belongs to the name, so both parts are joined before they are trimmed.
    places = FIELDS[kind]
    first = _raw_text(block, "name_latin", places["name_latin"])
    rest = _raw_text(block, "name_latin_rest", places["name_latin_rest"])
    return (first.ljust(places["name_latin"][1] // 2) + rest if rest.strip() else first).strip()


def _date(name: str, text: str) -> date | None:
    if not text:
        return None
    if not _DATE.fullmatch(text):
        raise DocumentGarbled(name)
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise DocumentGarbled(name) from None


def _compact(day: date | None) -> str:
    return "" if day is None else f"{day.year:04d}{day.month:02d}{day.day:02d}"


def _put(block: bytearray, name: str, place: tuple[int, int], value: str) -> None:
    start, length = place
    raw = value.encode("utf-16-le")
    if len(raw) > length:
        raise ValueError(f"{name} is longer than {length // 2} UTF-16 units")
    block[start : start + len(raw)] = raw
