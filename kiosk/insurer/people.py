"""Invented people: who they are, what is in their chip, what the insurer holds of them, what they carry.

Every one of them is made up: the commonest surnames, numbers with a right check digit but a sequence part
(900-995) that is seldom given out, streets that do not exist. The same seed gives the same people on every
day; only what must be fresh (validity of the document, the ledger, dates of the card) is reckoned from the day
passed in. Named cases come first and keep their slug for ever, because the dock, the demo and tests ask for
them by it. No real person's datum may enter this module or its tables, not even from a published example.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import field
from datetime import date, timedelta
from functools import lru_cache

from drivers.api import DocumentKind, IdDocument
from drivers.card.chip_profile import ChipProfile
from drivers.frozen import dataclass
from drivers.idnumber import check_digit
from kiosk.insurer.api import CardRef, CardState, Person
from kiosk.insurer.sample_ledger import Income, SampleAccount, history
from kiosk.insurer.sample_names import (
    BANKS,
    COMPOUND_SURNAMES,
    DISTRICTS,
    ELSEWHERE,
    GIVEN_FEMALE,
    GIVEN_MALE,
    MINORITY_NAMES,
    RARE_GIVEN,
    STREETS,
    SURNAMES,
)

HOME_REGION = "410100"
SAMPLE_PIN = "729416"
"""PIN of every sample card that is in use; none of the weak ones."""
INITIAL_PIN = "123456"
"""PIN of a sample card that was never activated; cities differ (docs/protocols.md section 1.6)."""
CROWD = 300
"""How many people there are besides the named cases."""

_DOCUMENT_NAME_BYTES = 30
"""Room for the name in an identity document, UTF-16 (docs/protocols.md section 2.2)."""
_FIRST_SEQUENCE, _LAST_SEQUENCE = 900, 995


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """An invented person with everything they bring along and everything the insurer holds of them."""

    slug: str
    english: str
    """One line for the dock: why one would pick this person."""
    chinese: str
    person: Person
    chip: ChipProfile
    state: CardState
    """What the insurer says of the card; ``UNKNOWN`` for a card that it never made."""
    since: date | None
    bank: str
    accounts: tuple[SampleAccount, ...] = field(repr=False)
    document: IdDocument
    """What this person lays on the pad; not always their own."""

    @property
    def card(self) -> CardRef:
        return CardRef(self.chip.identity.region, self.chip.card_id.hex().upper(), self.chip.number)


def population(today: date, seed: int = 1) -> tuple[SamplePerson, ...]:
    """Every sample person, the named cases first. The same arguments give the same (cached) people."""
    return _population(today, seed)


@lru_cache(maxsize=4)
def _population(today: date, seed: int) -> tuple[SamplePerson, ...]:
    from kiosk.insurer.sample_cases import named_cases  # it is written in terms of this module

    named = named_cases(today)
    taken = {sample.person.id_number for sample in named}
    return named + tuple(_passer_by(index, today, seed, taken) for index in range(1, CROWD + 1))


def named(slug: str, today: date, seed: int = 1) -> SamplePerson:
    """One person by slug. Raises KeyError for a slug that nobody has."""
    for sample in population(today, seed):
        if sample.slug == slug:
            return sample
    raise KeyError(slug)


def credential_text(digits: Callable[[int], str], province: str = "41") -> str:
    """A fresh e-credential, the 28 digits of the QR code (docs/protocols.md section 4).

    ``digits(n)`` gives n random decimal digits: 17 that identify the credential and 2 that are noise.
    """
    return f"424{digits(17)}{digits(2)}{province}0000"


def id_number(division: str, born: date, sequence: int) -> str:
    """An identity number with its check digit; an odd ``sequence`` belongs to a man (section 2.4)."""
    first17 = f"{division}{born:%Y%m%d}{sequence:03d}"
    return first17 + check_digit(first17)


def chip_for(
    slug: str,
    *,
    name: str,
    number: str,
    sex: str,
    nation: str,
    born: date,
    today: date,
    region: str = HOME_REGION,
    pin: str = SAMPLE_PIN,
) -> ChipProfile:
    """The chip as it left the factory three years ago; what is unique in it follows from the slug."""
    unique = hashlib.sha256(f"chip of {slug}".encode()).digest()
    return ChipProfile(
        # The constant middle is that of cards in the field (docs/protocols.md section 1.2).
        card_id=bytes.fromhex(region + "D156000005") + unique[:8],
        number="ABCDEFGH"[unique[8] % 8] + f"{int.from_bytes(unique[9:14], 'big') % 10**8:08d}",
        id_number=number,
        name=name,
        sex=sex,
        nation=nation,
        birthplace=number[:6],
        born=f"{born:%Y%m%d}",
        issued=f"{today.year - 3}0601",
        expires=f"{today.year + 7}0601",
        organisation=bytes.fromhex("9156000002" + region + "00000001"),
        historical=bytes.fromhex("8654") + unique[14:20],
        pin=pin,
    )


def document_for(
    *, name: str, number: str, sex: str, nation: str, born: date, today: date, address: str, issuer: str
) -> IdDocument:
    """A resident identity card that is valid today. Its chip holds fifteen characters of a name, no more."""
    age = today.year - born.year
    years = 5 if age < 16 else 10 if age < 26 else 20
    valid_from = max(born + timedelta(days=90), today - timedelta(days=700))
    return IdDocument(
        kind=DocumentKind.RESIDENT,
        name=name_on_document(name),
        number=number,
        sex=sex,
        born=born,
        valid_from=valid_from,
        valid_to=None if age >= 46 else _years_later(valid_from, years),
        long_term=age >= 46,
        nation=nation,
        address=address,
        issuer=issuer,
    )


def name_on_document(name: str) -> str:
    """As much of the name as the document's field holds (characters outside the basic plane count twice)."""
    kept = name
    while len(kept.encode("utf-16-le")) > _DOCUMENT_NAME_BYTES:
        kept = kept[:-1]
    return kept


