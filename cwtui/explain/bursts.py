"""Where a pattern comes thick: buckets that stand out of its own median."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cwtui.explain.values import BUCKETS

_Z = 6.0
_LEAST = 8
_RATIO = 3.0
_MAX_SHARE = 0.4
"""A "burst" longer than this part of the scope is the new normal, not a burst."""


@dataclass(frozen=True, slots=True)
class Burst:
    """A stretch of neighbouring buckets, `[first, last]`, in which events came thick."""

    first: int
    last: int
    events: int
    peak: int
    """Events in its fullest bucket."""
    usual: float
    """Events in the median bucket."""
    z: float


def bucket_counts(times: NDArray[np.int64], start: int, end: int) -> NDArray[np.int64]:
    """Events in each of `BUCKETS` equal parts of `[start, end)`; those outside count in the nearest."""
    width = max(1, end - start)
    # As floats: a span of hostile timestamps times 64 would overflow.
    places = (times.astype(np.float64) - start) * (BUCKETS / width)
    return np.bincount(np.clip(places, 0, BUCKETS - 1).astype(np.int64), minlength=BUCKETS)


def bounds(start: int, end: int, first: int, last: int) -> tuple[int, int]:
    """`[from, until)` in ms of the buckets first..last."""
    width = max(1, end - start)
    return start + first * width // BUCKETS, start + (last + 1) * width // BUCKETS


def find_burst(counts: NDArray[np.int64]) -> Burst | None:
    """The strongest burst of a pattern, or None. Robust: median and MAD, with Poisson's noise as a floor."""
    total = int(counts.sum())
    if total < _LEAST:
        return None
    median = float(np.median(counts))
    mad = float(np.median(np.abs(counts - median)))
    noise = max(1.4826 * mad, math.sqrt(max(median, 1.0)))
    z = (counts - median) / noise
    hot = (z >= _Z) & (counts >= _RATIO * max(median, 1.0))
    if not hot.any() or hot.sum() > _MAX_SHARE * BUCKETS:
        return None
    peak = int(np.argmax(z))
    first = last = peak
    warm = z >= _Z / 2
    while first > 0 and warm[first - 1]:
        first -= 1
    while last < BUCKETS - 1 and warm[last + 1]:
        last += 1
    return Burst(
        first,
        last,
        int(counts[first : last + 1].sum()),
        int(counts[peak]),
        median,
        float(z[peak]),
    )
