"""The child's half of ``sscard.py``: loads a vendor's card library and calls it, in a process that may be killed.

It knows functions and buffers, and nothing of cards. What goes into the library and comes out of it is overwritten as
soon as it is not needed; of what the library itself keeps nobody knows, but it ends with this process.
"""

from __future__ import annotations

import ctypes
import json
import struct

from drivers.hosted import Failed, Parent

RESULT = struct.Struct("<i")
"""What the function returned, before what it wrote."""
LENGTH = struct.Struct("<H")

ROOM = 65_536
"""Bytes for pOutInfo. The prototypes do not say how many a library may write; the longest answers known are 2 KB."""
CANNOT_LOAD, NO_FUNCTION, NOT_OPENED = "cannot-load", "no-function", "not-opened"


class Library:
    """``binding`` is :meth:`drivers.card.sscard_values.Binding.to_child`."""

    def __init__(self, _parent: Parent, binding: str) -> None:
        told = json.loads(binding)
        self._type: int = told["type"]
        self._calls: dict[str, list[str]] = told["calls"]
        try:
            self._library = ctypes.CDLL(told["path"])
        except OSError as error:
            raise Failed(CANNOT_LOAD) from error
        if told["opens_with"]:
            code = self._function(told["opens_with"])()
            if code:
                raise Failed(f"{NOT_OPENED}:{code}")

    def invoke(self, payload: memoryview) -> bytes:
        """``name \\0`` and each further argument with its length before it, in the order of the binding."""
        end = bytes(payload[:32]).index(0)
        symbol, *arguments = self._calls[str(payload[:end], "ascii")]
        function = self._function(symbol)
        out = ctypes.create_string_buffer(ROOM)
        at = end + 1
        given: list[ctypes.Array[ctypes.c_char]] = []
        values: list[object] = []
        for argument in arguments:
            if argument == "type":
                values.append(ctypes.c_int(self._type))
            elif argument == "out":
                values.append(out)
            else:
                (length,) = LENGTH.unpack_from(payload, at)
                buffer = (ctypes.c_char * (length + 1))()
                ctypes.memmove(buffer, (ctypes.c_char * length).from_buffer(payload, at + LENGTH.size), length)
                at += LENGTH.size + length
                given.append(buffer)
                values.append(buffer)
        try:
            code = function(*values)
            return RESULT.pack(code) + out.value
        finally:
            for buffer in (out, *given):
                ctypes.memset(buffer, 0, len(buffer))

    def _function(self, symbol: str) -> ctypes._NamedFuncPointer:
        try:
            function = self._library[symbol]
        except AttributeError as error:
            raise Failed(f"{NO_FUNCTION}:{symbol}") from error
        # Some declare long, some int: the low 32 bits hold the same number for both, the high ones only for long.
        function.restype = ctypes.c_int
        return function
