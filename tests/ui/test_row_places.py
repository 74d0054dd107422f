from __future__ import annotations

from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from cwtui.ui.widgets.row_look import RowLook
from cwtui.ui.widgets.row_markers import DAY, GAP, SILENCE, Mark, rule
from cwtui.ui.widgets.row_places import Places
from cwtui.window.stretch import Stretch
from cwtui.window.view import View
from tests.ui.test_row_paint import STYLES

MIDNIGHT = 1_795_305_600_000
"""2026-11-22T00:00Z"""


def view_at(times: list[int]) -> View:
    new = Stretch(
        np.arange(len(times), dtype=np.int64), np.array(times, np.int64), np.zeros(len(times), np.uint8)
    )
    return View.empty().merged(new, lambda ids, at: np.lexsort((ids, at)))


def said(places: Places, count: int) -> dict[int, list[str]]:
    found = {position: [mark.text for mark in places.above(position)] for position in range(count)}
    return {position: texts for position, texts in found.items() if texts}


def test_a_silence_is_said_above_the_event_that_ends_it() -> None:
    places = Places(view_at([0, 1_000, 253_000, 254_000]), silence_ms=60_000)
    assert said(places, 4) == {2: ["nothing for 4m 12s"]}
    assert [mark.kind for mark in places.above(2)] == [SILENCE]


def test_a_day_begins_where_the_zone_says_and_takes_the_silence_with_it() -> None:
    view = view_at([MIDNIGHT - 7_200_000, MIDNIGHT - 3_600_000, MIDNIGHT + 1, MIDNIGHT + 2])
    assert said(Places(view, days=UTC), 4) == {2: ["2026-11-22"]}
    assert said(Places(view, days=timezone(timedelta(hours=1))), 4) == {1: ["2026-11-22"]}
    assert said(Places(view, days=ZoneInfo("America/New_York")), 4) == {}
    together = Places(view, days=UTC, silence_ms=3_600_000)
    assert said(together, 4) == {1: ["nothing for 1h 00m"], 2: ["2026-11-22 · nothing for 1h 00m"]}
    assert together.above(2)[0].kind == DAY


def test_marks_stand_above_the_first_event_after_them_and_below_the_last() -> None:
    marks = [Mark(60, GAP, "late"), Mark(5, GAP, "early"), Mark(20, GAP, "at"), Mark(21, GAP, "between")]
    places = Places(view_at([10, 20, 30]), marks=marks)
    assert said(places, 3) == {0: ["early"], 1: ["at"], 2: ["between"]}
    assert [mark.text for mark in places.trailing] == ["late"]
    assert [mark.text for mark in Places(View.empty(), marks=marks).trailing] == [
        "early",
        "at",
        "between",
        "late",
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 900), min_size=1, max_size=900).map(sorted),
    st.lists(st.integers(-20, 950), max_size=8),
)
def test_every_mark_is_said_once_and_never_after_an_event_that_follows_it(
    times: list[int], moments: list[int]
) -> None:
    places = Places(view_at(times), marks=[Mark(moment, GAP, "x") for moment in moments])
    found = [(position, mark.timestamp) for position in range(len(times)) for mark in places.above(position)]
    found += [(len(times), mark.timestamp) for mark in places.trailing]
    assert sorted(moment for _, moment in found) == sorted(moments)
    for position, moment in found:
        assert all(time < moment for time in times[:position])
        assert position == len(times) or times[position] >= moment


@pytest.mark.parametrize("width", [1, 8, 20, 80])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_rule_fills_any_width_and_shows_foreign_text_inert(width: int, ascii_only: bool) -> None:
    mark = Mark(0, GAP, "not read: 14:02:10-14:02:40 · \x1b[31mthrottled 漢字漢字")
    strip = rule(mark, RowLook(width=width, ascii_only=ascii_only), STYLES)
    assert strip.cell_length == width
    assert "\x1b" not in strip.text
    if width == 80:
        assert "throttled" in strip.text
        assert strip.text.isascii() is False or not ascii_only


def test_a_gap_has_the_colour_of_warnings_and_a_silence_none() -> None:
    loud = Style(bold=True)
    styles = STYLES.__class__(
        base=Style(),
        muted=Style(dim=True),
        bar=Style(),
        key=Style(),
        match=Style(),
        late=loud,
        cursor=Style(),
        selected=Style(),
        levels=STYLES.levels,
        streams=STYLES.streams,
    )
    (gap, *_), (silence, *_) = (rule(Mark(0, kind, "x"), RowLook(), styles) for kind in (GAP, SILENCE))
    assert gap.style is not None
    assert gap.style.bold
    assert silence.style is not None
    assert silence.style.dim
