"""WAV files as bytes: 16-bit PCM, read, made louder or softer, and written. Knows no device and no file."""

from __future__ import annotations

import io
import sys
import wave
from array import array
from dataclasses import field

from drivers.frozen import dataclass


class NotAWav(ValueError):
    """Not 16-bit PCM in a WAV file."""


@dataclass(frozen=True, slots=True)
class Samples:
    """``pcm``: 16-bit little-endian, channel after channel."""

    pcm: bytes = field(repr=False)
    hertz: int
    channels: int = 1

    @property
    def seconds(self) -> float:
        return len(self.pcm) / (2 * self.channels * self.hertz)

    @property
    def loudest(self) -> int:
        """0 for silence, up to 32768."""
        values = _values(self.pcm)
        return max(max(values), -min(values)) if values else 0

    def at(self, volume: float) -> Samples:
        """As loud as ``volume`` (0 to 1) says."""
        if volume >= 1:
            return self
        values = _values(self.pcm)
        softer = array("h", (int(value * volume) for value in values))
        return Samples(_bytes(softer), self.hertz, self.channels)

    def to_bytes(self) -> bytes:
        """As a WAV file."""
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(self.channels)
            out.setsampwidth(2)
            out.setframerate(self.hertz)
            out.writeframes(self.pcm)
        return file.getvalue()


def read(data: bytes) -> Samples:
    """Raises NotAWav. The length that the header states is not believed: a program that writes to a pipe cannot know
    it when it writes the header."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            if file.getsampwidth() != 2:
                raise NotAWav(f"{8 * file.getsampwidth()} bits; 16 are needed")
            hertz, channels, frames = file.getframerate(), file.getnchannels(), file.getnframes()
    except (wave.Error, EOFError, ValueError) as error:
        raise error if isinstance(error, NotAWav) else NotAWav(str(error) or "cut short") from error
    start = data.index(b"data", 12) + 8
    pcm = data[start : start + frames * 2 * channels]
    return Samples(pcm[: len(pcm) // (2 * channels) * 2 * channels], hertz, channels)


def _values(pcm: bytes) -> array[int]:
    values = array("h", pcm)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _bytes(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()
