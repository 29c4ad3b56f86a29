"""Somebody who comes to the terminal: what they want, how they are, and what they do before each screen.

Visitors differ as people do: hurried or hesitant, sure of their PIN or not, with the right card or a neighbour's, some
walk away, some tap twice, some want larger letters. They see the glass and nothing else, and act through the hall as
hands do. A visitor is driven by the scenes that come, not by a loop of their own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from random import Random

from drivers.frozen import dataclass
from kiosk.glass import Glass
from kiosk.screens import (
    Answer,
    Attract,
    Back,
    Balance,
    EnterPin,
    Finish,
    Goodbye,
    InsertCard,
    Key,
    KnowsPin,
    LastTry,
    LayIdCard,
    Menu,
    Movements,
    OutOfOrder,
    PartialResult,
    Pick,
    PinProblem,
    PinPurpose,
    Prefer,
    Proceed,
    Refusal,
    Result,
    Scene,
    ShowCode,
    StillThere,
    TakeCard,
    Touched,
    WhichAccount,
    Working,
)
from kiosk.simulation.hall import NEIGHBOUR, Hall

TRIES = 4
"""So often the same trouble is met before somebody gives up."""
COMES_BACK_S = (20.0, 400.0)
"""After so long whoever left a card comes back for it, or the hall's staff takes it out."""
WEAK = ("123456", "111111", "888888", "147258", "112233", "123123", "199001")
_BETWEEN = (Attract, OutOfOrder)
_WAITED_AT = (InsertCard, LayIdCard, ShowCode, EnterPin, TakeCard, Refusal)
"""What nobody tries again only because nothing came of it."""
_PAPERS = (0.92, 0.04, 0.04)
"""How many come with which of the :class:`Papers`."""
_WISHES = (
    ("language", "en"),
    ("language", "zh"),
    ("size", "large"),
    ("size", "xlarge"),
    ("size", "normal"),
    ("contrast", "high"),
    ("reach", "low"),
    ("hand", "left"),
    ("language", "xx"),
)


class Papers(StrEnum):
    """The ID card that somebody comes with."""

    OWN = "own ID card"
    ANOTHER = "comes for somebody else"
    """With the card of one person, and the ID card and phone of another."""
    EXPIRED = "expired ID card"


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody is. Probabilities are per screen."""

    quick_s: float
    slow_s: float
    service: str
    card_first: bool
    by_code: bool
    choice: str
    """``change`` or ``reset``."""
    browses: int
    leaves: float
    pulls: float
    taps_twice: float
    wishes: float
    strays: float
    """Touches, goes back or finishes without reason."""
    forgets: float
    """Enters a PIN that is not the card's."""
    weak_first: bool
    careless: float
    """Lays another ID card, shows an old code, puts the card in the wrong way, brings a bank card."""
    takes_offers: bool
    neighbour: float
    """Somebody else reaches in between."""
    papers: Papers
    """Which ID card lies in the pocket, whatever the card is; nobody has another with them."""


def draw_manner(chance: Random) -> Manner:
    """Somebody of whom most things are ordinary."""

    def sometimes(share: float, most: float) -> float:
        return chance.random() * most if chance.random() < share else 0.0

    hesitant = chance.random() < 0.02
    quick = chance.uniform(20.0, 80.0) if hesitant else chance.choice((0.1, 0.3, 0.8, 1.5))
    return Manner(
        quick_s=quick,
        slow_s=quick * chance.choice((1.0, 1.5, 2.0)),
        service=chance.choice(("activate", "activate", "password", "password", "balance")),
        card_first=chance.random() < 0.4,
        by_code=chance.random() < 0.3,
        choice=chance.choice(("change", "change", "reset")),
        browses=chance.choice((0, 0, 1, 3)),
        leaves=sometimes(0.1, 0.2),
        pulls=sometimes(0.1, 0.2),
        taps_twice=sometimes(0.2, 0.8),
        wishes=sometimes(0.15, 0.4),
        strays=sometimes(0.12, 0.3),
        forgets=sometimes(0.15, 1.0),
        weak_first=chance.random() < 0.1,
        careless=sometimes(0.15, 0.6),
        takes_offers=chance.random() < 0.6,
        neighbour=sometimes(0.08, 0.2),
        papers=chance.choices(tuple(Papers), _PAPERS)[0],
    )


