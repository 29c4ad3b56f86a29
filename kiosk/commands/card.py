"""``kiosk card``: the public fields of the card in the reader."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

from drivers import registry
from drivers.api import CardError, CardReader, Condition, DeviceInUse, DeviceLost, DeviceTimeout, MuteCard, PulledEarly
from drivers.card.authority import AuthorityRefused
from drivers.card.social_security import NotSocialSecurityCard, ReadKeyRequired, SocialSecurityCard
from kiosk.commands.failure import IN_USE, Failure
from kiosk.text import card_tail, mask_id_number, mask_name

NO_CARD_S = 3.0
"""A card that is in answers within this time; whoever runs the command has put it in before."""
DEADLINE_S = 6.0
"""For all of it, so that a card which says nothing is told of within 10 s, freeing the reader included."""

NO_READER, NO_CARD, UNSUPPORTED, UNREADABLE, PULLED, MUTE = range(3, 9)
"""Exit statuses; scripts rely on them."""

_STATUSES = f"""exit status:
  0  the card was read
  2  the command line is wrong
  {NO_READER}  no card reader, or no PC/SC service
  {NO_CARD}  no card in the reader
  {UNSUPPORTED}  unsupported card: no social-security card, or one that wants a read key
  {UNREADABLE}  unreadable card: its answers are errors or nonsense
  {PULLED}  the card was pulled while it was read
  {MUTE}  the card does not answer (told within 10 s)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _STATUSES
    parser.add_argument(
        "--reader", default="", metavar="NAME", help="part of the reader's name; the first one if left out"
    )
    parser.add_argument("--reveal", action="store_true", help="show personal fields in full instead of masked")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")


def run(arguments: argparse.Namespace) -> int:
    fields = asyncio.run(_read(arguments.reader, reveal=arguments.reveal))
    if arguments.json:
        print(json.dumps(fields, ensure_ascii=False))
    else:
        holder = fields.pop("holder")
        for name, value in {**fields, **{f"holder {k}": v for k, v in holder.items()}}.items():
            print(f"{name:18} {value}")
    return 0


async def _read(reader_name: str, *, reveal: bool) -> dict[str, Any]:
    reader = registry.build(registry.CARD_READERS, f"pcsc:{reader_name}")
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await _fields(reader, reveal=reveal)
    except TimeoutError as error:
        raise Failure(
            f"the card does not answer within {DEADLINE_S:.0f} s; take it out and try another", MUTE
        ) from error
    except DeviceInUse as error:
        raise Failure(f"{error}; {IN_USE}", NO_READER) from error
    except DeviceLost as error:
        raise Failure(f"no card reader: {error}; plug one in and see that pcscd runs", NO_READER) from error
    except PulledEarly as error:
        raise Failure("the card was pulled while it was read; insert it again and leave it in", PULLED) from error
    except (MuteCard, DeviceTimeout) as error:
        raise Failure("the card does not answer; turn it round, or wipe the chip", MUTE) from error
    except NotSocialSecurityCard as error:
        raise Failure("unsupported card: this is no social-security card; insert one", UNSUPPORTED) from error
    except (ReadKeyRequired, AuthorityRefused) as error:
        raise Failure("unsupported card: it wants a read key, which this command does not have", UNSUPPORTED) from error
    except CardError as error:
        raise Failure(
            f"the card cannot be read ({type(error).__name__}: {error}); wipe the chip, try again", UNREADABLE
        ) from error
    finally:
        await reader.close()


async def _fields(reader: CardReader, *, reveal: bool) -> dict[str, Any]:
    try:
        async with asyncio.timeout(NO_CARD_S):
            card = await reader.card()
    except TimeoutError as error:
        health = await reader.health()
        if health.condition in (Condition.NO_DEVICE, Condition.OFFLINE):
            raise DeviceLost(health.detail or health.condition.value) from error
        raise Failure("no card in the reader; insert one", NO_CARD) from error
    try:
        chip = await SocialSecurityCard.select(card)
        face = await chip.public()
        holder = await chip.holder()
        return {
            "region": face.region,
            "card_id": face.card_id.hex().upper() if reveal else f"{face.card_id.hex().upper()[:6]}…",
            "category": face.category,
            "number": face.number if reveal else f"*****{card_tail(face.number)}",
            "version": face.version,
            "issued": face.issued,
            "expires": face.expires,
            "atr": card.atr.hex().upper(),
            "holder": {
                "id_number": holder.id_number if reveal else mask_id_number(holder.id_number),
                "name": holder.name if reveal else mask_name(holder.name),
                "sex": holder.sex,
                "nation": holder.nation,
                "born": holder.born if reveal else f"{holder.born[:4]}****",
            },
        }
    finally:
        await card.release()
