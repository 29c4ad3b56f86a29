"""The abstract hardware interface: one page for every device a terminal can have.

Every protocol awaits a *fact* ("there is a card", "the paper is out"); every wait can be cancelled; no callback
crosses this seam. Errors are typed, carry facts and chain the vendor's exception; they hold no words for citizens
and no personal data. A driver that does not know says ``UNKNOWN``: it never guesses.

This module imports nothing of ours, so that a driver can be written against this file alone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from drivers.frozen import dataclass

# --- health ----------------------------------------------------------------------------------------------------------


class Condition(StrEnum):
    """State of a device; the vocabulary of XFS4IoT ``Common.Status.device`` plus ``UNKNOWN``."""

    ONLINE = "online"
    OFFLINE = "offline"
    POWER_OFF = "power_off"
    NO_DEVICE = "no_device"
    HARDWARE_ERROR = "hardware_error"
    USER_ERROR = "user_error"
    """The device is well, but a person prevents its work (a card jammed in, a cover open)."""
    BUSY = "busy"
    STARTING = "starting"
    UNKNOWN = "unknown"


class Remedy(StrEnum):
    """What the operator should do; the actions of XFS4IoT error events."""

    NONE = "none"
    CLEAR = "clear"
    """Hall staff can put it right: paper, a card in the slot, a cover."""
    RESET = "reset"
    MAINTENANCE = "maintenance"
    CONFIGURATION = "configuration"
    SUSPEND = "suspend"
    """Wait: the device recovers by itself."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a device is. ``detail`` is for the operator, in English, and free of personal data."""

    condition: Condition
    remedy: Remedy = Remedy.NONE
    detail: str = ""
    model: str = ""
    firmware: str = ""

    @property
    def usable(self) -> bool:
        """Whether the device says that it works: online, or busy. ``UNKNOWN`` does not say so."""
        return self.condition in (Condition.ONLINE, Condition.BUSY)


class DeviceError(Exception):
    """Something a device did or did not do. Subclasses carry the facts."""


class DeviceLost(DeviceError):
    """The device itself is gone or does not answer (unplugged, service stopped, process dead)."""


class DeviceInUse(DeviceLost):
    """The device is there, and another program of this machine holds it: no cable helps, that program must go."""


class DeviceTimeout(DeviceError):
    """The device is there but did not answer within its deadline."""


class Device(Protocol):
    """What every driver has beside its own work. Building one touches nothing: the first call opens the device.

    After DeviceLost the next call tries again, until the driver is closed. Every wait can be cancelled at any moment
    and leaves the device usable; where the device answers, the wait is over within 1 s.
    """

    async def health(self) -> Health:
        """Ask the device now, also while another call waits. Never raises for a broken device: that *is* the answer.

        The answer comes within 10 s: after that the terminal takes the device for offline. One that is in order names
        its model; of one that is not, ``detail`` says what to check.
        """
        ...

    async def close(self) -> None:
        """Give back every descriptor, task and process. Safe to call twice.

        Whoever waits for a card, document, code, PIN or page, or asks for one later, gets DeviceLost, and so does who
        asks for a printer's status; the health of such a device is no longer usable.
        """
        ...


# --- card reader -----------------------------------------------------------------------------------------------------


class CardError(DeviceError):
    """Trouble with the card rather than with the reader."""


class PulledEarly(CardError):
    """The card left while it was needed. Nothing that was in flight may be taken for success."""


class MuteCard(CardError):
    """A card is in the slot but its chip does not answer: wrong way round, not a chip card, or dead."""


class CardWasReset(CardError):
    """Someone reset the card: the selected file and a verified PIN are gone. Begin the dialogue again."""


@dataclass(frozen=True, slots=True)
class Response:
    """One response APDU. ``data`` may be personal and is kept out of ``repr``."""

    data: bytes = field(repr=False)
    sw: int
    """Status word SW1‖SW2 (ISO 7816-4), e.g. ``0x9000``."""

    @property
    def ok(self) -> bool:
        """Whether the status word is ``9000``; ``61xx``, with more to be fetched, is not."""
        return self.sw == 0x9000


