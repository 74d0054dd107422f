"""Silences in windows of many events."""

from __future__ import annotations

import numpy as np

from cwtui.core.models import Level
from cwtui.explain.silences import gaps
from cwtui.explain.templates import Pattern

COUNT, QUIET_FROM = 150_000, 100_000


def test_a_gap_far_into_many_events_is_found_with_its_edges() -> None:
    ids = np.arange(COUNT, dtype=np.int64)
    times = 1_795_000_000_000 + ids * 100
    times[QUIET_FROM:] += 600_000
    apart = [
        Pattern(name, Level.INFO, ids[first::2], times[first::2], (), ()) for first, name in enumerate("ab")
    ]
    (gap,) = gaps(apart)
    assert (gap.start, gap.end) == (int(times[QUIET_FROM - 1]), int(times[QUIET_FROM]))
    assert gap.events == (QUIET_FROM - 1, QUIET_FROM)
