"""What the camera's child process and its driver say to each other: one table for both sides, nothing
heavy."""

from __future__ import annotations

import struct

SEEN = 1
"""A frame was looked at: CLOCK, then a JSON list of [text, symbology]."""
PICTURE = 2
"""A preview picture: PICTURE_SIZE, then grey pixels."""
GONE = 3
"""The camera stopped delivering and was let go."""

REFUSED = 4
"""The camera does not take a setting: its name in ASCII."""

CODES, PICTURES = 1, 2
"""What the driver wants, as bits of one byte."""

CLOCK = struct.Struct("<d")
"""A moment of the child's clock, in seconds."""
PICTURE_SIZE = struct.Struct("<HH")