def address_in(division: str, house: int) -> tuple[str, str]:
    """An invented address in a division, and the office that issues identity documents there."""
    street = STREETS[house % len(STREETS)]
    if division in DISTRICTS:
        district = DISTRICTS[division]
        urban = district.endswith("区")
        office = f"郑州市公安局{district[:-1]}分局" if urban else f"{district}公安局"
        return f"河南省郑州市{district}{street}{house}号", office
    where, issuer = ELSEWHERE[division]
    return f"{where}{street}{house}号", issuer


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)


# --- passers-by ------------------------------------------------------------------------------------------

_STATES = (
    (CardState.ACTIVE, 56),
    (CardState.ISSUED, 26),
    (CardState.TEMPORARILY_LOST, 4),
    (CardState.LOST, 4),
    (CardState.CANCELLED, 3),
    (CardState.IN_MAKING, 4),
    (CardState.SEALED, 2),
    (CardState.UNKNOWN, 1),
)


def _passer_by(index: int, today: date, seed: int, taken: set[str]) -> SamplePerson:
    rng = random.Random(f"{seed}:{index}")  # noqa: S311 - invented people, not secrets
    name, sex, nation = _name(rng)
    # Born 1936-2020 whatever the day is: a person's number must not move with the calendar.
    born = date(1936, 1, 1) + timedelta(days=rng.randrange(85 * 365))
    division = rng.choice(tuple(DISTRICTS)) if rng.random() < 0.88 else rng.choice(tuple(ELSEWHERE))
    number = _free_number(rng, division, born, sex, taken)
    state = rng.choices([s for s, _ in _STATES], [weight for _, weight in _STATES])[0]
    slug = f"citizen{seed}-{index:03d}"
    pin = INITIAL_PIN if state in (CardState.ISSUED, CardState.IN_MAKING) else SAMPLE_PIN
    address, issuer = address_in(division, rng.randint(1, 299))
    age = today.year - born.year
    return SamplePerson(
        slug=slug,
        english=f"passer-by, about {age}, card {state.value.replace('_', ' ')}",
        chinese=f"路人，约{age}岁",
        person=Person(name, number, born),
        chip=chip_for(slug, name=name, number=number, sex=sex, nation=nation, born=born, today=today, pin=pin),
        state=state,
        since=None if state is CardState.UNKNOWN else today - timedelta(days=rng.randint(5, 900)),
        bank=rng.choice(BANKS),
        accounts=_accounts(rng, today, age, used=state not in (CardState.ISSUED, CardState.IN_MAKING)),
        document=document_for(
            name=name,
            number=number,
            sex=sex,
            nation=nation,
            born=born,
            today=today,
            address=address,
            issuer=issuer,
        ),
    )


def _name(rng: random.Random) -> tuple[str, str, str]:
    chance = rng.random()
    if chance < 0.08:
        return rng.choice(MINORITY_NAMES)
    sex = rng.choice(("male", "female"))
    given = rng.choice(GIVEN_MALE if sex == "male" else GIVEN_FEMALE)
    if chance < 0.14:
        return rng.choice(COMPOUND_SURNAMES) + given, sex, "01"
    surname = SURNAMES[min(int(rng.expovariate(1 / 12)), len(SURNAMES) - 1)]
    if chance < 0.22:
        return surname + rng.choice(RARE_GIVEN), sex, "01"
    return surname + given, sex, "01"


def _free_number(rng: random.Random, division: str, born: date, sex: str, taken: set[str]) -> str:
    odd = sex == "male"
    while True:
        sequence = rng.randint(_FIRST_SEQUENCE // 2, (_LAST_SEQUENCE - 1) // 2) * 2 + odd
        number = id_number(division, born, sequence)
        if number not in taken:
            taken.add(number)
            return number


def _accounts(rng: random.Random, today: date, age: int, *, used: bool) -> tuple[SampleAccount, ...]:
    if age < 18 or rng.random() < 0.25:
        return (history(rng, today, insurance="390", income=Income.NONE, opening=0, months=1, outings=0),)
    months, opening = rng.randint(7, 14), rng.randint(0, 600_000)
    # The account of a card that was never activated cannot be spent from.
    outings = 3 if used else 0
    if age >= 60:
        main = history(
            rng,
            today,
            income=Income.PENSION,
            wage=rng.randint(6_000, 12_000),
            opening=opening,
            months=months,
            outings=outings,
        )
    else:
        main = history(
            rng, today, wage=rng.randint(400_000, 1_800_000), opening=opening, months=months, outings=outings
        )
    if rng.random() < 0.1:
        return main, history(
            rng,
            today,
            insurance="320",
            income=Income.YEARLY,
            wage=60_000,
            opening=20_000,
            outings=outings // 3,
        )
    return (main,)
