"""Where the rhythm of a view breaks: silences and bursts, the places a reader jumps to.

Pure, over the columns of a `View`; the work is one pass over the times, in pieces, so that a thread
that does it never holds the interpreter for long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cwtui.window.bars import bars_of
from cwtui.window.histogram import histogram
from cwtui.window.view import View

SILENCE_MS = 60_000
"""No shorter stretch without events is a gap."""
SILENCE_SPACINGS = 20
"""Nor one that is less than this many times the usual distance between events."""
BUCKETS = 240
_DEVIATIONS = 6
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Turn:
    """A place where the rhythm breaks: the first event after a silence, or the first of a burst."""

    position: int
    silence_ms: int = 0
    """How long nothing came before it; 0 for a burst."""
    count: int = 0
    """Of a burst: its events."""
    length_ms: int = 0
    """Of a burst: how long it went on, in whole buckets."""

    @property
    def is_gap(self) -> bool:
        return self.silence_ms > 0


def turns(view: View) -> tuple[Turn, ...]:
    """All gaps and bursts of a view, by position; at one position the gap."""
    found = {turn.position: turn for turn in _bursts(view)}
    found.update({turn.position: turn for turn in _gaps(view)})
    return tuple(found[position] for position in sorted(found))


def next_turn(found: tuple[Turn, ...], position: int, direction: int) -> Turn | None:
    """The nearest turn after (`direction` 1) or before (-1) a position, or None."""
    if direction > 0:
        return next((turn for turn in found if turn.position > position), None)
    return next((turn for turn in reversed(found) if turn.position < position), None)


def _gaps(view: View) -> list[Turn]:
    if len(view) < 2:
        return []
    short = np.zeros(SILENCE_MS + 1, np.int64)
    positions: list[NDArray[np.int64]] = []
    lengths: list[NDArray[np.int64]] = []
    last, first = view.time_at(0), 0
    for piece in view.stretches():
        spacing = np.diff(piece.times, prepend=last)
        if first == 0:
            spacing = spacing[1:]
        is_long = spacing > SILENCE_MS
        short += np.bincount(spacing[~is_long], minlength=len(short))
        where = np.flatnonzero(is_long)
        positions.append(where + first + (first == 0))
        lengths.append(spacing[where])
        last, first = int(piece.times[-1]), first + piece.size
    silences = np.concatenate(lengths)
    least = max(SILENCE_MS, SILENCE_SPACINGS * _median(short, silences))
    return [
        Turn(int(position), silence_ms=int(length))
        for position, length in zip(np.concatenate(positions), silences, strict=True)
        if length > least
    ]


def _median(short: NDArray[np.int64], long: NDArray[np.int64]) -> int:
    """The median spacing, of counts by ms and of the few that are longer."""
    middle = (int(short.sum()) + len(long) - 1) // 2
    if middle < int(short.sum()):
        return int(np.searchsorted(np.cumsum(short), middle, "right"))
    return int(np.sort(long)[middle - int(short.sum())])


def _bursts(view: View) -> list[Turn]:
    if (span := view.span) is None:
        return []
    bars = bars_of(span[0], span[1] + 1, BUCKETS)
    counts = histogram(view, bars.start, bars.end, bars.count).totals
    loud = np.flatnonzero(counts > _usual_at_most(counts))
    if not len(loud):
        return []
    found = []
    for run in np.split(loud, np.flatnonzero(np.diff(loud) > 1) + 1):
        begins = view.at_or_after(bars.start + int(run[0]) * bars.width_ms)
        found.append(Turn(begins, count=int(counts[run].sum()), length_ms=len(run) * bars.width_ms))
    return found


def _usual_at_most(counts: NDArray[np.int64]) -> float:
    """The count that no ordinary bucket exceeds: the median and some robust deviations.

    Never less than what chance alone makes of a steady stream, the root of its count.
    """
    busy = counts[counts > 0]
    median = float(np.median(busy))
    deviation = _MAD_TO_SIGMA * float(np.median(np.abs(busy - median)))
    return median + _DEVIATIONS * max(deviation, math.sqrt(median))
