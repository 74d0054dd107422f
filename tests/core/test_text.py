from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.core.text import excerpt, human_bytes, middle, printable, printable_block, printable_lines


@given(st.text())
def test_nothing_that_a_terminal_obeys_comes_through(text: str) -> None:
    for character in printable(text):
        assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        assert character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff"


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(st.text())
def test_making_it_printable_twice_changes_nothing_more(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b]52;c;QUJD\x07", "␛]52;c;QUJD␇"),
        ("a\rb\x00c\x7f", "a␍b␀c␡"),
        ("one\ntwo\tthree", "one␊two    three"),
        ("\x9b2J", "\\x9b2J"),
        ("right\u202eleft", "right\\u202eleft"),
        ("hid\u200dden", "hid\\u200dden"),
        ("👩\u200d💻 works", "👩\u200d💻 works"),
        ("lone \ud800", "lone \\ud800"),
        ("caf\udce9 in Latin-1", "caf\\xe9 in Latin-1"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("日本語 é ✓", "日本語 é ✓"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
    ],
)
def test_what_could_act_is_shown_instead(foreign: str, shown: str) -> None:
    assert printable(foreign) == shown


def test_only_real_line_ends_break_lines() -> None:
    assert printable_lines("a\r\nb\nc\u2028d") == ["a", "b", "c\\u2028d"]
    assert printable_block("a\r\nb\x1bc") == "a\nb␛c"


def test_a_list_sees_the_beginning_and_how_much_more_there_is() -> None:
    assert excerpt("x" * 10, limit=20) == "x" * 10
    assert excerpt("x" * 3000, limit=10) == f"{'x' * 10} … +2.9 KB"


@given(st.text(), st.integers(0, 40))
def test_a_name_cut_in_its_middle_keeps_to_its_width(name: str, width: int) -> None:
    assert len(middle(name, width)) <= max(width, 0)


def test_a_long_name_keeps_both_its_ends() -> None:
    assert middle("/aws/lambda/checkout-prod", 15) == "/aws/la…ut-prod"


def test_bytes_are_counted_as_people_count_them() -> None:
    assert [human_bytes(size) for size in (0, 1023, 1536, 5 << 30)] == ["0 B", "1023 B", "1.5 KB", "5.0 GB"]
