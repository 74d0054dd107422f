"""The pure parts of the events view: arrangement, words, bars, laid-out JSON, the row cache."""

from __future__ import annotations

from datetime import UTC
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.core.models import GroupProgress, Progress, TimeWindow
from cwtui.fetch.tail import TailKind, TailState
from cwtui.investigation import FollowState, LoadKind, LoadState
from cwtui.ui.screens.events.arrangement import LEAST_EVENTS, NAVIGATION, arrange
from cwtui.ui.screens.events.words import Asked, note_words, placeholder, state_words
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


def test_the_state_is_said_in_words() -> None:
    loading = LoadState(
        LoadKind.LOADING, Progress((GroupProgress("a", events=12_000, done=True), GroupProgress("b")))
    )
    quiet = FollowState()
    kinds = {"frozen": False, "recorded": False, "ascii_only": False}
    assert state_words(loading, quiet, **kinds)[0] == "LOADING 1/2 groups · 12,000 events"
    done = LoadState(LoadKind.LOADED)
    behind = FollowState(True, TailState(behind_ms=12_000))
    assert state_words(done, behind, **kinds)[0] == "LIVE ● behind 12 s"
    throttled = FollowState(True, TailState(TailKind.THROTTLED, interval_ms=4_000))
    assert state_words(done, throttled, **kinds)[0] == "LIVE throttled, next in 4 s"
    assert state_words(done, quiet, **{**kinds, "recorded": True})[0] == "END OF RECORDING"


def test_what_is_missing_is_named() -> None:
    partial = LoadState(LoadKind.PARTIAL, partial=("/secret: denied",))
    assert "/secret: denied" in note_words(partial, FollowState())


def test_an_empty_list_tells_filters_from_no_events() -> None:
    done = LoadState(LoadKind.LOADED)
    asked = Asked(last_ms=900_000)
    none = placeholder(done, loaded=0, asked=asked, filtered=True, ascii_only=False)
    hidden = placeholder(done, loaded=5, asked=asked, filtered=True, ascii_only=False)
    assert none[0] == "No events in the last 15m"
    assert hidden[0] == "None of 5 events passes the filters"


def test_the_window_is_said_as_it_was_asked_for() -> None:
    assert Asked(last_ms=900_000).words(UTC, None) == "last 15m (UTC)"
    window = TimeWindow(1_763_805_600_000, 1_763_806_500_000)
    assert Asked(window=window).words(UTC, None) == "10:00-10:15 (UTC)"


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
