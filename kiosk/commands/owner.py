"""The terminal's data belong to the terminal's user, whoever calls a command.

What root makes in that folder its owner could not read: the terminal would not start any more. So a command that
works there goes on as the owner, for good, before it opens anything of it; its child processes are the owner's too,
and devices are seen with the owner's rights.
"""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.commands.failure import Failure

USAGE = 2
_PROGRAM = Path(__file__).parents[2]


def continue_as_owner(folder: Path) -> None:
    """Called by root, be from now on whoever owns the folder, or what it will be made in. Raises Failure."""
    if os.geteuid() != 0:
        return
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    uid = there.stat().st_uid
    if uid == 0:
        return
    import pwd  # no more than root's calls need it

    try:
        user = pwd.getpwuid(uid)
    except KeyError as error:
        raise Failure(f"{there}: belongs to user {uid}, whom nobody here knows; chown it", USAGE) from error
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(uid)
    os.environ.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)
    if not os.access(__file__, os.R_OK):  # a checkout in root's home, most likely
        raise Failure(
            f"{_PROGRAM}: lies where {user.pw_name}, whose {there} is, may not look; move the program, or install it",
            USAGE,
        )


def see_nobody_elses(folder: Path) -> None:
    """What another user has made in the folder, most often root with a program of before, its owner may not be able to
    read or write; the terminal would not start, or stop at the first record. Raises Failure with what mends it."""
    if not folder.is_dir():
        return
    owner = folder.stat().st_uid
    found = [path for path in sorted(folder.rglob("*")) if path.name != _FSCK and path.lstat().st_uid != owner]
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise Failure(f"{found[0]}{more}: not the terminal's own; once, as root: chown -R {_name(owner)}: {folder}", 1)


def _name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


_FSCK = "lost+found"
"""Root's, where the folder is a disk of its own."""
