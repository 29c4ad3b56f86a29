"""Where a key stands in a file written by hand."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from kiosk.toml_lines import lines_of

TEXT = '''# a comment = 1
[terminal]            # 2
id = "ZZ"
place.zh = "大厅"      # 4
place . "en" = """
[not a table]
no = "key"
"""
languages = [         # 9
  "zh",  # key = 3
  "en",
]
[[list]]
name = 'x = "y"'
[ screen . panel ]
width = 3
'''


def test_keys_and_tables_have_their_lines() -> None:
    places = lines_of(TEXT)
    assert places == {
        ("terminal",): 2,
        ("terminal", "id"): 3,
        ("terminal", "place"): 4,
        ("terminal", "place", "zh"): 4,
        ("terminal", "place", "en"): 5,
        ("terminal", "languages"): 9,
        ("list",): 13,
        ("list", "name"): 14,
        ("screen",): 15,
        ("screen", "panel"): 15,
        ("screen", "panel", "width"): 16,
    }


@given(st.text())
def test_any_text_is_read_to_its_end(text: str) -> None:
    count = text.count("\n") + 1
    assert all(1 <= line <= count for line in lines_of(text).values())


words = st.text("abc-_9", min_size=1, max_size=5)
values = st.integers() | st.booleans() | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(words, st.dictionaries(words, values, max_size=4), max_size=4))
def test_every_key_that_is_read_has_a_line(tables: dict[str, dict[str, object]]) -> None:
    lines: list[str] = []
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{key} = {str(value).lower()}" for key, value in table.items())]
    text = "\n".join(lines)
    places = lines_of(text)
    for name, table in tomllib.loads(text).items():
        for key in table:
            assert lines[places[name, key] - 1].startswith(f"{key} =")
            assert f"[{name}]" in lines[: places[name, key]]
