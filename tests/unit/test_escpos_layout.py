"""Line breaking and widths: what falls where on 48 columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Align, Page, Pair, Qr, Rule, Space, Text
from drivers.printer.layout import Line, cells, char_width, clean, even, rows, transcript, width_of, wrap

CLOSING = "。，、；：？！）》」』】"
mixed = st.text(
    st.one_of(
        st.sampled_from("银行社保卡启用咨询账户" + CLOSING + "（《「abcXYZ019 .,-"),
        st.characters(exclude_categories=("Cs", "Cc")),
    ),
    max_size=200,
)


@given(mixed, st.integers(4, 48))
def test_every_line_fits_and_no_character_is_lost(text: str, columns: int) -> None:
    text = clean(text).replace("\n", " ")
    lines = wrap(text, columns)
    assert all(width_of(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(st.sampled_from("银行社保卡，。abc12 "), max_size=120))
def test_no_line_begins_with_closing_punctuation(text: str) -> None:
    # Runs of punctuation as wide as the paper cannot be kept together: none of these texts may have one.
    while any(pair in text for pair in ("，，", "。。", "，。", "。，")):
        for pair in ("，，", "。。", "，。", "。，"):
            text = text.replace(pair, "，")
    for line in wrap(text.lstrip("，。 "), 48)[1:]:
        assert line[:1] not in tuple("，。"), line


def test_words_and_numbers_stay_whole() -> None:
    assert wrap("请拨打12333咨询 Self-service", 12) == ["请拨打12333", "咨询", "Self-service"]
    assert wrap("1234567890123", 6) == ["123456", "789012", "3"]


@given(mixed, st.integers(4, 48), st.booleans())
def test_even_lines_are_no_more_than_there_must_be(text: str, columns: int, centred: bool) -> None:
    text = clean(text).replace("\n", " ")
    lines = even(text, columns, centred=centred)
    assert len(lines) <= len(wrap(text, columns))
    assert all(width_of(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_no_last_line_of_one_character_or_one_short_word() -> None:
    assert even("请带身份证和社保卡，到窗口设密码。", 32) == ["请带身份证和社保卡，到窗口", "设密码。"]
    assert even("It works once the password is set.", 32) == ["It works once the", "password is set."]
    assert even("社保卡密码重置凭条", 16, centred=True) == ["社保卡密码", "重置凭条"]
    assert even("Never share your password with anybody.", 32) == ["Never share your password with", "anybody."]


def test_brackets_stay_with_what_they_hold() -> None:
    assert wrap("一二三四（五）", 10) == ["一二三四", "（五）"]


@pytest.mark.parametrize(
    ("char", "width"), [("a", 1), ("国", 2), ("，", 2), ("¥", 2), ("𬭎", 2), ("é", 2), ("\u0301", 0)]
)
def test_widths_are_those_of_the_printer(char: str, width: int) -> None:
    assert char_width(clean(char) if char == "¥" else char) == width


def test_marks_stay_on_their_base() -> None:
    assert [cell.text for cell in cells("a\u0323国")] == ["a\u0323", "国"]


def test_a_pair_takes_one_line_or_two() -> None:
    assert rows(Page((Pair("卡号", "8712"),))) == [Line("卡号" + " " * 40 + "8712")]
    assert rows(Page((Pair("Institution where you are insured", "Zhengzhou City"),))) == [
        Line("Institution where you are insured", Align.LEFT),
        Line("Zhengzhou City", Align.RIGHT),
    ]
    long = "郑州市金水区某某信息技术有限责任公司第三分公司（测试）"
    assert [row.text[:2] for row in rows(Page((Pair("单位", long),))) if isinstance(row, Line)] == ["单位", "  ", "  "]


def test_commands_in_a_text_are_taken_out() -> None:
    assert clean("李\x1b@\x10\x04\x01\u200b某\r\n\u2028x") == "李@某\n\nx"


def test_a_text_without_chinese_gets_plain_quotes() -> None:
    assert clean("the bank’s “card” – …") == 'the bank\'s "card" - ...'
    assert clean("银行“卡”") == "银行“卡”"


def test_a_transcript_reads_like_the_paper() -> None:
    page = Page(
        (Text("凭条", Align.CENTRE, scale=2), Space(3), Space(3), Rule(), Pair("a", "b"), Qr("YB1.X"), Space(5))
    )
    assert transcript(page, 16) == "    凭条\n\n----------------\na              b\n\n[QR YB1.X]"


def test_only_one_and_two_are_sizes() -> None:
    with pytest.raises(ValueError, match="scale"):
        rows(Page((Text("x", scale=3),)))
