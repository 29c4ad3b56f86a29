"""What kind of credential a scanned text is (docs/protocols.md section 4).

Pure functions over the text. They look at prefix and length only: whether a code is genuine, fresh and whose
it is, the insurer alone can say. A text of no known shape is ``UNKNOWN`` and is passed on whole, because the
payload of the electronic social-security card is not public.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class CodeKind(StrEnum):
    """What a text looks like; no kind says that the code is genuine."""

    MEDICAL_INSURANCE = "medical_insurance"
    """医保电子凭证: 28 digits beginning with 424."""
    MEDICAL_INSURANCE_OPEN = "medical_insurance_open"
    """The variant that open-platform applications show, beginning with ``opc``."""
    WECHAT_PAY = "wechat_pay"
    ALIPAY = "alipay"
    UNIONPAY = "unionpay"
    UNKNOWN = "unknown"
    """Anything else; possibly an electronic social-security card (电子社保卡)."""

    @property
    def is_payment(self) -> bool:
        """A payment code, which never proves who someone is."""
        return self in (CodeKind.WECHAT_PAY, CodeKind.ALIPAY, CodeKind.UNIONPAY)


# docs/protocols.md section 4. No two of them can match the same text. UnionPay's length is not confirmed (16-20 is
# what one gateway accepts).
_SHAPES = (
    (CodeKind.MEDICAL_INSURANCE, re.compile(r"424[0-9]{25}")),
    (CodeKind.MEDICAL_INSURANCE_OPEN, re.compile(r"opc[!-~]+")),
    (CodeKind.WECHAT_PAY, re.compile(r"1[0-5][0-9]{16}")),
    (CodeKind.ALIPAY, re.compile(r"(?:2[5-9]|30)[0-9]{14,22}")),
    (CodeKind.UNIONPAY, re.compile(r"62[0-9]{14,18}")),
)


def clean(text: str) -> str:
    """The text without what a scanner adds: terminators, other control characters, space around it."""
    return "".join(character for character in text if unicodedata.category(character) != "Cc").strip(" \ufeff")


def classify(text: str) -> CodeKind:
    """The kind of ``text``, which need not be clean. Never raises."""
    stripped = clean(text)
    for kind, shape in _SHAPES:
        if shape.fullmatch(stripped):
            return kind
    return CodeKind.UNKNOWN
