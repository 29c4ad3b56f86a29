"""Every screen as a frozen value, with the answers it takes: the vocabulary that the core shares with ui/.

A screen says *what* the citizen is told or asked; ``kiosk.text`` has the words for it and ``ui/qml/screens/<Name>.qml``
the picture. A field named ``problem`` (or whatever ``variant`` returns) selects other words for the same picture.
No decision is taken here and none in QML: an answer goes up, the core decides, the next screen comes down.

Personal data is masked before it enters a screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from drivers.api import Frame
from kiosk.money import Fen

# --- answers ---------------------------------------------------------------------------------------------------------


class Answer:
    """Something the citizen did on the glass."""


@dataclass(frozen=True, slots=True)
class Proceed(Answer):
    """The one primary action of the screen."""


@dataclass(frozen=True, slots=True)
class Back(Answer):
    """One page back inside the same form."""


@dataclass(frozen=True, slots=True)
class Finish(Answer):
    """结束办理: end the visit. The visit itself deals with it; no service sees it."""


@dataclass(frozen=True, slots=True)
class Pick(Answer):
    """One of the choices that the screen offers, by its id."""

    choice: str


@dataclass(frozen=True, slots=True)
class Key(Answer):
    """A key of the PIN pad by *position*: 0-8 the nine keys from top left, 9 clear, 10 bottom middle, 11 delete.

    Positions, not digits: nothing outside ``kiosk.pin`` knows which digit a position means.
    """

    position: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prefer(Answer):
    """A change of language, text size or contrast. Dealt with by the visit on every screen."""

    what: str
    value: str


A_co = TypeVar("A_co", bound=Answer, covariant=True)


class Screen(Generic[A_co]):
    """Base of all screens; ``A_co`` is the answer that :meth:`kiosk.visit.Visit.ask` returns for it."""

    __slots__ = ()

    answers: ClassVar[tuple[type[Answer], ...]] = ()
    """Answer types that this screen takes, beside Finish, Prefer and Touched."""
    can_finish: ClassVar[bool] = True
    """Whether 结束办理 stands in the footer."""

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def variant(self) -> str | None:
        """Which wording of this screen; ``None`` for the plain one."""
        problem = getattr(self, "problem", None)
        return None if problem is None else str(problem)


@dataclass(frozen=True, slots=True)
class Touched(Answer):
    """A finger was on the glass: time begins to count anew. Taken on every screen, answered by none."""


class Nothing(Answer):
    """The answer of a screen that only tells: it never comes."""


# --- parts of screens ------------------------------------------------------------------------------------------------


class Availability(StrEnum):
    """Can this be finished here, now? Told before the citizen begins."""

    YES = "yes"
    WITHOUT_PAPER = "without_paper"
    NO = "no"


@dataclass(frozen=True, slots=True)
class ServiceTile:
    """One service to choose. Its words stand in the catalogue under ``common.service.<id>``."""

    id: str
    icon: str
    minutes: int
    available: Availability = Availability.YES


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose card it is, masked: first character of the name, last four of the card."""

    name: str
    card_tail: str
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class AccountLine:
    insurance: str
    """``insutype``; its name stands under ``common.insurance.<code>``."""
    status: str
    balance: Fen | None
    """``None`` while hidden."""


@dataclass(frozen=True, slots=True)
class MovementLine:
    on: date
    kind: str
    place: str
    amount: Fen


class Slip(StrEnum):
    """What became of the paper."""

    PRINTED = "printed"
    ON_SCREEN = "on_screen"
    """The printer could not: number and QR stand on the screen instead."""
    NOT_ASKED = "not_asked"


# --- between visits --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Starting(Screen[Nothing]):
    can_finish: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Attract(Screen[Pick]):
    """The screen that waits for a citizen: put the card in, or choose first."""

    services: tuple[ServiceTile, ...]
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)
    can_finish: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class OutOfOrder(Screen[Nothing]):
    code: str
    """Short code for staff; what it means stands in the operator's guide."""
    card_in: bool = False
    can_finish: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return "card_in" if self.card_in else None


# --- the card --------------------------------------------------------------------------------------------------------


class CardProblem(StrEnum):
    WRONG_WAY = "wrong_way"
    FOREIGN = "foreign"
    """A chip card, but not a social-security card."""
    UNREADABLE = "unreadable"
    LEFT = "left"
    """It was pulled while being read."""
    NEEDS_KEY = "needs_key"
    """The card wants a read key that this terminal cannot get."""


@dataclass(frozen=True, slots=True)
class InsertCard(Screen[Pick]):
    problem: CardProblem | None = None
    card_in: bool = False
    """True while the wrong card must first be taken out."""
    without_card: bool = False
    """Offers the e-credential instead: choice ``credential``."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)


@dataclass(frozen=True, slots=True)
class Reading(Screen[Nothing]):
    """Leave the card in."""

    can_finish: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Menu(Screen[Pick]):
    """The card came first: what shall it be?"""

    holder: Holder
    services: tuple[ServiceTile, ...]
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)


@dataclass(frozen=True, slots=True)
class KnowsPin(Screen[Pick]):
    """Password: do you know the old one? Choices ``change`` and ``reset``."""

    locked: bool = False
    """The chip says that the PIN is locked: only a reset helps."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)

    @property
    def variant(self) -> str | None:
        return "locked" if self.locked else None


