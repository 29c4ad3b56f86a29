"""How what is written is said: amounts, dates, times and numbers as words, in Mandarin and English.

Owns the way from a finished text to one that an engine can only read one way. It takes no decision about what is said,
and knows neither screens nor devices.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kiosk.money import Fen

# --- Mandarin --------------------------------------------------------------------------------------------------------

_ZH_DIGITS = "零一二三四五六七八九"
_ZH_TELEPHONE = "零幺二三四五六七八九"
"""One by one, as on the telephone: 一 and 七 sound alike, so one is 幺."""
_ZH_NAMES = "诶 必 西 弟 衣 艾弗 记 艾尺 爱 杰 开 艾勒 艾马 恩 欧 批 酷 啊 艾斯 踢 优 维 达不溜 艾克斯 歪 贼"
_ZH_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _ZH_NAMES.split(), strict=True))
"""Latin letters as Mandarin says them: its voice knows no others."""
_ZH_MEASURES = "分钟|秒|次|位|个|小时|天|样|张|元"
"""Before these a two is 两."""


def _zh_group(number: int) -> str:
    """1 to 9999, without the outer rules for zero and ten."""
    said = ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            said += ("两" if digit == 2 and unit == "千" else _ZH_DIGITS[digit]) + unit
        elif said and not said.endswith("零"):
            said += "零"
    return said.rstrip("零")


def _zh_number(number: int) -> str:
    """Any whole number from 0 on."""
    if number == 0:
        return "零"
    said = ""
    for place, unit in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, "")):
        group = number // place % 10**4
        if not group:
            continue
        if said and group < 1000:
            said += "零"
        said += "两" + unit if group == 2 and unit else _zh_group(group) + unit
    return said.removeprefix("一") if said.startswith("一十") else said


def _zh_count(number: int) -> str:
    """Before a measure word."""
    return "两" if number == 2 else _zh_number(number)


def _zh_money(amount: Fen) -> str:
    whole, rest = divmod(abs(int(amount)), 100)
    tens, ones = divmod(rest, 10)
    said = f"{_zh_count(whole)}元" if whole or not rest else ""
    if tens:
        said += f"{_zh_count(tens)}角"
    elif whole and ones:
        said += "零"
    if ones:
        said += f"{_zh_count(ones)}分"
    return ("负" if amount < 0 else "") + said


def _zh_one_by_one(signs: str) -> str:
    said = (_ZH_TELEPHONE[int(s)] if s.isdigit() else _ZH_LETTERS.get(s, "，") for s in signs.upper())
    return "".join(said)


def _zh_time(hour: int, minute: int) -> str:
    if minute == 0:
        return f"{_zh_count(hour)}点整"
    return f"{_zh_count(hour)}点{'零' if minute < 10 else ''}{_zh_number(minute)}分"


# --- English ---------------------------------------------------------------------------------------------------------

_EN_NAMES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_EN_SMALL = tuple(_EN_NAMES.split())
_EN_TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_ORDINALS = {1: "first", 2: "second", 3: "third", 5: "fifth", 8: "eighth", 9: "ninth", 12: "twelfth"}
_EN_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


def _en_number(number: int) -> str:
    for size, unit in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (10**2, "hundred")):
        if number >= size:
            rest = number % size
            joint = " and " if 0 < rest < 100 else " "
            return f"{_en_number(number // size)} {unit}{joint + _en_number(rest) if rest else ''}"
    if number < 20:
        return _EN_SMALL[number]
    tens, ones = divmod(number, 10)
    return _EN_TENS[tens] + (f"-{_EN_SMALL[ones]}" if ones else "")


def _en_ordinal(number: int) -> str:
    if number in _EN_ORDINALS:
        return _EN_ORDINALS[number]
    tens, ones = divmod(number, 10)
    if number > 20 and ones:
        return f"{_EN_TENS[tens]}-{_en_ordinal(ones)}"
    said = _en_number(number)
    return said[:-1] + "ieth" if said.endswith("y") else said + "th"


def _en_year(year: int) -> str:
    century, rest = divmod(year, 100)
    if rest == 0 or 2000 <= year < 2010:
        return _en_number(year)
    return f"{_en_number(century)} {'oh ' if rest < 10 else ''}{_en_number(rest)}"


def _en_money(amount: Fen) -> str:
    whole, rest = divmod(abs(int(amount)), 100)
    said = f"{_en_number(whole)} yuan" if whole or not rest else ""
    if rest:
        said += f"{' and ' if whole else ''}{_en_number(rest)} fen"
    return ("minus " if amount < 0 else "") + said


def _en_one_by_one(signs: str) -> str:
    said = " ".join(_EN_SMALL[int(s)] if s.isdigit() else s if s.isalpha() else "," for s in signs.upper())
    return said.replace(" ,", ",")


def _en_time(hour: int, minute: int) -> str:
    if minute == 0:
        return f"{_en_number(hour)} o'clock"
    return f"{_en_number(hour)} {'oh ' if minute < 10 else ''}{_en_number(minute)}"


# --- both ------------------------------------------------------------------------------------------------------------


def money(amount: Fen, language: str) -> str:
    """3482.60 yuan as 三千四百八十二元六角, or in English words."""
    return _zh_money(amount) if language == "zh" else _en_money(amount)


def one_by_one(signs: str, language: str) -> str:
    """Digits and capitals, each for itself; anything else is a short pause."""
    return _zh_one_by_one(signs) if language == "zh" else _en_one_by_one(signs)


def _fen(found: re.Match[str]) -> Fen:
    amount = Fen(int(found["whole"].replace(",", "")) * 100 + int(found["rest"]))
    return -amount if found["sign"] else amount


_AMOUNT = r"(?P<sign>[−-]?)[¥￥]?\s?(?P<whole>\d[\d,]*)\.(?P<rest>\d\d)(?!\d)"
_MASKED = r"(?P<head>\d+)\*+(?P<tail>\d+)"
_TIME = r"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)\b"
_DAY = r"(?<![\w-])(?P<month>0[1-9]|1[0-2])-(?P<day>[0-2]\d|3[01])(?![\w-])"
_CODE = r"\b[A-Z0-9]+(?:-[A-Z0-9]+)+\b|\b[A-Z]+\d+\b|\b\d{5,}\b"
"""Numbers to be written down: operation numbers, staff's codes, telephone numbers."""