class Card(Protocol):
    """A powered card, held exclusively by us from insertion to :meth:`release`. It is this insertion's alone: no
    command for it ever reaches a card that was put in later."""

    @property
    def atr(self) -> bytes:
        """The card's own answer to reset, whole and unchanged (ISO 7816-3). The card is not asked for it again."""
        ...

    async def transmit(self, apdu: bytes) -> Response:
        """Send one command APDU, exactly once, and return what the card said.

        ``61xx`` and ``6Cxx`` are returned as they are: following them is the card application's work. ``apdu`` may be
        a bytearray that holds a PIN and is wiped by the caller: the driver keeps no copy. What comes without a status
        word is no answer. Raises PulledEarly (also where silence turns out to be a card that left), MuteCard (no
        answer within the driver's own deadline, or to an earlier command), CardWasReset, DeviceLost, RuntimeError
        after :meth:`release`.
        """
        ...

    async def removed(self) -> None:
        """Return once the card has left the slot, also when it left long ago, or the reader went away or was closed.

        It may be awaited while commands are sent, and after :meth:`release`. Raises nothing.
        """
        ...

    async def release(self) -> None:
        """End the dialogue and free the card: power it down, eject it if the reader can. Safe to call twice.

        Raises nothing when the card is mute or gone, or the reader is gone. The next :meth:`CardReader.card` has a card
        again that stays in. The terminal waits 5 s for it, then goes on without.
        """
        ...


class CardReader(Device, Protocol):
    """Its ``health`` is asked during a visit, too: it sends nothing to a card that is held.

    It is USER_ERROR for as long as a card is in that does not answer, once :meth:`card` has said so: by that the
    terminal knows whether it was taken. A reader that was gone and is back gives cards again within 5 s.
    """

    async def card(self) -> Card:
        """Wait for a card and power it; at once if one is in. Cancelled while powering, it leaves the card free.

        Raises MuteCard once for a card that does not answer, within 1 s of its insertion; the next call then waits
        for that card to leave and another to come. A card that has left need not be released first. Raises DeviceLost
        when the reader is gone, or was before the call; DeviceInUse when another program holds the reader or its card.
        Only one caller may wait at a time: a second one gets RuntimeError, and so does a call while the last card is
        still in and not released.
        """
        ...


# --- resident-ID reader ----------------------------------------------------------------------------------------------


class DocumentKind(StrEnum):
    """Kinds of identity document; all but ``RESIDENT`` are the letter in its text block (protocols section 2.2)."""

    RESIDENT = "resident"
    PERMIT = "J"
    """Residence permit of Hong Kong, Macau and Taiwan residents."""
    FOREIGNER_2017 = "I"
    FOREIGNER_2023 = "Y"


class DocumentError(DeviceError):
    """Trouble with the document rather than with its reader."""


class DocumentLifted(DocumentError):
    """The document was taken away while it was being read: lay it down again."""


class DocumentUnreadable(DocumentError):
    """The document is there but cannot be read (wrong kind, damaged, refused by the security module)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"SW3={status:02X}")
        self.status = status
        """SW3 of the reader's answer (protocols section 2.1)."""


class SecurityModuleFault(DeviceError):
    """The reader's security module (SAM) failed its self-test or is not authorised."""


@dataclass(frozen=True, slots=True)
class IdDocument:
    """What an identity document says of its holder. Personal: every such field stays out of ``repr``."""

    kind: DocumentKind
    name: str = field(repr=False)
    """Chinese name as printed; empty if the document has none."""
    number: str = field(repr=False)
    sex: str = field(repr=False)
    """``male``, ``female`` or ``unknown``."""
    born: date | None = field(repr=False)
    valid_from: date | None
    valid_to: date | None
    """Last day of validity; ``None`` together with ``long_term``, or when the document does not say."""
    long_term: bool = False
    """True for 长期: valid without end."""
    nation: str = field(default="", repr=False)
    """Nation code (GB/T 3304) or nationality exactly as stored."""
    name_latin: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    issuer: str = field(default="", repr=False)
    photo: bytes = field(default=b"", repr=False)
    """The photograph as stored (WLT), opaque: decoding needs a licensed library."""

    def expired_on(self, today: date) -> bool:
        """Whether the last day of validity lies before ``today``. False where the document names none."""
        return self.valid_to is not None and self.valid_to < today


class IdCardReader(Device, Protocol):
    """Reads the document on its pad, and keeps nothing of it once it was told.

    It notices also while nobody waits that a document is lifted: what is laid down next counts as new.
    """

    async def document(self) -> IdDocument:
        """Wait for a document on the pad, also one that lies there already, read it, return what it says.

        One that was read, or told as unreadable, must be lifted and laid down again before the next call returns.
        Raises DocumentLifted, DocumentUnreadable, SecurityModuleFault, DeviceLost (gone, or was before the call),
        DeviceTimeout (no answer from the reader within the driver's deadline).
        Only one caller may wait at a time: a second one gets RuntimeError.
        """
        ...