# --- identity --------------------------------------------------------------------------------------------------------


class IdProblem(StrEnum):
    LIFTED = "lifted"
    UNREADABLE = "unreadable"
    EXPIRED = "expired"
    NAME_DIFFERS = "name_differs"
    NUMBER_DIFFERS = "number_differs"


@dataclass(frozen=True, slots=True)
class LayIdCard(Screen[Pick]):
    problem: IdProblem | None = None
    or_credential: bool = False
    """Offers the e-credential instead: choice ``credential``."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)


class CodeProblem(StrEnum):
    EXPIRED = "expired"
    NOT_A_CREDENTIAL = "not_a_credential"
    PAYMENT_CODE = "payment_code"
    OTHER_PERSON = "other_person"


@dataclass(frozen=True, slots=True)
class ShowCode(Screen[Pick]):
    """Hold the phone with the e-credential before the camera."""

    problem: CodeProblem | None = None
    or_id_card: bool = False
    """Offers the ID card instead: choice ``id_card``."""
    or_card: bool = False
    """Offers the social-security card instead: choice ``card``."""
    preview: Frame | None = None
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)


@dataclass(frozen=True, slots=True)
class Review(Screen[Proceed]):
    """Is this you, and shall we?"""

    task: str
    """``activate`` or ``reset``."""
    holder: Holder
    bank: str
    """Key of the issuing bank's name: ``common.bank.<code>``; empty if not known."""
    next_day: bool = False
    """The activation takes effect on the next working day."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed,)

    @property
    def variant(self) -> str | None:
        return self.task


# --- PIN -------------------------------------------------------------------------------------------------------------


class PinPurpose(StrEnum):
    CURRENT = "current"
    NEW = "new"
    REPEAT = "repeat"


class PinProblem(StrEnum):
    WRONG = "wrong"
    DIFFERENT = "different"
    """The two new ones are not the same."""
    INITIAL = "initial"
    REPEATS = "repeats"
    RUN = "run"
    PATTERN = "pattern"
    DATE = "date"
    PERSONAL = "personal"
    COMMON = "common"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class EnterPin(Screen["Key | Proceed"]):
    """Six digits on the pad. The screen knows only how many there are."""

    purpose: PinPurpose
    filled: int = 0
    length: int = 6
    problem: PinProblem | None = None
    tries_left: int | None = None
    """As the card said; shown with ``wrong`` and when few are left."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Key, Proceed)

    @property
    def variant(self) -> str | None:
        return str(self.purpose)


@dataclass(frozen=True, slots=True)
class LastTry(Screen["Proceed | Pick"]):
    """One try is left. Go on with it, or rather reset the password (choice ``reset``)?"""

    can_reset: bool = True
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed, Pick)


# --- work and results ------------------------------------------------------------------------------------------------


class Task(StrEnum):
    CHECKING = "checking"
    ACTIVATING = "activating"
    WRITING_PIN = "writing_pin"
    ASKING_BALANCE = "asking_balance"
    PRINTING = "printing"
    CONFIRMING = "confirming"
    """The answer was lost; asking what became of it."""


@dataclass(frozen=True, slots=True)
class Working(Screen[Nothing]):
    task: Task
    can_finish: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return str(self.task)


@dataclass(frozen=True, slots=True)
class Result(Screen[Proceed]):
    """Done, whole and proved."""

    task: str
    """``activated``, ``pin_reset``, ``pin_changed`` or ``printed``."""
    holder: Holder
    number: str
    slip: Slip
    qr: str = field(default="", repr=False)
    """Sealed text of the slip when it stands on the screen."""
    next_day: bool = False
    bank: str = ""
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed,)

    @property
    def variant(self) -> str | None:
        return self.task


@dataclass(frozen=True, slots=True)
class PartialResult(Screen[Proceed]):
    """One part is done and one is not; both are said."""

    task: str
    """``activated_without_pin``, ``pin_set_unrecorded`` or ``pin_unproved``."""
    holder: Holder
    number: str
    slip: Slip
    qr: str = field(default="", repr=False)
    card_in: bool = True
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed,)

    @property
    def variant(self) -> str | None:
        return self.task


@dataclass(frozen=True, slots=True)
class BeingChecked(Screen[Proceed]):
    """The outcome is unknown: neither success nor failure. The number finds it again."""

    number: str
    slip: Slip
    qr: str = field(default="", repr=False)
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed,)


