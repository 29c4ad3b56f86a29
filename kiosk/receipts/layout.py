"""From a slip's facts to a page for any printer, in the citizen's language."""

from __future__ import annotations

from datetime import date

from drivers.api import Align, Block, Page, Pair, Qr, Rule, Space, Text
from kiosk.insurer.api import MonthLedger
from kiosk.money import Fen
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import Cause, Refusal
from kiosk.settings import Settings
from kiosk.text import Catalogue, digits_of


def lay_out(slip: SlipFacts, sealed: str, words: Catalogue, settings: Settings) -> Page:
    """The whole slip: heading, the outcome, what comes next, then who and when, and the sealed code."""

    def say(key: str, **facts: object) -> str:
        return words.say(f"slip.{key}", **facts)

    kind = slip.kind.value
    blocks: list[Block] = [
        Text(settings.place[words.language], align=Align.CENTRE),
        Text(say(f"{kind}.heading"), align=Align.CENTRE, scale=2, bold=True),
        Space(1),
        Rule(),
        *(_hand_over(slip, slip.refused, words) if slip.refused is not None else _outcome(slip, words)),
        Rule(),
    ]
    if slip.holder.name:
        blocks.append(Pair(say("name_label"), slip.holder.name))
    if slip.holder.card_tail:
        blocks.append(Pair(say("card_label"), slip.holder.card_tail))
    numbered = f"{kind}.number_label" if f"slip.{kind}.number_label" in words else "number_label"
    blocks += [
        Pair(say("time_label"), words.show(slip.at)),
        Pair(say("terminal_label"), settings.terminal),
        Pair(say(numbered), slip.number),
    ]
    said = any(digits_of(say("hotline")) in block.text for block in blocks if isinstance(block, Text))
    blocks += [
        Space(2),
        Qr(sealed),
        Text(say("verify"), align=Align.CENTRE),
        Space(1),
        Text(say("keep"), align=Align.CENTRE),
        *([] if said else [Text(say("hotline"), align=Align.CENTRE)]),
    ]
    if settings.simulated:
        blocks.append(Text(say("simulated"), align=Align.CENTRE, bold=True))
    return Page(tuple(blocks))


def _hand_over(slip: SlipFacts, refused: Refusal, words: Catalogue) -> list[Block]:
    """What was wanted, how far it went, why it ended; where to go with it and what to bring, in the screen's words."""

    def say(key: str) -> str:
        return words.say(f"slip.hand_over.{key}")

    told = words.wording(refused)
    wanted = f"common.service.{slip.service}.title"
    unsure = refused.cause is Cause.FAULT
    done = "done_identity" if slip.identity_proved else "done_card" if slip.holder.card_tail else "done_nothing"
    blocks: list[Block] = [
        Text(say("outcome_unsure"), bold=True) if unsure else Text(say("outcome"), scale=2, bold=True),
        Text(told["title"].replace("\n", "")),
        Pair(say("wanted_label"), words.say(wanted) if wanted in words else say("wanted_unknown")),
        Pair(say("done_label"), say(done)),
        Pair(say("code_label"), refused.code),
        Rule(),
        Text(told["where_label"]),
        Text(told["where"], bold=True),
        Text(told["bring_label"]),
        Text(told["bring"], bold=True),
        Rule(),
        Text(say("staff")),
    ]
    return blocks


_ACTIVATED = (SlipKind.ACTIVATED, SlipKind.ACTIVATED_WITHOUT_PIN, SlipKind.ACTIVATED_PIN_UNPROVED)


def _outcome(slip: SlipFacts, words: Catalogue) -> list[Block]:
    """What the citizen wants to know, in large letters, and what follows from it."""
    if slip.kind is SlipKind.BALANCE:
        return _balance(slip, words)
    told = f"slip.{slip.kind.value}"
    if f"{told}_{slip.service}.outcome" in words:
        told = f"{told}_{slip.service}"
    blocks: list[Block] = [Text(words.say(f"{told}.outcome"), scale=2, bold=True)]
    if f"{told}.detail" in words:
        blocks.append(Text(words.say(f"{told}.detail")))
    if slip.kind in _ACTIVATED:
        effect = "effect_next_day" if slip.next_day else "effect_now"
        # Without a password that is proved nobody can pay with the card yet.
        pin_open = "" if slip.kind is SlipKind.ACTIVATED else "_pin_open"
        blocks.append(Text(words.say(f"slip.activated.{effect}{pin_open}")))
    if slip.kind is SlipKind.ACTIVATED:
        bank = f"common.bank.{slip.bank}"
        blocks.append(
            Text(words.say("slip.activated.bank", bank=words.say(bank)))
            if bank in words
            else Text(words.say("slip.activated.bank_unknown"))
        )
    after = "next" if slip.can_reset or f"{told}.next_at_counter" not in words else "next_at_counter"
    if f"{told}.{after}" in words:
        blocks += [Space(1), Text(words.say(f"{told}.{after}"))]
    return blocks


def _balance(slip: SlipFacts, words: Catalogue) -> list[Block]:
    blocks: list[Block] = []
    several = len(slip.accounts) > 1
    for account in slip.accounts:
        if account.balance is not None:
            blocks.append(Pair(_insurance(account.insurance, words), _amount(account.balance, words), bold=not several))
    if several:
        blocks += [Rule(), Pair(words.say("slip.balance.total"), _amount(slip.total, words), bold=True)]
    if slip.as_of is not None:
        blocks.append(Text(words.say("slip.balance.as_of", at=slip.as_of)))
    if slip.ledger is not None:
        blocks.append(Space(2))
        if several:  # a month of one of them closes with none of the sums above
            blocks.append(Text(_insurance(slip.ledger_of, words), bold=True))
        blocks += _month(slip.ledger, slip.at.date(), words)
    return blocks


def _insurance(code: str, words: Catalogue) -> str:
    known = f"common.insurance.{code}"
    return words.say(known if known in words else "common.insurance.other")


def _month(ledger: MonthLedger, today: date, words: Catalogue) -> list[Block]:
    """In the words of the screen of the same month."""
    money_in = Fen(sum(m.amount for m in ledger.movements if m.amount > 0))
    money_out = Fen(sum(m.amount for m in ledger.movements if m.amount < 0))
    name = words.say(f"common.month.{ledger.month}")
    closing = "closing_now" if (ledger.year, ledger.month) == (today.year, today.month) else "closing"
    blocks: list[Block] = [
        Text(words.say("slip.balance.month", year=ledger.year, month_name=name), bold=True),
        Pair(words.say("Movements.opening"), ledger.opening.yuan()),
        Rule(),
    ]
    if not ledger.movements:
        blocks.append(Text(words.say("Movements.empty")))
    for movement in ledger.movements:
        label = f"{movement.on:%m-%d} {words.say(f'common.movement.{movement.kind.value}')}"
        blocks.append(Pair(f"{label} {movement.place}".rstrip(), signed(movement.amount)))
    blocks += [
        Rule(),
        Pair(words.say("Movements.money_in"), signed(money_in)),
        Pair(words.say("Movements.money_out"), signed(money_out)),
        Pair(words.say(f"Movements.{closing}"), ledger.closing.yuan(), bold=True),
    ]
    return blocks


def _amount(amount: Fen, words: Catalogue) -> str:
    return words.say("slip.amount", amount=amount)


def signed(amount: Fen) -> str:
    """With its sign in front, as both screen and slip show a movement: ``+102.60``, ``−86.40``."""
    return amount.yuan() if amount <= 0 else f"+{amount.yuan()}"
