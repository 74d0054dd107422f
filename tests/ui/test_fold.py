from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from cwtui.ui.widgets.fold import folded


def lines(text: str, width: int) -> list[str]:
    return [line.text for line in folded(Strip([Segment(text)]), width)]


def test_words_stay_whole_where_that_costs_little() -> None:
    assert lines("could not get a connection in time", 12) == [
        "could not ",
        "get a ",
        "connection ",
        "in time",
    ]
    assert lines("exactly twelv e", 13) == ["exactly twelv", " e"]


def test_packed_json_ends_its_lines_after_a_comma() -> None:
    assert lines('{"code":500,"durationMs":2036,"x":1}', 16) == [
        '{"code":500,',
        '"durationMs":203',
        '6,"x":1}',
    ]


def test_a_long_word_is_cut_rather_than_leaving_the_line_empty() -> None:
    assert lines("a 0123456789abcdef", 10) == ["a 01234567", "89abcdef"]


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs", "So"])), st.integers(2, 30))
def test_nothing_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    made = lines(text, width)
    assert "".join(made) == text
    assert all(cell_len(line) <= width for line in made)
