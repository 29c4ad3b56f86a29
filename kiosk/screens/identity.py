"""Screens on which the citizen proves who they are: ID card, e-credential, and the last look at all of it."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from drivers.api import Frame
from drivers.frozen import dataclass
from kiosk.screens.answers import Answer, Back, Pick, Proceed
from kiosk.screens.parts import Holder
from kiosk.screens.screen import Screen


class IdProblem(StrEnum):
    """Why a document does not prove that its bearer is the holder: the reader says the first two, ``kiosk.identity``
    finds the others."""

    LIFTED = "lifted"
    UNREADABLE = "unreadable"
    EXPIRED = "expired"
    NAME_DIFFERS = "name_differs"
    NUMBER_DIFFERS = "number_differs"
    NO_CAMERA = "no_camera"
    """Nothing was laid down yet: the code was to prove it, and the camera failed."""


@dataclass(frozen=True, slots=True)
class LayIdCard(Screen["Pick | Back"]):
    """Lay the ID card on the reader; with a problem, why the one before proved nothing."""

    problem: IdProblem | None = None
    or_credential: bool = False
    """Offers the e-credential instead: choice ``credential``."""
    way_back: bool = False
    """The password was asked for before, and may be again: Back to that."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick, Back)


class CodeProblem(StrEnum):
    """Why the code before the camera proves nothing. ``EXPIRED`` and ``NOT_A_CREDENTIAL`` are the insurer's word."""

    EXPIRED = "expired"
    NOT_A_CREDENTIAL = "not_a_credential"
    PAYMENT_CODE = "payment_code"
    OTHER_PERSON = "other_person"
    NO_ID_READER = "no_id_reader"
    """Nothing was shown yet: the ID card was to prove it, and its reader failed."""


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

    def seeing(self, frame: Frame) -> ShowCode:
        """The same with the next picture of the camera."""
        return ShowCode(self.problem, self.or_id_card, self.or_card, frame)


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
    private: ClassVar[frozenset[str]] = frozenset({"holder"})

    @property
    def variant(self) -> str | None:
        return self.task
