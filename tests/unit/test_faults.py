"""The one table of what goes wrong."""

import pytest

from drivers.api import DeviceLost, MuteCard, PrinterFault, PulledEarly
from drivers.card.social_security import AuthenticationFailed, MalformedRecord
from kiosk.faults import UNFORESEEN, codes, refusal_code, trouble_of
from kiosk.insurer.api import InsurerUnreachable
from kiosk.journal import JournalFull
from kiosk.screens import Cause


@pytest.mark.parametrize(
    ("error", "cause", "code"),
    [
        (PulledEarly(), Cause.NOT_CHANGED, "C01"),
        (MuteCard(), Cause.CARD_UNREADABLE, "C03"),
        (AuthenticationFailed(0x63CE), Cause.AUTHORITY_REFUSED, "C07"),
        (MalformedRecord(0xEF05, 1, "short"), Cause.CARD_UNREADABLE, "C09"),
        (DeviceLost(), Cause.DEVICE_DOWN, "D01"),
        (PrinterFault(), Cause.DEVICE_DOWN, "D03"),
        (InsurerUnreachable(sent=False), Cause.INSURER_DOWN, "N01"),
        (JournalFull(), Cause.JOURNAL, "J01"),
        (ZeroDivisionError(), Cause.FAULT, "X99"),
    ],
)
def test_each_error_has_its_screen_and_code(error: Exception, cause: Cause, code: str) -> None:
    assert (trouble_of(error).cause, trouble_of(error).code) == (cause, code)


def test_codes_are_short_and_refusals_have_their_own() -> None:
    assert UNFORESEEN.code in codes()
    assert len({refusal_code(cause) for cause in Cause}) == len(Cause)
    assert not set(codes()) & {refusal_code(cause) for cause in Cause}
