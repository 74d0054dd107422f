"""Where nothing came though much should have: gaps in the whole window, patterns that stopped.

A gap is told only where it stands out of the log's own gaps: what comes in batches is often quiet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cwtui.explain.templates import Pattern

_LEAST_MS = 30_000
_EXPECTED = 20
"""Events that should have come at the rate of the rest."""
_FACTOR = 5
"""How many times longer than the usual longest gap it is."""
_GAPS = 2
"""Gaps that are told; the next one is the usual longest."""
_ACTIVE = 0.2
"""The part of the window over which a pattern must have come before it can be said to have stopped."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without any event."""

    start: int
    end: int
    """Times (ms UTC) of the event before and of the one after."""
    events: tuple[int, int]
    """Their row ids."""


def gaps(patterns: Sequence[Pattern]) -> list[Gap]:
    """The silences of a window between its events, longest first, at most two."""
    if not patterns:
        return []
    times = np.concatenate([pattern.times for pattern in patterns])
    ids = np.concatenate([pattern.ids for pattern in patterns])
    order = np.argsort(times, kind="stable")
    steps = np.diff(times[order])
    if len(steps) < _EXPECTED:
        return []
    longest = np.argsort(-steps, kind="stable")[: _GAPS + 1]
    usual = int(steps[longest[-1]])
    found = []
    for place in longest[:_GAPS].tolist():
        width = int(steps[place])
        active = int(times[order[-1]]) - int(times[order[0]]) - width
        if _stands_out(width, usual, len(times), active):
            before, after = int(order[place]), int(order[place + 1])
            found.append(Gap(int(times[before]), int(times[after]), (int(ids[before]), int(ids[after]))))
    return found


def stopped(pattern: Pattern, start: int, end: int) -> bool:
    """Whether a pattern came steadily for a good part of `[start, end)` and then no more."""
    if pattern.overflow or pattern.count < _EXPECTED:
        return False
    times: NDArray[np.int64] = np.sort(pattern.times)
    first, last = int(times[0]), int(times[-1])
    if last - first < _ACTIVE * (end - start):
        return False
    return _stands_out(end - last, int(np.diff(times).max()), pattern.count, last - first)


def _stands_out(width: int, usual: int, count: int, active: int) -> bool:
    expected = count / max(1, active) * width
    return width >= _LEAST_MS and expected >= _EXPECTED and width >= _FACTOR * max(1, usual)
