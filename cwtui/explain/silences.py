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
_PART = 65_536
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
    times.sort()
    if len(times) <= _EXPECTED:
        return []
    longest = _widest(times, _GAPS + 1)
    usual = longest[-1][0]
    found = []
    for width, place in longest[:_GAPS]:
        start, end = int(times[place]), int(times[place + 1])
        if _stands_out(width, usual, len(times), int(times[-1]) - int(times[0]) - width):
            found.append(Gap(start, end, (_event_at(patterns, start), _event_at(patterns, end))))
    return found


def _widest(times: NDArray[np.int64], most: int) -> list[tuple[int, int]]:
    """(width, place of its beginning) of the widest steps, the widest first, then the earliest."""
    found: list[tuple[int, int]] = []
    # In parts: all steps of a million events at once cost as much memory as their times.
    for first in range(0, len(times) - 1, _PART):
        steps = np.diff(times[first : first + _PART + 1])
        found += [(-int(steps[at]), first + at) for at in np.argsort(-steps, kind="stable")[:most].tolist()]
    return [(-width, place) for width, place in sorted(found)[:most]]


def _event_at(patterns: Sequence[Pattern], time: int) -> int:
    """The row id of an event of that time; of several the first by pattern."""
    found = (
        int(pattern.ids[np.argmax(pattern.times == time)]) for pattern in patterns if time in pattern.times
    )
    return next(found)


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