class Visitor:
    """``pins`` are those that this person believes the card may have, likeliest first; they are kept up to date.

    ``lays`` and ``shows`` are called with the slug of whose valid ID card is laid down, and of whose fresh code is held
    before the camera. ``gone`` is called once, when the visitor has left with everything they brought.
    """

    def __init__(
        self,
        hall: Hall,
        chance: Random,
        manner: Manner,
        pins: list[str],
        *,
        submitted: Callable[[], None],
        disturbed: Callable[[], None],
        chose: Callable[[str], None],
        did: Callable[[str], None],
        lays: Callable[[str], None],
        shows: Callable[[str], None],
        gone: Callable[[], None],
    ) -> None:
        self._hall = hall
        self._chance = chance
        self._manner = manner
        self._pins = pins
        self._submitted = submitted
        self._disturbed = disturbed
        self._chose = chose
        self._did = did
        self._lays = lays
        self._shows = shows
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._glass: Glass | None = None
        self._tries: Counter[str] = Counter()
        self._served = False
        self._away = False
        self._left = False
        self._acting = 0
        self._reaching = False
        self._tried = 0
        self._new = ""
        self._browsed = 0
        self._shy_of_weak = not manner.weak_first

    # --- seeing --------------------------------------------------------------------------------------------------

    def stands_before(self, glass: Glass) -> None:
        """Come to this glass, and act upon what stands there."""
        self._glass = glass
        if glass.scene is not None:
            self.sees(glass.scene)

    def sees(self, scene: Scene) -> None:
        """A new scene stands on the glass."""
        if self._left:
            return
        if not isinstance(scene.screen, _BETWEEN):
            self._served = True
        elif self._served:
            self._leave()
            return
        if self._away:
            return
        self._acting += 1
        pause = self._chance.uniform(self._manner.quick_s, self._manner.slow_s)
        if isinstance(scene.screen, TakeCard):  # reminded again and again while they reach for it
            if not self._tries["reach"]:
                self._loop.call_later(pause, self._fetch)
            self._tries["reach"] += 1
            return
        if isinstance(scene.screen, ShowCode):
            if not self._reaching:
                self._reaching = True
                self._loop.call_later(pause, self._reach_for_phone)
            return
        self._loop.call_later(pause, self._act_upon, scene.serial, self._acting)

    def _reach_for_phone(self) -> None:
        """A code that lies before the camera is read again and again, quicker than many people act."""
        self._reaching = False
        scene = None if self._glass is None else self._glass.scene
        if scene is not None and isinstance(scene.screen, ShowCode):
            self._act_upon(scene.serial, self._acting)
        elif scene is not None and isinstance(scene.screen, Working):
            self._reaching = True
            self._loop.call_later(0.3, self._reach_for_phone)

    def goes_dark(self) -> None:
        """The power is gone: nobody waits before a black screen for long."""
        self._glass = None
        if not self._left:
            self._loop.call_later(self._chance.uniform(1.0, 60.0), self._leave)

    # --- acting --------------------------------------------------------------------------------------------------

    def _act_upon(self, serial: int, acting: int) -> None:
        glass = self._glass
        if self._left or self._away or glass is None or glass.scene is None or acting != self._acting:
            return
        scene, manner = glass.scene, self._manner
        if scene.serial != serial:
            return
        mood = self._chance.random()
        for what, share in (("leaves", manner.leaves), ("pulls", manner.pulls), ("neighbour", manner.neighbour)):
            if mood < share and self._served:
                self._misbehave(what)
                if what == "leaves":
                    return
                break
            mood -= share
        if mood < manner.wishes:
            self._did("wishes")
            self._say(Prefer(*self._chance.choice(_WISHES)))
            return  # the same question comes again
        if self._chance.random() < manner.strays:
            self._did("strays")
            self._disturbed()
            self._say(self._chance.choice((Touched(), Back(), Finish(), Proceed(), Pick("nothing"), Key(3))))
        self._act(scene)
        if self._chance.random() < manner.taps_twice:
            self._did("taps twice")
            self._say(Proceed(), serial)
            self._loop.call_later(0.1, self._say, Proceed(), serial)
        if not isinstance(scene.screen, Attract) and self._tired("the same screen", 400):
            self._leave()
        elif not isinstance(scene.screen, _WAITED_AT):
            # Whoever sees that nothing came of it tries again.
            self._loop.call_later(15.0, self._act_upon, serial, self._acting)

    def _misbehave(self, what: str) -> None:
        self._did(what)
        if what == "neighbour":
            if self._hall.slot.chip is None:
                self._hall.swap_card(NEIGHBOUR)
            self._lay_neighbours_id()
            self._disturbed()
            return
        self._disturbed()
        if what == "pulls" or self._chance.random() < 0.5:
            self._hall.pull_card()
        if what == "leaves":
            self._away = True
            self._loop.call_later(self._chance.uniform(*COMES_BACK_S), self._fetch)

    def _fetch(self) -> None:
        """Back for what was forgotten."""
        self._hall.pull_card()
        if not self._served:
            self._leave()

    def _leave(self) -> None:
        if self._left:
            return
        self._left = True
        self._hall.pull_card()
        self._hall.lift_id()
        self._hall.hide_code()
        self._hall.take_slip()
        self._gone()

    def _say(self, answer: Answer, serial: int | None = None) -> None:
        glass = self._glass
        if glass is not None and glass.scene is not None:
            glass.receive(answer, glass.scene.serial if serial is None else serial)

    def _tired(self, of: str, tries: int = TRIES) -> bool:
        self._tries[of] += 1
        return self._tries[of] > tries

    def _careless(self) -> bool:
        if self._chance.random() < self._manner.careless:
            self._did("careless")
            return True
        return False

    def _act(self, scene: Scene) -> None:
        hall, manner = self._hall, self._manner
        match scene.screen:
            case EnterPin():
                self._enter(scene, scene.screen)
            case Attract():
                if self._tired("attract", 8):
                    self._leave()
                elif manner.card_first:
                    self._insert()
                else:
                    self._say(Pick(manner.service))
            case Menu():
                self._say(Finish() if self._tired("menu") else Pick(manner.service))
            case InsertCard(card_in=card_in, without_card=without_card):
                if self._tired("card"):
                    self._disturbed()
                    hall.pull_card()
                    self._say(Finish())
                elif card_in:
                    hall.pull_card()
                elif without_card and manner.by_code:
                    self._say(Pick("credential"))
                else:
                    self._insert()
            case KnowsPin(locked=locked):
                self._say(Pick("reset" if locked else manner.choice))
            case LayIdCard(or_credential=or_credential, way_back=way_back):
                if self._tired("ID card"):
                    self._say(Finish())
                elif way_back and self._chance.random() < manner.forgets / 4:
                    self._did("goes back to the PIN")
                    self._say(Back())
                elif manner.by_code and or_credential:
                    self._say(Pick("credential"))
                else:
                    self._lay_id()
            case ShowCode():
                self._show_code()
            case Balance():
                self._browse(scene.screen)
            case WhichAccount(insurances=insurances):
                self._say(Back() if self._browsed > manner.browses else Pick(self._chance.choice(insurances)))
            case Movements():
                self._browsed += 1
                steps = (Pick("older"), Pick("newer"), Pick("print"))
                self._say(Back() if self._browsed > manner.browses else self._chance.choice(steps))
            case LastTry():
                self._say(Pick("reset") if manner.takes_offers else Proceed())
            case Refusal(offer=offer):
                takes = offer is not None and manner.takes_offers and not self._tired("offer", 2)
                self._say(Pick(offer.id) if takes and offer is not None else Proceed())
            case Result() | PartialResult():
                self._remember(scene.screen)
                self._say(self._goes_on(scene.screen))
            case StillThere() | Goodbye() | OutOfOrder():
                self._say(Proceed())
            case other:
                self._say(Proceed() if Proceed in other.answers else Touched())

    def _insert(self) -> None:
        hall = self._hall
        if not self._careless():
            hall.insert_card()
            return
        wrongly = (hall.insert_card_wrong_way, hall.insert_foreign_card, lambda: hall.swap_card(NEIGHBOUR))
        self._disturbed()
        self._chance.choice(wrongly)()

    def _lay_id(self) -> None:
        hall, papers = self._hall, self._manner.papers
        hall.lift_id()
        if papers is not Papers.OWN:
            self._did(papers)
        if papers is Papers.ANOTHER or self._careless():
            self._lay_neighbours_id()
        elif papers is Papers.EXPIRED:
            hall.lay_expired_id()
        else:
            self._lays(hall.person.slug)
            hall.lay_id()

    def _lay_neighbours_id(self) -> None:
        self._lays(NEIGHBOUR)
        self._hall.lay_other_id()

    def _show_code(self) -> None:
        hall = self._hall
        if self._tired("code"):
            self._say(Finish())
            return
        hall.hide_code()
        try:
            if self._careless():
                self._chance.choice((hall.show_expired_code, hall.show_payment_code))()
            elif self._manner.papers is Papers.ANOTHER:
                self._did(Papers.ANOTHER)
                self._shows(NEIGHBOUR)
                hall.show_other_code()
            else:
                self._shows(hall.person.slug)
                hall.show_code()
        except KeyError:  # the insurer has issued nothing to this person
            self._say(Finish())

    def _browse(self, screen: Balance) -> None:
        if self._tired("balance", 8):
            self._say(Finish())
        elif screen.hidden:
            self._say(Pick("show"))
        elif self._browsed <= self._manner.browses and self._manner.browses:
            self._say(Pick("movements"))
        else:
            self._say(Pick("print"))

    def _goes_on(self, screen: Result | PartialResult) -> Answer:
        """Most people want what they came for."""
        wanted = screen.go_on if isinstance(screen, Result) else None
        if wanted is None or not self._manner.takes_offers:
            return Proceed()
        self._did("goes on after another errand")
        return Pick(wanted.id)

    def _remember(self, screen: Result | PartialResult) -> None:
        if screen.task in ("activated", "pin_reset", "pin_changed", "pin_set_unrecorded"):
            self._pins[:] = [self._new]
        elif screen.task in ("activated_pin_unproved", "pin_unproved"):
            self._pins[:] = [self._new, *self._pins[:1]]

    # --- the PIN -------------------------------------------------------------------------------------------------

    def _enter(self, scene: Scene, screen: EnterPin) -> None:
        if self._tired(f"PIN {screen.purpose}", 8 if screen.purpose is PinPurpose.CURRENT else TRIES):
            self._say(Finish())
            return
        if screen.or_reset and self._manner.takes_offers and self._manner.forgets > self._chance.random() * 4:
            self._did("says that the PIN is forgotten")
            self._say(Pick("reset"))
            return
        digits = self._digits_for(screen)
        self._say(Key(9))
        for digit in digits:
            self._say(Key(10 if digit == "0" else int(digit) - 1))
        if screen.purpose is PinPurpose.CURRENT:
            self._submitted()
        elif screen.purpose is PinPurpose.NEW:
            self._chose(digits)
        self._say(Proceed(), scene.serial)

    def _digits_for(self, screen: EnterPin) -> str:
        if screen.purpose is PinPurpose.CURRENT:
            if self._chance.random() < self._manner.forgets:
                self._did("forgets the PIN")
                return f"{self._chance.randrange(10**6):06d}"
            if screen.problem is PinProblem.WRONG:
                self._tried += 1
            return self._pins[self._tried % len(self._pins)]
        if screen.purpose is PinPurpose.NEW:
            if not self._shy_of_weak:
                self._shy_of_weak = True
                self._did("enters a weak PIN")
                self._new = self._chance.choice(WEAK)[:6].ljust(6, "0")
            else:
                self._new = f"{self._chance.randrange(10**6):06d}"
            return self._new
        if self._chance.random() < self._manner.forgets * 0.3:
            return f"{self._chance.randrange(10**6):06d}"
        return self._new
