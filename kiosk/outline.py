"""An exception without its message: types and places only. Messages may quote what a citizen typed or owns."""

from __future__ import annotations

import traceback


def outline(error: BaseException) -> str:
    """One line: each exception of the chain with the places it came through, innermost first."""
    parts: list[str] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        # Walked, not extracted: a log line needs no source text, which would be looked up on the disk.
        walked = traceback.walk_tb(cause.__traceback__)
        places = [f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_name}" for frame, line in walked]
        parts.append(" < ".join([type(cause).__qualname__, *reversed(places)]))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "; from ".join(parts)
