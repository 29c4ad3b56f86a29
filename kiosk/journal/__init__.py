"""The journal: what this terminal meant to do, did, and met, durable and in an order that cannot be changed unseen.

Owns the promise that an intent is on the disk before a request leaves, and the memory of what is still unknown. It
refuses personal data: a card is a keyed hash, facts are codes and counts. Every record is chained to the one before
(``h = SHA-256(h_before || record)``), and the head of the chain is sealed with the terminal's secret and witnessed in
a second file beside the journal.

What this finds: edited, removed, inserted, swapped records, a cut in the middle, and a cut at the end as long as the
head or the witness file is left behind. What nobody can find without a witness outside this machine: the whole
directory put back to an earlier day, and the work of somebody who holds the secret. An export that was handed over is
such a witness.

``ledger`` is what the terminal calls, ``storage`` how that comes onto the disk; ``reading`` only looks, ``past`` says
what has happened, ``verification`` proves, ``retention`` forgets what is old, ``anew`` begins again where a file is
beyond reading, ``exported`` is what is handed over.
"""

from kiosk.journal.errors import JournalBroken, JournalDamaged, JournalError, JournalFull, WrongState
from kiosk.journal.ledger import Journal
from kiosk.journal.tables import VERSION
from kiosk.journal.values import Damage, Ending, Finding, Happened, Item, Retention

__all__ = [
    "VERSION",
    "Damage",
    "Ending",
    "Finding",
    "Happened",
    "Item",
    "Journal",
    "JournalBroken",
    "JournalDamaged",
    "JournalError",
    "JournalFull",
    "Retention",
    "WrongState",
]