# --- scanner ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scan:
    """One code that was read. The text is a credential: it stays out of ``repr``."""

    text: str = field(repr=False)
    symbology: str
    """``QRCode``, ``Code128`` … as the decoder names it; empty when the module does not tell."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One preview picture: ``height`` rows of ``width`` 8-bit grey pixels, top left first, no padding."""

    width: int
    height: int
    grey: bytes = field(repr=False)


class Scanner(Device, Protocol):
    """A camera or a barcode module; the latter has no pictures to show.

    Its ``health`` is asked all day: a camera that is not in use need not be switched on for it if it gave pictures
    within the last minutes and is still there.
    """

    async def scan(self) -> Scan:
        """Wait for the next code held before the scanner; a clear one is read within 1 s.

        A code that came and went before the call does not count, one that is still in view does. The one told last
        counts again once it has left the view; left there it does not, or not at once (our drivers: after 2 s).
        Raises DeviceLost when the camera or module is gone, or was before the call, or its picture freezes.
        Only one caller may wait at a time: a second one gets RuntimeError.
        """
        ...

    def preview(self) -> AsyncGenerator[Frame, None]:
        """Pictures of what the camera sees, newest only, while iterated; ends at once if the device has none.

        It runs beside :meth:`scan`, and ends without an error when the camera is lost or closed.
        Close it when it is no longer looked at (``contextlib.aclosing``), so that the camera can rest.
        """
        ...


# --- printer ---------------------------------------------------------------------------------------------------------


class Align(StrEnum):
    """Where the lines of a paragraph stand between the edges of the paper."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; the driver wraps it at the width of the paper."""

    text: str = field(repr=False)
    align: Align = Align.LEFT
    scale: int = 1
    """1 or 2: multiple of the printer's normal character size."""
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A label on the left and its value on the right of one line, or of two when they do not fit."""

    label: str
    value: str = field(repr=False)
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line across the paper."""


@dataclass(frozen=True, slots=True)
class Space:
    """Empty paper, in millimetres."""

    mm: float


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code, centred."""

    data: str = field(repr=False)


Block = Text | Pair | Rule | Space | Qr


@dataclass(frozen=True, slots=True)
class Page:
    """What goes on the paper, without a word about any printer. Ends with a cut."""

    blocks: tuple[Block, ...]


class Paper(StrEnum):
    """How much paper there is, as the printer tells it. With ``LOW`` it prints all the same."""

    OK = "ok"
    LOW = "low"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What the printer says of itself; ``None`` and ``UNKNOWN`` where it cannot say (a write-only link)."""

    online: bool | None
    paper: Paper
    cover_open: bool | None = None
    cutter_error: bool | None = None
    fault: bool | None = None
    """Unrecoverable or mechanical error."""

    @property
    def can_print(self) -> bool:
        """False only when something is known to prevent printing."""
        return (
            self.online is not False
            and self.paper is not Paper.OUT
            and not (self.cover_open or self.cutter_error or self.fault)
        )


class PrinterError(DeviceError):
    """The page did not come out whole. The driver has made sure that nothing of it is printed later."""


class NoPaper(PrinterError):
    """There was no paper when the page was to begin, or it ended in the middle of it."""


class CoverOpen(PrinterError):
    """The cover was open when the page was to begin, or was opened while it came out."""


class CutterJammed(PrinterError):
    """The cutter was jammed when the page was to begin, or jammed while it came out."""


class PrinterFault(PrinterError):
    """Any other error that the printer reports, or no proof that the page came out within its deadline."""


class Printer(Device, Protocol):
    """Its ``health`` is busy while a page comes out; unknown, never online, where the printer cannot tell how it is."""

    async def status(self) -> PrinterStatus:
        """What the printer says of itself now; while a page comes out it may be what it said last.

        What it does not answer, within 10 s at most, is ``None`` or ``UNKNOWN``. Raises DeviceLost if the link is gone,
        DeviceTimeout if what stands in between (a spooler) does not answer. While a citizen waits the terminal gives it
        5 s: what is not told by then, or raises, counts as a printer that cannot print.
        """
        ...

    async def print(self, page: Page) -> None:
        """Return when the paper is out, or raise; one page at a time, nothing ever printed late, also when cancelled.

        A second page waits its turn. Each is out, or an error, within 20 s from then on (60 s in a CUPS queue). On a
        link that can only be written it returns once the bytes are handed over.
        Raises NoPaper, CoverOpen, CutterJammed, PrinterFault, DeviceLost, DeviceTimeout, none of which repeats the
        page, and ValueError for a page that cannot be laid out. After 180 s the terminal cancels the slip of a visit
        and shows its code on the screen.
        """
        ...


