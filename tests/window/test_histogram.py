from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.window.histogram import histogram
from cwtui.window.stretch import Stretch
from cwtui.window.view import View

TIME = st.one_of(st.integers(-50, 50), st.integers(-(2**63), 2**63 - 1))


def view_of(times: list[int], levels: list[int]) -> View:
    columns = Stretch(
        np.arange(len(times)), np.array(times, np.int64), np.array(levels[: len(times)], np.uint8)
    )
    return View.empty(4).merged(columns, lambda ids, _: np.arange(len(ids)))


@given(st.lists(TIME, max_size=30), TIME, TIME, st.integers(1, 9))
def test_every_event_of_the_range_is_counted_in_its_bucket(
    times: list[int], one: int, other: int, buckets: int
) -> None:
    start, end = min(one, other), max(one, other)
    levels = [at % 7 for at in range(30)]
    made = histogram(view_of(times, levels), start, end, buckets)
    expected = np.zeros((buckets, 7), np.int64)
    for time, level in zip(times, levels, strict=False):
        if start <= time < end:
            bucket = made.bucket_of(time)
            assert bucket is not None
            expected[bucket, level] += 1
    assert made.counts.tolist() == expected.tolist()
    assert made.totals.sum() == sum(start <= time < end for time in times)
    assert made.end >= end


def test_the_width_is_whole_milliseconds_and_at_least_one() -> None:
    view = view_of([0, 1, 2], [0, 0, 0])
    assert histogram(view, 0, 3, 10).width_ms == 1
    assert histogram(view, 0, 100, 30).width_ms == 4
    assert histogram(view, 5, 5, 3).counts.sum() == 0


def test_no_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match="0 buckets"):
        histogram(View.empty(), 0, 1, 0)
