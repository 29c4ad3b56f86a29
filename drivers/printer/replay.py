"""A printer's recording, fed into the virtual printer's parser: what was sent, how it would look, what was understood.

It prints nothing and answers nothing. Whether paper carried what was sent, the printer's answers tell; they are there
to be read beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from drivers.printer.paper import PrintedReceipt, Strip
from drivers.printer.parser import Command, Parser
from drivers.recording import tape
from drivers.recording.tape import octets


@dataclass
class PrinterReplay:
    """What a recording would leave on paper that never ends."""

    commands: list[Command] = field(default_factory=list)
    slips: list[PrintedReceipt] = field(default_factory=list)
    """Sent with their cut, oldest first."""
    hanging: PrintedReceipt | None = None
    """Sent, but never cut; ``None`` if nothing was."""
    not_understood: list[str] = field(default_factory=list)
    """Names of the commands that the virtual printer does not know."""
    answers: bytes = b""


def replay(file: Path) -> PrinterReplay:
    """Raises BadTape, OSError."""
    found = PrinterReplay()
    parser, strip = Parser(), Strip()
    for event in tape.read(file, "printer").events:
        data = octets(event, "bytes")
        if event["event"] == "answer":
            found.answers += data
            continue
        parser.feed(data)
        while (command := parser.take()) is not None:
            found.commands.append(command)
            if command.raw in _CLEARING:
                strip.forget()
            if command.name in _ASKING:
                continue  # says nothing about paper
            understood, _ = strip.execute(command)
            if not understood:
                found.not_understood.append(command.name)
            if command.name == "GS V":
                piece = strip.tear()
                if not piece.blank:
                    found.slips.append(piece)
    if not strip.hanging.blank:
        found.hanging = strip.hanging
    return found


_ASKING = frozenset(("GS r", "GS a", "GS I", "DLE EOT", "DLE ENQ", "DLE DC4", "CAN", "CR"))
_CLEARING = frozenset((bytes.fromhex("10140801031401060208"), bytes.fromhex("100502")))
"""DLE DC4 8 and DLE ENQ 2: what was not printed is forgotten (docs/protocols.md section 6.2)."""
