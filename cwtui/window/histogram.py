"""Events counted by time and level, from the columns of a view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Level
from cwtui.window.view import View


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of shape (buckets, 7): bucket `i` is `[start + i * width_ms, start + (i + 1) * width_ms)`."""

    start: int
    width_ms: int
    counts: NDArray[np.int64]

    @property
    def totals(self) -> NDArray[np.int64]:
        """All levels together, one number a bucket."""
        totals: NDArray[np.int64] = self.counts.sum(axis=1)
        return totals

    @property
    def end(self) -> int:
        """The moment after the last bucket; at or after the end that was asked for."""
        return self.start + self.width_ms * len(self.counts)

    def bucket_of(self, timestamp: int) -> int | None:
        """The bucket that holds the moment, or None outside."""
        return (timestamp - self.start) // self.width_ms if self.start <= timestamp < self.end else None


def histogram(view: View, start: int, end: int, buckets: int) -> Histogram:
    """Counts the events of `[start, end)` (ms UTC) in buckets of one width, at least 1 ms.

    The width is rounded up to a whole millisecond, so the last bucket may reach past `end`; events
    at or after `end` are not counted. Raises ValueError for fewer than one bucket.
    """
    if buckets < 1:
        raise ValueError(f"{buckets} buckets")
    width = max(1, -(-(end - start) // buckets))
    levels = len(Level)
    counts = np.zeros(buckets * levels, np.int64)
    first, last = view.at_or_after(start), view.at_or_after(end)
    step = 262_144
    for begin in range(first, last, step):
        piece = view.stretch(begin, min(begin + step, last))
        # Wraps around as unsigned: right for every range that 64 bits hold, where a signed difference is not.
        since = piece.times.view(np.uint64) - np.uint64(start % 2**64)
        cells = (since // np.uint64(width)).astype(np.int64) * levels + piece.levels
        counts += np.bincount(cells, minlength=len(counts))
    return Histogram(start, width, counts.reshape(buckets, levels))
