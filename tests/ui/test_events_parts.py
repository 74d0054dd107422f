"""The pure parts of the events view: arrangement, words, bars, laid-out JSON, the row cache."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.core.models import GroupProgress, Progress, TimeWindow
from cwtui.fetch.budget import Pace
from cwtui.fetch.tail import Gap, TailKind, TailState
from cwtui.investigation import FollowState, LoadKind, LoadState
from cwtui.ui.screens.events.arrangement import LEAST_EVENTS, NAVIGATION, arrange
from cwtui.ui.screens.events.words import (
    Asked,
    gap_words,
    missing_words,
    note_words,
    placeholder,
    state_words,
)
from cwtui.ui.widgets.pretty import DEPTH, pretty
from cwtui.ui.widgets.row_cache import RowCache, around
from tests.ui.event_rows import row


@given(st.integers(40, 300), st.integers(8, 100))
def test_a_side_pane_never_takes_the_columns_that_events_need(width: int, height: int) -> None:
    plan = arrange(width, height)
    centre = width - (NAVIGATION if plan.navigation else 0)
    assert plan.side_columns == 0 or centre - plan.side_columns >= LEAST_EVENTS
    assert not plan.both or (plan.side_columns and plan.detail_rows)


@pytest.mark.parametrize(
    ("size", "histogram", "detail", "navigation"),
    [
        ((80, 12), 0, 0, False),
        ((80, 24), 1, 0, False),
        ((120, 30), 3, 8, False),
        ((120, 40), 3, 12, False),
        ((200, 60), 5, 15, True),
    ],
)
def test_sizes_show_what_viewers_md_says(
    size: tuple[int, int], histogram: int, detail: int, navigation: bool
) -> None:
    plan = arrange(*size)
    assert (plan.histogram_rows, plan.detail_rows, plan.navigation) == (histogram, detail, navigation)


def text_of(value: object) -> str:
    return "\n".join("".join(text for text, _ in line) for line in pretty(value))


def test_json_is_laid_out_with_stack_traces_as_lines() -> None:
    assert text_of({"a": 1, "trace": "one\n  two", "list": []}) == (
        '{\n  "a": 1,\n  "trace": \n    │ one\n    │   two\n  "list": []\n}'
    )


def test_json_deeper_than_anyone_reads_ends_in_dots_and_makes_lines_only_as_asked() -> None:
    deep: object = 1
    for _ in range(900):
        deep = [deep]
    assert text_of(deep).count("…") == 1
    assert len(text_of(deep).splitlines()) == 2 * DEPTH + 1
    assert len(list(islice(pretty(list(range(10**6))), 5))) == 5


def test_hostile_json_is_printable() -> None:
    assert "\x1b" not in text_of({"\x1b[2J": "\x1b]0;T\x07", "m": "a\n\x1b[31m"})


def said(load: LoadState, follow: FollowState, *, recorded: bool = False, pace: Pace | None = None) -> str:
    return state_words(load, follow, frozen=False, recorded=recorded, ascii_only=False, pace=pace)[0]


def test_the_state_is_said_in_words() -> None:
    loading = LoadState(
        LoadKind.LOADING, Progress((GroupProgress("a", events=12_000, done=True), GroupProgress("b")))
    )
    slowed = Pace(10.0, 2.5, 0.6, throttled=True, waiting=0, full=0, calls=9, throttles=1, latency_s=0.1)
    assert said(loading, FollowState()) == "LOADING 1/2 groups · 12,000 events"
    assert said(loading, FollowState(), pace=slowed).endswith("12,000 events · throttled, slowed to 2.5/s")
    assert said(LoadState(LoadKind.LOADED), FollowState(), recorded=True) == "END OF RECORDING"


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        (TailState(), "LIVE ● polling every 2 s"),
        (TailState(behind_ms=12_000), "LIVE ● behind 12 s"),
        (TailState(behind_ms=22_000, interval_ms=20_000), "LIVE ● polling every 20 s"),
        (TailState(TailKind.THROTTLED, interval_ms=4_000), "LIVE throttled, every 4 s"),
        (TailState(TailKind.PAUSED), "PAUSED, F goes on"),
        (TailState(TailKind.LIVE, live_ms=61_000), "LIVE TAIL ● 2 min billed"),
        (
            TailState(TailKind.LIVE, live_ms=1, sampled=((1, 2),)),
            "LIVE TAIL ● 1 min billed, sampled: filling in",
        ),
    ],
)
def test_what_a_tail_does_is_said_in_words(tail: TailState, words: str) -> None:
    assert said(LoadState(LoadKind.LOADED), FollowState(True, tail)) == words


def test_a_frozen_view_still_says_what_the_tail_does_and_costs() -> None:
    def frozen(tail: TailState) -> tuple[str, str]:
        follow = FollowState(True, tail)
        return state_words(LoadState(LoadKind.LOADED), follow, frozen=True, recorded=False, ascii_only=False)

    assert frozen(TailState(TailKind.LIVE, live_ms=61_000)) == ("FROZEN, LIVE TAIL ● 2 min billed", "busy")
    assert frozen(TailState(TailKind.PAUSED)) == ("FROZEN, PAUSED, F goes on", "bad")


def test_following_again_after_a_load_that_failed_says_what_the_tail_does() -> None:
    assert said(LoadState(LoadKind.FAILED), FollowState(True)) == "LIVE ● polling every 2 s"


def test_a_hole_says_when_where_and_why() -> None:
    gap = Gap("/app", 1_800_000_000_000, 1_800_000_030_000, "throttled")
    assert gap_words(gap, UTC, several=True) == "not read: 08:00:00 to 08:00:30 of /app · throttled"


def test_what_is_missing_is_named() -> None:
    partial = LoadState(LoadKind.PARTIAL, partial=("/secret: denied",))
    assert "/secret: denied" in note_words(partial, FollowState())


def test_groups_that_wait_for_a_login_while_others_go_on_are_counted_and_F_is_named() -> None:
    waiting = ("/a in 1: it ended", "/b in 1: it ended")
    done, tail = LoadState(LoadKind.LOADED), TailState(note="it ended", waiting=waiting)
    said = note_words(done, FollowState(following=True, tail=tail))
    assert said == "2 groups wait for a login (F, :partial) it ended"
    assert (
        note_words(done, FollowState(following=True, tail=replace(tail, kind=TailKind.PAUSED))) == "it ended"
    )


def test_what_is_missing_names_ten_and_counts_the_rest() -> None:
    assert missing_words([], []) == "Everything asked for is there."
    assert missing_words(["one"], ["as of today"]) == "one\nas of today"
    many = missing_words([f"group {number}" for number in range(15)], []).splitlines()
    assert (len(many), many[-1]) == (11, "and 5 more")


def test_an_empty_list_tells_filters_from_no_events() -> None:
    done = LoadState(LoadKind.LOADED)
    asked = Asked(last_ms=900_000)
    none = placeholder(done, loaded=0, asked=asked, filtered=True, ascii_only=False)
    hidden = placeholder(done, loaded=5, asked=asked, filtered=True, ascii_only=False)
    assert none[0] == "No events in the last 15m"
    assert hidden[0] == "None of 5 events passes the filters"


def test_the_window_is_said_as_it_was_asked_for() -> None:
    window = TimeWindow(1_763_805_600_000, 1_763_806_500_000)
    day, today = 86_400_000, window.start
    assert Asked(last_ms=900_000).words(UTC, None, today) == "last 15m (UTC)"
    assert Asked(window=window).words(UTC, None, today) == "10:00-10:15 (UTC)"
    days = TimeWindow(window.start, window.start + 2 * day)
    assert Asked(window=days).words(UTC, None, today) == "11-22 10:00-11-24 10:00 (UTC)"


def test_a_window_of_another_day_names_the_day() -> None:
    window, opened = TimeWindow(1_763_805_600_000, 1_763_806_500_000), TimeWindow(1_763_805_600_000)
    tomorrow, next_year = window.start + 86_400_000, window.start + 365 * 86_400_000
    assert Asked(window=window).words(UTC, None, tomorrow) == "11-22 10:00-10:15 (UTC)"
    assert Asked(window=opened).words(UTC, None, window.start) == "from 10:00 (UTC)"
    assert Asked(window=opened).words(UTC, None, tomorrow) == "from 11-22 10:00 (UTC)"
    assert Asked().words(UTC, opened, next_year) == "from 2025-11-22 10:00 (UTC)"


def test_the_cache_forgets_what_was_shown_longest_ago() -> None:
    cache = RowCache(capacity=2)
    cache.put([row(1), row(2)])
    cache.get(1)
    cache.put([row(3)])
    assert cache.missing([1, 2, 3]) == [2]


def test_reading_ahead_goes_where_the_scroll_went() -> None:
    assert around(100, 10, 1_000, 1) == range(90, 130)
    assert around(100, 10, 1_000, -1) == range(80, 120)
    assert around(0, 10, 15, 0) == range(0, 15)