# --- PIN pad ---------------------------------------------------------------------------------------------------------


class PinFormat(StrEnum):
    """How a PIN lies in an encrypted block (docs/protocols.md sections 5.1 and 5.2)."""

    ISO_0 = "iso-0"
    ISO_3 = "iso-3"
    ISO_4 = "iso-4"
    SM4_16 = "sm4-16"
    """Habit (a) of section 5.2: a block of 16 bytes, the account number at its right."""
    SM4_8 = "sm4-8"
    """Habit (b): the 8 bytes of ISO format 0 and 8 more by agreement."""


@dataclass(frozen=True, slots=True, eq=False)
class PlainPin:
    """The digits themselves, from a pad that is no more than keys. Never printed, compared or copied."""

    digits: bytearray = field(repr=False)
    """ASCII digits. They belong to whoever awaited them, who wipes them; the driver keeps no copy."""


@dataclass(frozen=True, slots=True)
class EncryptedPin:
    """A block that only the holder of the key can open. No digit ever left the pad."""

    block: bytes = field(repr=False)
    format: PinFormat
    key: str
    """Which key: the name under which pad and recipient know it, not the key."""


PinEntry = PlainPin | EncryptedPin


class PinError(DeviceError):
    """Trouble with the entry of a PIN rather than with the pad."""


class PinCancelled(PinError):
    """The citizen pressed the pad's own red key."""

    def __init__(self, typed: int = 0) -> None:
        super().__init__("the red key")
        self.typed = typed
        """How many digits there were."""


class PadTampered(DeviceError):
    """The pad found itself opened and has erased its keys: only its supplier can bring it back."""


class PinPad(Device, Protocol):
    """A pad beside the glass. Nothing of a PIN stays in it once the wait for that PIN is over, however it ended.

    A terminal's configuration refuses one that gives no plain digits.
    """

    @property
    def gives(self) -> PinFormat | None:
        """How a PIN leaves this pad: as a block of this format, or ``None`` for the digits themselves. Known without
        asking the device."""
        ...

    async def pin(self, length: int, *, account: str = "") -> PinEntry:
        """Wait for ``length`` digits (4 to 12) and the green key; the pad takes keys only meanwhile.

        The green key does nothing before all digits are there, and more do not count. ``account`` is the number that
        formats 0, 3, 4 and SM4 bind the block to, with its check digit; digits only; plain digits need none.
        Cancelling the wait wipes what was typed and turns the keys off. Raises PinCancelled, PadTampered, DeviceLost,
        ValueError for a length or an account that cannot be. Only one caller may wait: a second gets RuntimeError.
        """
        ...

    def typed(self) -> AsyncGenerator[int, None]:
        """How many digits there are now, newest only, while iterated; nothing tells which. Ends when the pad is closed.

        It runs beside :meth:`pin` and begins with the present number, 0 while nobody waits for a PIN.
        Close it when nobody looks any more (``contextlib.aclosing``).
        """
        ...


# --- voice -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Phrase:
    """A few words to be spoken, as they are said and not as they are written: no digits, no signs."""

    text: str = field(repr=False)
    """May be private once the citizen has asked for it."""
    language: str
    """``zh`` (Mandarin) or ``en``; the folder of its recordings."""
    name: str = ""
    """Under which a recording of just these words may lie; empty for words that are never twice the same."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A short sound of a file (WAV, 16-bit PCM)."""

    path: Path


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is heard in one go, part after part."""

    parts: tuple[Phrase | Sound, ...]
    volume: float = 1.0
    """0 to 1."""
    rate: float = 1.0
    """Multiple of the ordinary rate, 0.5 to 2. Recordings and sounds keep their own."""


class Voice(Device, Protocol):
    """Speaks and plays what it is given; what is said, and when, is decided above it."""

    async def say(self, utterance: Utterance) -> None:
        """Return when all of it was spoken. Cancelling the wait silences it at once, and nothing of it comes later.

        Raises DeviceLost (no engine, no sound output), DeviceTimeout (one of them hung and was killed). One at a
        time: a second caller gets RuntimeError.
        """
        ...
