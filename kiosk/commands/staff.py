"""``kiosk staff``: who may enter operator mode at this terminal, and leave for simulated devices.

PINs and passphrases are typed twice where a person sits, or come line by line on standard input; they are never
arguments, which other users of the machine can read.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from kiosk import compose, config
from kiosk.commands.failure import Failure
from kiosk.commands.owner import continue_as_owner
from kiosk.config import Config
from kiosk.maintenance import permission
from kiosk.maintenance.credentials import PASSPHRASE_LEAST, Role, StaffFile
from kiosk.maintenance.whole_file import FileUnusable
from kiosk.pin import LENGTH, Pin, weakness

USAGE = 2
CARD_S = 30.0
"""How long a staff card is waited for."""
Ask = Callable[[str], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="enrol somebody; prints the number to enter with")
    add.add_argument("name", help="for this list only; it stands in no record")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--card", action="store_true", help="also with the staff card that is put into the reader now")
    listing = acts.add_parser("list", help="who is enrolled")
    listing.add_argument("--json", action="store_true")
    remove = acts.add_parser("remove", help="forget somebody")
    remove.add_argument("number")
    allow = acts.add_parser("allow-simulated", help="let a production terminal play devices for some days")
    allow.add_argument("--engineer", required=True, metavar="NUMBER")
    allow.add_argument("--days", type=int, default=1, help=f"1 to {permission.LONGEST_DAYS} (default %(default)s)")
    forbid = acts.add_parser("forbid-simulated", help="take that back")
    for one in (add, listing, remove, allow, forbid):
        one.add_argument("--config", type=Path, metavar="FILE", help="the terminal's configuration")
    for one in (add, allow):
        one.add_argument("--stdin", action="store_true", help="secrets come on standard input, one a line")


def run(arguments: argparse.Namespace) -> int:
    configuration = config.of(arguments.config)
    continue_as_owner(configuration.data)
    staff = compose.staff_of(configuration)
    try:
        match arguments.act:
            case "add":
                return _add(arguments, configuration, staff)
            case "list":
                return _list(staff, as_json=arguments.json)
            case "remove":
                return _remove(staff, arguments.number)
            case "allow-simulated":
                return _allow(arguments, configuration, staff)
            case _:
                gone = permission.forbid(configuration.data)
                print("simulated devices are no longer allowed" if gone else "they were not allowed")
                return 0
    except FileUnusable as error:
        raise Failure(str(error), USAGE) from error
    except OSError as error:
        if error.filename is None:  # what fails while it is written names no file
            raise OSError(error.errno, error.strerror, str(configuration.data)) from error
        raise


def _add(arguments: argparse.Namespace, configuration: Config, staff: StaffFile) -> int:
    role = Role(arguments.role)
    ask = _asking(from_input=arguments.stdin)
    with _pin(ask) as pin:
        passphrase = ask("Passphrase of the engineer") if role is Role.ENGINEER else None
        card_id = asyncio.run(_card_id(configuration)) if arguments.card else None
        staff.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            member = staff.add(arguments.name, role, pin, card_id=card_id, passphrase=passphrase)
        except ValueError as error:
            raise Failure(str(error), USAGE) from error
    print(f"{member.number}  {role}  {arguments.name}")
    return 0


def _pin(ask: Ask) -> Pin:
    """The PIN, held to the rules for citizens' PINs. Raises Failure."""
    typed = bytearray(ask(f"PIN, {LENGTH} digits"), "utf-8")
    pin = Pin()
    try:
        pin.take(typed)
    except ValueError as error:
        raise Failure(f"a PIN is {LENGTH} digits, for it is typed on the terminal's keys", USAGE) from error
    if (why := weakness(pin)) is not None:
        pin.wipe()
        raise Failure(f"this PIN is guessed at once ({why}); choose another", USAGE)
    return pin


def _asking(*, from_input: bool) -> Ask:
    if from_input:
        return lambda _: sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise Failure("there is nobody to ask; give the secrets with --stdin, one a line", USAGE)

    def twice(what: str) -> str:
        first = getpass.getpass(f"{what}: ")
        if getpass.getpass("Once more: ") != first:
            raise Failure("the two are not the same", USAGE)
        return first

    return twice


async def _card_id(configuration: Config) -> bytes:
    from drivers import registry
    from drivers.api import DeviceError
    from kiosk.maintenance.staff_card import identity

    reader = registry.build(registry.CARD_READERS, configuration.devices.card)
    print(f"put the staff card into the reader ({CARD_S:.0f} s)", file=sys.stderr)
    try:
        async with asyncio.timeout(CARD_S):
            return await identity(await reader.card())
    except TimeoutError as error:
        raise Failure("no card was put in; nobody was enrolled", USAGE) from error
    except DeviceError as error:
        raise Failure(f"this card cannot be used ({type(error).__name__}); nobody was enrolled", USAGE) from error
    finally:
        await reader.close()


def _list(staff: StaffFile, *, as_json: bool) -> int:
    members = staff.members()
    if not members and not as_json:
        print(f"nobody is enrolled in {staff.path}; kiosk staff add NAME", file=sys.stderr)
    for member in members:
        facts = {"number": member.number, "role": member.role, "name": member.name, "card": bool(member.card)}
        if as_json:
            print(json.dumps(facts, ensure_ascii=False))
        else:
            print(f"{member.number}  {member.role:9}  {'card' if member.card else '    '}  {member.name}")
    return 0


def _remove(staff: StaffFile, number: str) -> int:
    try:
        gone = staff.remove(number)
    except KeyError as error:
        raise Failure(f"nobody has the number {number}; see kiosk staff list", USAGE) from error
    print(f"{gone.number} is removed")
    return 0


def _allow(arguments: argparse.Namespace, configuration: Config, staff: StaffFile) -> int:
    if not 1 <= arguments.days <= permission.LONGEST_DAYS:
        raise Failure(f"--days: 1 to {permission.LONGEST_DAYS}", USAGE)
    passphrase = _asking(from_input=arguments.stdin)("Passphrase of the engineer")
    key = staff.engineer(arguments.engineer, passphrase) if len(passphrase) >= PASSPHRASE_LEAST else None
    if key is None:
        raise Failure(
            "no engineer has this number and passphrase; kiosk staff list tells the numbers, kiosk staff add NAME"
            " --role engineer enrols one",
            1,
        )
    until = compose.clock() + timedelta(days=arguments.days)
    permission.allow(configuration.data, configuration.settings.terminal, arguments.engineer, key, until)
    print(f"simulated devices are allowed until {until:%Y-%m-%d %H:%M}; the banner stays")
    return 0
