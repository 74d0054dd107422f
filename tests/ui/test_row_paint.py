from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from cwtui.core.models import Level
from cwtui.ui.widgets.lighting import highlighter
from cwtui.ui.widgets.row_look import RowLook, RowPlace, RowStyles, TimeFormat
from cwtui.ui.widgets.row_paint import paint, short_stream
from tests.ui.event_rows import START, row

PLAIN = Style()
MATCH = Style(reverse=True)
STYLES = RowStyles(
    base=PLAIN,
    muted=PLAIN,
    bar=PLAIN,
    key=PLAIN,
    match=MATCH,
    late=PLAIN,
    cursor=PLAIN,
    selected=PLAIN,
    levels=(PLAIN,) * 7,
    streams=(PLAIN,),
)
LOOK = RowLook(width=80)


def test_columns_stand_in_their_places() -> None:
    (line,) = paint(row(1, "hello", level=Level.ERROR), LOOK, STYLES)
    assert line.text.rstrip() == " 10:00:01.000 ERR b77c hello"
    assert line.cell_length == 80


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("2025/11/22/[$LATEST]b77c0d1e", "b77c"),
        ("cart/cart/5deee1dc02b4d1d2", "5dee"),
        ("ip-10-0-2-41.eu-west-1.compute.internal", "2-41"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_a_short_stream_id_is_what_tells_streams_apart(name: str, short: str) -> None:
    assert short_stream(name) == short


def test_a_late_event_says_how_late() -> None:
    (line,) = paint(row(1, late=90_000), LOOK, STYLES)
    assert line.text.rstrip().endswith("late 1m 30s")
    (line,) = paint(row(1, late=42_000), LOOK, STYLES)
    assert "late" not in line.text


def test_times_can_be_relative_or_the_lag() -> None:
    (line,) = paint(row(5), replace(LOOK, time=TimeFormat.RELATIVE, origin=START), STYLES)
    assert "+0:00:05.000" in line.text
    (line,) = paint(row(5), replace(LOOK, time=TimeFormat.LAG), STYLES)
    assert "40 ms" in line.text


def test_a_match_is_lit_and_nothing_else() -> None:
    (line,) = paint(row(1, "a timeout b"), replace(LOOK, highlight=highlighter("TIMEOUT".lower())), STYLES)
    assert [segment.text for segment in line if segment.style == MATCH] == ["timeout"]


def test_wide_characters_do_not_move_the_lit_place() -> None:
    (line,) = paint(row(1, "界界 timeout"), replace(LOOK, highlight=highlighter("timeout")), STYLES)
    assert [segment.text for segment in line if segment.style == MATCH] == ["timeout"]
    assert line.cell_length == 80


@pytest.mark.parametrize("text", ["(a+)+$", "(a|a)*b*c*d*", "(.*)*x", "a{2,}b{2,}c{2,}"])
def test_an_expression_that_could_take_long_is_not_tried_on_rows(text: str) -> None:
    assert highlighter(text) is None


def test_smart_case_and_text_that_is_no_expression() -> None:
    lower, upper, broken = highlighter("warn"), highlighter("Warn"), highlighter("f(")
    assert lower is not None
    assert upper is not None
    assert broken is not None
    assert lower.search("WARN")
    assert not upper.search("WARN")
    assert broken.search("f(x)")


@given(
    st.text(max_size=200),
    st.integers(min_value=20, max_value=160),
    st.sampled_from([0, 5, 40]),
    st.text(max_size=5),
)
def test_every_line_has_exactly_the_width_and_no_control_character(
    message: str, width: int, wrap: int, searched: str
) -> None:
    look = RowLook(width=width, wrap=wrap, highlight=highlighter(searched))
    for line in paint(row(1, message), look, STYLES):
        assert line.cell_length == width
        assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in line.text)


def test_while_events_are_followed_less_counts_as_late() -> None:
    followed = replace(LOOK, followed_from=5)
    (line,) = paint(row(5, late=42_000), followed, STYLES)
    assert line.text.rstrip().endswith("late 42 s")
    (line,) = paint(row(5, late=10_000), followed, STYLES)
    assert "late 10 s" in line.text
    (line,) = paint(row(5, late=9_999), followed, STYLES)
    assert "late" not in line.text
    (line,) = paint(row(4, late=42_000), followed, STYLES)
    assert "late" not in line.text


def test_an_event_says_how_many_lines_are_drawn_beneath_it() -> None:
    (line,) = paint(row(1, "boom"), LOOK, STYLES, RowPlace(joined=1_012))
    assert line.text.rstrip().endswith("+1,012 lines")
    (line,) = paint(row(1, "boom"), LOOK, STYLES, RowPlace(joined=1))
    assert line.text.rstrip().endswith("+1 line")