_Rules = tuple[tuple[str, Callable[[re.Match[str]], str]], ...]
"""What ``re`` compiles, and keeps, when something is said: a terminal without a voice never does."""

_ZH: _Rules = (
    (_MASKED, lambda m: f"{_zh_one_by_one(m['head'])}，中间不念，{_zh_one_by_one(m['tail'])}"),
    (r"\*\*", lambda _: "某某"),
    (_AMOUNT + r"(?:\s?元)?", lambda m: _zh_money(_fen(m))),
    (r"(\d{4})\s?年", lambda m: "".join(_ZH_DIGITS[int(d)] for d in m[1]) + "年"),
    (_TIME, lambda m: _zh_time(int(m["hour"]), int(m["minute"]))),
    (_DAY, lambda m: f"{_zh_number(int(m['month']))}月{_zh_number(int(m['day']))}日"),
    (r"\+(?=[零一二两三四五六七八九十])", lambda _: "加"),
    (r"(尾号[：:]?)\s*(\d+)", lambda m: m[1] + _zh_one_by_one(m[2])),
    (_CODE.replace(r"\b", r"(?:(?<![A-Z0-9])|(?![A-Z0-9]))"), lambda m: _zh_one_by_one(m[0])),
    (rf"(?<!第)(?<!第 )(\d+)(?=\s?(?:{_ZH_MEASURES}))", lambda m: _zh_count(int(m[1]))),
    (r"\d+", lambda m: _zh_number(int(m[0]))),
    (r"[\s　]*\n[\s　]*", lambda _: ""),
    (r"　+", lambda _: "，"),
    (r":\s?", lambda _: "，"),
    (r"[“”‘’\"•\s]+", lambda _: ""),
)

_EN: _Rules = (
    (_MASKED, lambda m: f"{_en_one_by_one(m['head'])}, then hidden, {_en_one_by_one(m['tail'])}"),
    (r"\*\*", lambda _: ""),
    (_AMOUNT + r"(?:\s?yuan)?", lambda m: _en_money(_fen(m))),
    (
        rf"(\d{{1,2}}) ({_EN_MONTHS}) (\d{{4}})",
        lambda m: f"the {_en_ordinal(int(m[1]))} of {m[2]} {_en_year(int(m[3]))}",
    ),
    (rf"\b(\d{{4}}) – ({_EN_MONTHS})", lambda m: f"{m[2]} {_en_year(int(m[1]))}"),
    (_TIME, lambda m: _en_time(int(m["hour"]), int(m["minute"]))),
    (
        _DAY,
        lambda m: f"the {_en_ordinal(int(m['day']))} of {_EN_MONTHS.split('|')[int(m['month']) - 1]}",
    ),
    (r"\+(?=[a-z])", lambda _: "plus "),
    (r"(ending in:?) (\d+)", lambda m: f"{m[1]} {_en_one_by_one(m[2])}"),
    (_CODE, lambda m: _en_one_by_one(m[0])),
    (r"\d+", lambda m: _en_number(int(m[0]))),
    (r"[\"“”•]+", lambda _: ""),
    (r"\s+", lambda _: " "),
)


def spoken(text: str, language: str) -> str:
    """A finished text as it is said: no digit is left in it. A language without rules of its own keeps its text."""
    for pattern, say in {"zh": _ZH, "en": _EN}.get(language, ()):
        text = re.sub(pattern, say, text)
    return text.strip()


_HAN = "[㐀-鿿豈-﫿\U00020000-\U0003ffff]+"


def by_script(text: str, language: str) -> tuple[tuple[str, str], ...]:
    """The text in pieces, each with the language that can pronounce it: a Chinese name in an English sentence."""
    if language == "zh":
        return ((text, "zh"),)
    pieces: list[tuple[str, str]] = []
    at = 0
    for found in re.finditer(_HAN, text):
        pieces += [(text[at : found.start()], language), (found[0], "zh")]
        at = found.end()
    pieces.append((text[at:], language))
    return tuple((piece.strip(), of) for piece, of in pieces if any(c.isalnum() for c in piece))
