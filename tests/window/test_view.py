from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cwtui.core.models import Level
from cwtui.window.stretch import Stretch
from cwtui.window.view import View

SMALL = 4
"""Rows of a piece: few, so that a few merges cross every boundary there is."""


def stretch(entries: list[tuple[int, int]]) -> Stretch:
    """From (row id, time); the level is the row id modulo 7."""
    rows = np.array([row for row, _ in entries], np.int64)
    return Stretch(rows, np.array([time for _, time in entries], np.int64), (rows % 7).astype(np.uint8))


def by_arrival(ids: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.intp]:
    raise AssertionError("nothing stands at the same millisecond")


class Clock:
    """Arranges by (time, key of the row); remembers how many rows it was asked about."""

    def __init__(self, times: dict[int, int]) -> None:
        self.times, self.asked = times, 0

    def __call__(self, ids: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.intp]:
        self.asked += len(ids)
        assert times.tolist() == [self.times[row] for row in ids.tolist()]
        keys = [(self.times[row], row * 7919 % 101, row) for row in ids.tolist()]
        return np.array(sorted(range(len(ids)), key=keys.__getitem__), np.intp)


def test_later_events_go_to_the_end_and_late_ones_in_their_place() -> None:
    view = View.empty(SMALL).merged(stretch([(0, 10), (1, 20)]), by_arrival)
    view = view.merged(stretch([(2, 30), (3, 15)]), by_arrival)
    assert view.rows.tolist() == [0, 3, 1, 2]
    assert view.times.tolist() == [10, 15, 20, 30]
    assert view.levels.tolist() == [0, 3, 1, 2]
    assert view.span == (10, 30)


@given(st.lists(st.lists(st.integers(-5, 40), max_size=12), max_size=12))
def test_every_view_ever_made_keeps_what_it_showed(parts: list[list[int]]) -> None:
    times: dict[int, int] = {}
    clock = Clock(times)
    view = View.empty(SMALL)
    made: list[tuple[View, list[int]]] = []
    for part in parts:
        entries = [(len(times) + at, time) for at, time in enumerate(part)]
        times.update(entries)
        view = view.merged(stretch(entries), clock)
        expected = sorted(times, key=lambda row: (times[row], row * 7919 % 101, row))
        made.append((view, expected))
    for view, expected in made:
        assert view.slice(0, len(view)).tolist() == expected
        assert view.rows.tolist() == expected
        assert view.times.tolist() == [times[row] for row in expected]
        assert view.levels.tolist() == [row % 7 for row in expected]
        assert list(view.level_counts) == np.bincount([row % 7 for row in expected], minlength=7).tolist()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(0, 3))
def test_two_views_that_grow_from_one_do_not_write_over_each_other(times: list[int], more: int) -> None:
    base = View.empty(SMALL)
    for row in range(30):  # both grow from its last piece
        base = base.merged(stretch([(row, row)]), by_arrival)
    one = two = base
    for at, time in enumerate(times):
        one = one.merged(stretch([(100 + at, 1000 + 10 * at + time)]), by_arrival)
        two = two.merged(stretch([(200 + at, 1000 + 10 * at + more)]), by_arrival)
    assert one.rows.tolist() == [*range(30), *range(100, 100 + len(times))]
    assert two.rows.tolist() == [*range(30), *range(200, 200 + len(times))]
    assert base.rows.tolist() == list(range(30))


def test_a_merge_and_a_filter_copy_only_what_changes() -> None:
    whole = View.empty(SMALL).merged(stretch([(at, 10 * at) for at in range(100)]), by_arrival)
    wide = whole.merged(stretch([(100, -5), (101, 505), (102, 2000)]), by_arrival)
    assert wide.rows.tolist() == [100, *range(51), 101, *range(51, 100), 102]
    shared = [
        any(np.shares_memory(piece.rows, old.rows) for old in whole.stretches()) for piece in wide.stretches()
    ]
    assert shared.count(False) <= 3 * 2
    mask = np.arange(100) >= 30
    chosen = whole.select(mask)
    assert chosen.rows.tolist() == list(range(30, 100))
    pieces = [
        any(np.shares_memory(one.rows, old.rows) for old in whole.stretches()) for one in chosen.stretches()
    ]
    assert pieces.count(False) <= 1
    assert max(piece.size for piece in (*wide.stretches(), *chosen.stretches())) <= 2 * SMALL


