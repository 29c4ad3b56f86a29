"""How what is written is said: one reading only, and no digit left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.money import Fen
from kiosk.voice.speech import by_script, money, one_by_one, spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("余额 3,482.60 元", "余额三千四百八十二元六角"),
        ("−12.05", "负十二元零五分"),
        ("0.05", "五分"),
        ("0.20 元", "两角"),
        ("0.00 元", "零元"),
        ("2.00", "两元"),
        ("20,002.10", "两万零二元一角"),
        ("100,010.00", "十万零一十元"),
        ("1,000,000.01", "一百万元零一分"),
        ("截至 2026年11月20日 09:41", "截至二零二六年十一月二十日九点四十一分"),
        ("2026 年 2 月", "二零二六年二月"),
        ("14:00", "十四点整"),
        ("2:05", "两点零五分"),
        ("王**　卡号尾号 1071", "王某某，卡号尾号幺零七幺"),
        ("410***********1234", "四幺零，中间不念，幺二三四"),
        ("有事请拨 12333。", "有事请拨幺二三三三。"),
        ("20261120-AB0C", "二零二六幺幺二零，诶必零西"),
        ("给工作人员：R12", "给工作人员：啊幺二"),
        ("第 2 步，共 12 步", "第二步，共十二步"),
        ("约 2 分钟", "约两分钟"),
        ("还可以试 2 次", "还可以试两次"),
        ("30 秒后结束", "三十秒后结束"),
        ("把身份证平放在\n发光的感应区", "把身份证平放在发光的感应区"),
        ("选“密码”", "选密码"),
        ("11-05 门诊 省医院: −86.50", "十一月五日门诊省医院，负八十六元五角"),
        ("本月存入: +120.00", "本月存入，加一百二十元"),
        ("卡号尾号: 1071", "卡号尾号，幺零七幺"),
    ],
)
def test_mandarin(written: str, said: str) -> None:
    assert spoken(written, "zh") == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3,482.60 yuan", "three thousand four hundred and eighty-two yuan and sixty fen"),
        ("−1,000,021.05", "minus one million and twenty-one yuan and five fen"),
        ("0.00", "zero yuan"),
        ("0.07", "seven fen"),
        ("As of 20 November 2026 09:41", "As of the twentieth of November twenty twenty-six nine forty-one"),
        ("3 May 2009 14:00", "the third of May two thousand and nine fourteen o'clock"),
        ("2026 – November", "November twenty twenty-six"),
        ("call 12333", "call one two three three three"),
        ("card ending in 0071", "card ending in zero zero seven one"),
        ("410***1234", "four one zero, then hidden, one two three four"),
        ("11-05 Outpatient: −86.50", "the fifth of November Outpatient: minus eighty-six yuan and fifty fen"),
        ("Paid in: +120.00", "Paid in: plus one hundred and twenty yuan"),
        ("For staff: R12", "For staff: R one two"),
        ("Step 2 of 5", "Step two of five"),
        ("Lay your ID card\non the glowing pad", "Lay your ID card on the glowing pad"),
    ],
)
def test_english(written: str, said: str) -> None:
    assert spoken(written, "en") == said


@given(st.text(alphabet="0123456789,.:*-−¥年月日元尾号第步 AZK\n“–", max_size=40), st.sampled_from(["zh", "en"]))
def test_no_digit_is_left_to_the_engine(text: str, language: str) -> None:
    assert not any(sign.isascii() and sign.isdigit() for sign in spoken(text, language))


_VALUE = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


def _heard(words: str) -> int:
    """What a listener writes down: an own reading of Chinese numerals, to 9999 9999."""
    if "万" in words:
        high, _, low = words.partition("万")
        return _heard(high) * 10_000 + _heard(low)
    total, digit = 0, 0
    for sign in words if not words.startswith("十") else "一" + words:
        if sign in _VALUE:
            digit = _VALUE[sign]
        else:
            total, digit = total + digit * {"千": 1000, "百": 100, "十": 10}[sign], 0
    return total + digit


@given(st.integers(min_value=-9_999_999_999, max_value=9_999_999_999))
def test_an_amount_is_heard_as_it_is(fen: int) -> None:
    said = money(Fen(fen), "zh")
    sign = -1 if said.startswith("负") else 1
    rest = said.removeprefix("负")
    whole, _, cents = rest.partition("元") if "元" in rest else ("", "元", rest)
    tens, _, ones = cents.partition("角") if "角" in cents else ("", "", cents)
    heard = _heard(whole) * 100 + _heard(tens) * 10 + _heard(ones.removesuffix("分"))
    assert sign * heard == fen


def test_one_by_one_tells_one_from_seven() -> None:
    assert one_by_one("1170", "zh") == "幺幺七零"
    assert one_by_one("K0-9", "en") == "K zero, nine"


def test_a_chinese_name_in_an_english_sentence_has_its_own_voice() -> None:
    assert by_script("Name, 王, card", "en") == (("Name,", "en"), ("王", "zh"), (", card", "en"))
    assert by_script("姓名，王某某", "zh") == (("姓名，王某某", "zh"),)


def test_a_language_without_rules_keeps_its_text() -> None:
    assert spoken("سىز 12", "ug") == "سىز 12"
