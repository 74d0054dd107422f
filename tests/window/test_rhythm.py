"""Gaps and bursts: where a reader jumps to."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cwtui.window.rhythm import SILENCE_MS, SILENCE_SPACINGS, Turn, next_turn, turns
from cwtui.window.stretch import Stretch
from cwtui.window.view import View


def view_of(times: list[int]) -> View:
    columns = Stretch(np.arange(len(times)), np.array(times, np.int64), np.zeros(len(times), np.uint8))
    return View.empty(4).merged(columns, lambda ids, _: np.arange(len(ids)))


def test_nothing_breaks_a_steady_stream() -> None:
    assert turns(view_of([second * 1_000 for second in range(3_000)])) == ()
    assert turns(view_of([])) == ()
    assert turns(view_of([5])) == ()


def test_the_first_event_after_a_silence_is_a_gap() -> None:
    times = [second * 1_000 for second in range(1_000)]
    later = [time + 1_000_000 + 250_000 for time in times]
    gaps = [turn for turn in turns(view_of(times + later)) if turn.is_gap]
    assert gaps == [Turn(1_000, silence_ms=251_000)]


def test_a_minute_is_no_gap_where_events_are_minutes_apart() -> None:
    times = [five * 300_000 for five in range(100)]
    assert turns(view_of(times)) == ()
    assert [turn.silence_ms for turn in turns(view_of([*times, times[-1] + 6_300_000])) if turn.is_gap] == [
        6_300_000
    ]


@given(st.lists(st.integers(0, 500_000), min_size=1, max_size=60))
def test_gaps_are_what_the_definition_says(spacings: list[int]) -> None:
    times = np.cumsum([0, *spacings]).tolist()
    least = max(SILENCE_MS, SILENCE_SPACINGS * sorted(spacings)[(len(spacings) - 1) // 2])
    expected = [(at + 1, spacing) for at, spacing in enumerate(spacings) if spacing > least]
    found = [(turn.position, turn.silence_ms) for turn in turns(view_of(times)) if turn.is_gap]
    assert found == expected


def test_a_burst_begins_at_its_first_event_and_neighbours_are_one() -> None:
    steady = [second * 1_000 for second in range(3_600)]
    burst = [1_200_000 + number * 20 for number in range(2_000)]
    view = view_of(sorted(steady + burst))
    found = turns(view)
    assert len(found) == 1
    assert view.time_at(found[0].position) == 1_200_000
    assert found[0].count >= 2_000
    assert found[0].length_ms == 45_000


def test_chance_is_no_burst() -> None:
    random = np.random.default_rng(7)
    times = np.sort(random.integers(0, 3_600_000, 20_000)).tolist()
    assert [turn for turn in turns(view_of(times)) if not turn.is_gap] == []


def test_turns_are_gone_through_in_both_directions() -> None:
    found = (Turn(3, silence_ms=1), Turn(9, count=5))
    assert [turn and turn.position for turn in (next_turn(found, at, 1) for at in (0, 3, 9))] == [3, 9, None]
    assert [turn and turn.position for turn in (next_turn(found, at, -1) for at in (10, 9, 3))] == [
        9,
        3,
        None,
    ]