def test_only_rows_that_stand_where_a_new_one_came_are_arranged() -> None:
    times = {row: row // 10 for row in range(100)}
    clock = Clock(times)
    view = View.empty(SMALL).merged(stretch(list(times.items())), clock)
    clock.asked = 0
    times[100] = 5
    view = view.merged(stretch([(100, 5)]), clock)
    assert clock.asked <= 2 + 2 + 11
    clock.asked = 0
    times[101] = 77
    view.merged(stretch([(101, 77)]), clock)
    assert clock.asked == 0


@pytest.mark.parametrize("step", [1, -1])
def test_many_lines_of_one_millisecond_that_come_in_order_are_each_looked_at_once(step: int) -> None:
    asked = 0

    def by_row(ids: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.intp]:
        nonlocal asked
        asked += len(ids)
        return np.argsort(ids)

    view = View.empty(SMALL)
    parts = [range(first, first + 10) for first in range(0, 1000, 10)]
    for part in parts[::step]:
        view = view.merged(stretch([(row, 5) for row in part]), by_row)
    assert view.rows.tolist() == list(range(1000))
    assert asked <= 1000 + 4 * len(parts)


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(-3, 33))
def test_a_moment_and_a_row_are_found_where_they_stand(times: list[int], moment: int) -> None:
    of = dict(enumerate(times))
    view = View.empty(SMALL)
    for entry in of.items():
        view = view.merged(stretch([entry]), Clock(of))
    shown = view.times.tolist()
    assert view.at_or_after(moment) == sum(time < moment for time in shown)
    assert view.after(moment) == sum(time <= moment for time in shown)
    for position, row in enumerate(view.rows.tolist()):
        assert view.position_of(row, of[row]) == position
        assert (view.row_at(position), view.time_at(position)) == (row, of[row])
    assert view.position_of(4711, moment) is None


def test_moments_beyond_64_bits_are_before_or_after_all() -> None:
    view = View.empty().merged(stretch([(0, -(2**63)), (1, 2**63 - 1)]), by_arrival)
    assert [view.at_or_after(moment) for moment in (-(2**70), -(2**63), 0, 2**63 - 1, 2**70)] == [
        0,
        0,
        1,
        1,
        2,
    ]


def test_a_position_outside_is_an_index_error_and_a_slice_is_cut() -> None:
    view = View.empty().merged(stretch([(0, 1), (1, 2)]), by_arrival)
    assert view.slice(-5, 99).tolist() == [0, 1]
    assert view.slice(1, 0).tolist() == []
    for position in (-1, 2):
        with pytest.raises(IndexError):
            view.time_at(position)


def test_a_view_cannot_be_written() -> None:
    view = View.empty().merged(stretch([(0, 1)]), by_arrival)
    with pytest.raises(ValueError, match="read-only"):
        view.rows[0] = 5


@given(st.lists(st.booleans(), max_size=40))
def test_selecting_keeps_the_order_and_positions_say_where(marks: list[bool]) -> None:
    view = View.empty(SMALL)
    for row in range(len(marks)):
        view = view.merged(stretch([(row, -row)]), by_arrival)
    mask = np.array(marks, np.bool_)
    expected = [row for row in reversed(range(len(marks))) if marks[row]]
    assert view.select(mask).rows.tolist() == expected
    assert sum(view.select(mask).level_counts) == len(expected)
    assert view.positions(mask).tolist() == [len(marks) - 1 - row for row in expected]


@given(st.lists(st.integers(0, 6), max_size=40), st.integers(-2, 42), st.sampled_from(Level))
def test_the_next_grave_line_is_the_nearest_in_that_direction(
    levels: list[int], position: int, level: Level
) -> None:
    view = View.empty(SMALL)
    for at, value in enumerate(levels):
        view = view.merged(Stretch(np.array([at]), np.array([at]), np.array([value], np.uint8)), by_arrival)
    after = [at for at, value in enumerate(levels) if at > position and value >= level]
    before = [at for at, value in enumerate(levels) if at < position and value >= level]
    assert view.next_at_least(level, position) == (after[0] if after else None)
    assert view.next_at_least(level, position, -1) == (before[-1] if before else None)


def test_a_grave_line_is_found_far_away() -> None:
    levels = np.zeros(700_000, np.uint8)
    levels[[3, 699_990]] = 5
    rows = np.arange(700_000)
    view = View.empty().merged(Stretch(rows, rows, levels), by_arrival)
    assert view.next_at_least(Level.WARN, 3) == 699_990
    assert view.next_at_least(Level.WARN, 699_990, -1) == 3


def test_the_view_and_the_window_load_without_duckdb() -> None:
    code = "import sys, cwtui.window.window, cwtui.window.histogram; sys.exit('duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