class Cause(StrEnum):
    """Why this cannot be done here and now; each has its one right next step in the catalogue."""

    IN_MAKING = "in_making"
    NOT_ACTIVE = "not_active"
    """The service wants an active card and this one is not activated yet. Offers activation."""
    ALREADY_ACTIVE = "already_active"
    """Offers the balance."""
    TEMPORARILY_LOST = "temporarily_lost"
    LOST = "lost"
    CANCELLED = "cancelled"
    SEALED = "sealed"
    UNKNOWN_CARD = "unknown_card"
    OTHER_REGION = "other_region"
    MINOR = "minor"
    NOT_THE_HOLDER = "not_the_holder"
    ID_EXPIRED = "id_expired"
    PIN_LOCKED = "pin_locked"
    """Offers the reset."""
    RESET_AT_COUNTER = "reset_at_counter"
    AUTHORITY_REFUSED = "authority_refused"
    NOT_INSURED = "not_insured"
    BEING_CHECKED = "being_checked"
    """An earlier operation on this card is still unknown."""
    INSURER_DOWN = "insurer_down"
    DEVICE_DOWN = "device_down"
    NOT_CHANGED = "not_changed"
    """The card left before anything was changed: nothing happened."""
    INSURER_REFUSED = "insurer_refused"
    CARD_UNREADABLE = "card_unreadable"
    """The chip answers no more or answers nonsense."""
    JOURNAL = "journal"
    """The terminal cannot note what it does, so it does nothing."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Refusal(Screen["Proceed | Pick"]):
    """It cannot be done: the cause, where to go and what to bring, and sometimes a better service to offer."""

    cause: Cause
    code: str
    """For staff: the operator's code of the cause."""
    offer: ServiceTile | None = None
    """Choice: the tile's id."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed, Pick)

    @property
    def variant(self) -> str | None:
        return str(self.cause)


@dataclass(frozen=True, slots=True)
class Balance(Screen[Pick]):
    """Balances by insurance. Choices: ``show``, ``hide``, ``movements``, ``print``."""

    holder: Holder
    accounts: tuple[AccountLine, ...]
    hidden: bool
    as_of: datetime
    can_print: bool = True
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)

    @property
    def variant(self) -> str | None:
        return "hidden" if self.hidden else None


@dataclass(frozen=True, slots=True)
class Movements(Screen["Pick | Back"]):
    """One month of the account. Choices: ``older``, ``newer``, ``print``; Back to the balance."""

    year: int
    month: int
    opening: Fen
    lines: tuple[MovementLine, ...]
    money_in: Fen
    money_out: Fen
    closing: Fen
    has_older: bool
    has_newer: bool
    can_print: bool = True
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick, Back)


# --- the end ---------------------------------------------------------------------------------------------------------


def _belongings(slip: bool, id_card: bool) -> str | None:
    return "_".join([*(["slip"] if slip else []), *(["id_card"] if id_card else [])]) or None


@dataclass(frozen=True, slots=True)
class TakeCard(Screen[Nothing]):
    """The card is free: take it. Stays until it is taken."""

    reminder: int = 0
    """How many times the citizen was reminded already."""
    slip: bool = False
    """A slip hangs in the printer too."""
    id_card: bool = False
    """An ID card was laid down in this visit and may still lie there."""
    can_finish: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return _belongings(self.slip, self.id_card)


@dataclass(frozen=True, slots=True)
class Goodbye(Screen[Nothing]):
    """A short thank-you before the attract screen returns."""

    slip: bool = False
    id_card: bool = False
    can_finish: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return _belongings(self.slip, self.id_card)


@dataclass(frozen=True, slots=True)
class StillThere(Screen[Proceed]):
    """Idle warning: one tap goes on."""

    seconds: int
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed,)


# --- what goes down to the glass -------------------------------------------------------------------------------------


class Size(StrEnum):
    NORMAL = "normal"
    LARGE = "large"


class Contrast(StrEnum):
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How this citizen wants it; back to the hall's settings after each visit."""

    language: str = "zh"
    size: Size = Size.NORMAL
    contrast: Contrast = Contrast.NORMAL


@dataclass(frozen=True, slots=True)
class Scene:
    """One screen with what stands around it: all that the UI is told."""

    serial: int
    """Counts scenes. An answer carries the serial of the scene it answers; a late one is dropped."""
    screen: Screen[Answer]
    preferences: Preferences = Preferences()
    service: str | None = None
    """Whose name stands in the top line: ``common.service.<id>``."""
    step: int = 0
    steps: int = 0
    """Step bar: ``step`` of ``steps`` (from 1); 0 = no bar."""
    idle_s: float | None = None
    """Seconds of quiet after which the warning comes; ``None`` when time does not count (work, farewell)."""
    card_in: bool = False
    """A card is in the reader: ending the visit means taking it."""
    now: datetime | None = None
    """Wall-clock time of the terminal when the scene was shown."""


ALL: tuple[type[Screen[Answer]], ...] = (
    Starting,
    Attract,
    OutOfOrder,
    InsertCard,
    Reading,
    Menu,
    KnowsPin,
    LayIdCard,
    ShowCode,
    Review,
    EnterPin,
    LastTry,
    Working,
    Result,
    PartialResult,
    BeingChecked,
    Refusal,
    Balance,
    Movements,
    TakeCard,
    Goodbye,
    StillThere,
)
"""Every screen there is: the gallery, the UI tests and the catalogue's check go through this list."""
