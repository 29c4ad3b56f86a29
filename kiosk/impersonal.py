"""What may stand in a record that outlives a visit: codes, counts, yes and no, and nothing that points at a person.

Owns the shapes that personal data have. It is a net under the rule, not the rule: whoever records something chooses
codes in the first place. It refuses rather than masks, and never repeats what it refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from drivers.idnumber import is_valid

Fact = str | int | bool | None

_LONGEST = 120
# Identity number, card number and e-credential (docs/protocols.md sections 2.4, 1.2 and 4). Names, addresses and
# places are caught by not being ASCII.
_ID_NUMBER = re.compile(r"(?=([0-9]{17}[0-9Xx]))")
_CARD_NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][0-9]{8}(?![A-Za-z0-9])")
_CREDENTIAL = re.compile(r"[0-9]{28}")
_OPERATION_NUMBER = re.compile(r"[0-9A-Za-z._-]{0,64}")


def impersonal(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """The same facts, if none of them can be somebody's datum. Raises ValueError, which names the fact only."""
    for name, value in facts.items():
        if value is not None and (not isinstance(value, str | int) or _is_telling(str(value))):
            raise ValueError(f"the fact {name!r} is not a code or a count")
    return dict(facts)


def is_operation_number(text: str) -> bool:
    """Whether this can be an insurer's number of an operation, or the terminal's key of one."""
    return (
        _OPERATION_NUMBER.fullmatch(text) is not None
        and _CREDENTIAL.fullmatch(text) is None
        and _CARD_NUMBER.fullmatch(text) is None
        and not _holds_id_number(text)
    )


def _is_telling(text: str) -> bool:
    return (
        len(text) > _LONGEST
        or not text.isascii()
        or _CREDENTIAL.search(text) is not None
        or _CARD_NUMBER.search(text) is not None
        or _holds_id_number(text)
    )


def _holds_id_number(text: str) -> bool:
    return any(is_valid(match.group(1).upper()) for match in _ID_NUMBER.finditer(text))
