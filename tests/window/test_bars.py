"""Bars of round widths on round times, and the moments an axis names."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.window.bars import WIDTHS, bars_of, closer, marks_of, overlap, shifted

TEN = 1_763_805_600_000
"""2025-11-22T10:00Z"""
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
KOLKATA = timezone(timedelta(hours=5, minutes=30))


@given(st.integers(0, 2**41), st.integers(1, 10**12), st.integers(10, 200))
def test_bars_cover_the_window_fit_and_have_a_round_width(start: int, length: int, room: int) -> None:
    bars = bars_of(start, start + length, room)
    assert bars.start <= start
    assert bars.end >= start + length
    assert 1 <= bars.count * bars.cells <= room
    assert bars.width_ms in WIDTHS
    assert bars.start % bars.width_ms == 0


@given(st.integers(-(2**62), 2**62), st.integers(1, 2**62))
def test_no_window_is_too_long_for_bars(start: int, length: int) -> None:
    assert bars_of(start, start + length, 10).count <= 10


@pytest.mark.parametrize(
    ("length", "room", "width"),
    [
        (15 * MINUTE, 48, 20_000),
        (15 * MINUTE, 80, 15_000),
        (15 * MINUTE, 200, 5_000),
        (HOUR, 80, MINUTE),
        (DAY, 80, 20 * MINUTE),
        (24_000, 80, 500),
        (30 * DAY, 80, 12 * HOUR),
    ],
)
def test_widths_are_those_that_people_name(length: int, room: int, width: int) -> None:
    assert bars_of(TEN, TEN + length, room).width_ms == width


def test_bars_stay_where_they_are_while_time_goes_on() -> None:
    one, later = (bars_of(TEN + 123, TEN + 15 * MINUTE + more, 80) for more in (0, 900))
    assert (one.start, one.width_ms) == (later.start, later.width_ms)


def test_long_bars_stand_on_the_hours_of_the_zone_shown() -> None:
    bars = bars_of(TEN, TEN + 4 * DAY, 100, KOLKATA)
    assert bars.width_ms == HOUR
    assert (bars.start + 5 * HOUR + 30 * MINUTE) % HOUR == 0


def test_a_few_bars_are_wider_not_fewer() -> None:
    bars = bars_of(TEN, TEN + 10, 80)
    assert (bars.width_ms, bars.count, bars.cells) == (1, 10, 8)


def test_marks_stand_at_round_times_of_the_zone_and_keep_their_distance() -> None:
    bars = bars_of(TEN, TEN + 15 * MINUTE, 80)
    assert [(mark.moment - TEN) // MINUTE for mark in marks_of(bars, UTC, 9)] == [0, 3, 6, 9, 12]
    days = bars_of(TEN, TEN + 4 * DAY, 100, KOLKATA)
    assert all(
        (mark.moment + 5 * HOUR + 30 * MINUTE) % (12 * HOUR) == 0 for mark in marks_of(days, KOLKATA, 9)
    )


@given(st.integers(0, 2**41), st.integers(1, 10**11), st.integers(10, 200), st.integers(1, 20))
def test_every_mark_is_in_the_bar_that_it_names(start: int, length: int, room: int, apart: int) -> None:
    bars = bars_of(start, start + length, room)
    marks = marks_of(bars, UTC, apart)
    assert all((mark.moment - bars.start) // bars.width_ms == mark.bar < bars.count for mark in marks)
    assert all(later.bar - mark.bar >= apart for mark, later in pairwise(marks))


def test_marks_stay_round_where_the_clocks_change() -> None:
    # Berlin goes back an hour at 2025-10-26T01:00Z.
    berlin, before = ZoneInfo("Europe/Berlin"), 1_761_426_000_000
    marks = marks_of(bars_of(before, before + DAY, 100, berlin), berlin, 20)
    local = [
        (mark.moment + (2 if mark.moment < 1_761_440_400_000 else 1) * HOUR) % (6 * HOUR) for mark in marks
    ]
    assert local == [0] * len(marks)
    assert len(marks) >= 3


def test_zooming_keeps_the_moment_and_stays_inside() -> None:
    assert closer((0, 100), 50) == (25, 75)
    assert closer((0, 100), 0) == (0, 50)
    assert closer((0, 100), 99) == (50, 100)
    assert closer((5, 6), 5) == (5, 6)


def test_shifting_stops_at_the_ends() -> None:
    assert shifted((40, 60), (0, 100), 1) == (50, 70)
    assert shifted((5, 25), (0, 100), -1) == (0, 20)
    assert shifted((75, 95), (0, 100), 1) == (80, 100)


def test_stretches_that_only_touch_share_nothing() -> None:
    assert overlap((0, 5), (5, 9)) is None
    assert overlap((0, 6), (5, 9)) == (5, 6)
