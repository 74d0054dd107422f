"""Whether a pattern came more or less often than in a baseline: counts in, verdicts out. Pure figures.

    counts -> G-test (by share of all events, and by time) -> / dispersion -> Benjamini-Hochberg -> kind

Two tests must agree, on the direction and on a factor of `FACTOR`: by share alone a flood of one
pattern makes every other rarer, by time alone twice the traffic makes everything more. The test takes
events to be independent, which lines of a log are not: they come in bursts. Its statistic is therefore
divided by how unevenly the pattern (or, where it was rare, the usual pattern) lay in the baseline's time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Q = 0.05
"""Part of the flagged that may be flagged by chance."""
FACTOR = 2.0
LEAST = 5
"""Events, in one window or the other, below which nothing is called a change."""
STRONG = 10
SLICES = 16
"""Equal parts of the baseline over which its unevenness is measured."""
_OWN = SLICES
"""From so many events in the baseline on a pattern is judged by its own unevenness."""
_USUAL = 0.75
"""The quantile of the patterns' unevenness that stands for one that is rare or new."""


class Kind(StrEnum):
    """How a pattern's rate stands to the baseline's."""

    NEW = "new"
    NEW_WEAK = "new_weak"
    """Not seen in the baseline, but that may be chance."""
    VANISHED = "vanished"
    VANISHED_WEAK = "vanished_weak"
    MORE = "more"
    FEWER = "fewer"
    BURSTING = "bursting"
    """More, and most of it in one stretch of the window."""
    SAME = "same"


CHANGED = (Kind.NEW, Kind.VANISHED, Kind.MORE, Kind.FEWER, Kind.BURSTING)
"""The kinds that are claimed; the others are only shown."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a claim of change rests on, in numbers."""

    grade: str
    """strong, some or weak."""
    count: int
    before: int
    """Events in the window, and in the baseline."""
    ratio: float
    """Rate in the window to that of the baseline, the smaller change of by share and by time."""
    p: float
    """How often chance alone does as much, corrected for the number of patterns tried; 0..1."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pattern, judged."""

    kind: Kind
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Exposure:
    """What counts are relative to: all events of each window, and how long each was."""

    count: int
    before: int
    length: int = 0
    length_before: int = 0
    """Milliseconds; 0 where a side has no length of its own and only shares can be compared."""


def judge(
    counts: Sequence[int],
    before: Sequence[int],
    exposure: Exposure,
    slices: NDArray[np.int64] | None = None,
) -> list[Verdict]:
    """A verdict on each pattern, by its events in the window and in the baseline.

    `slices[pattern, slice]` are its events in `SLICES` equal parts of the baseline; without them,
    events count as independent. Where either side has no events at all, everything is `SAME`.
    """
    now, then = np.asarray(counts, dtype=np.float64), np.asarray(before, dtype=np.float64)
    if not len(now) or exposure.count <= 0 or exposure.before <= 0:
        return [
            Verdict(Kind.SAME, Evidence("weak", a, b, 1.0, 1.0)) for a, b in zip(counts, before, strict=True)
        ]
    by_share, by_time = _unevenness(slices, len(now), exposure.before)
    statistic = g_statistic(now, then, exposure.count, exposure.before) / by_share
    ratio = ((now + 0.5) / (exposure.count + 1)) / ((then + 0.5) / (exposure.before + 1))
    if exposure.length > 0 and exposure.length_before > 0:
        timely = _g_of_rates(now, then, exposure.length, exposure.length_before) / by_time
        rates = ((now + 0.5) / exposure.length) / ((then + 0.5) / exposure.length_before)
        statistic = np.minimum(statistic, timely)
        agree = (ratio > 1) == (rates > 1)
        ratio = np.where(agree, np.where(abs(np.log(rates)) < abs(np.log(ratio)), rates, ratio), 1.0)
    # What has too few events to be flagged whichever way they fell is not tried: each try costs power.
    tried = now + then >= LEAST
    p = np.ones(len(now))
    p[tried] = adjusted([p_of(value) for value in statistic[tried].tolist()])
    heavy = np.maximum(now, then) >= LEAST
    changed = (p <= Q) & (abs(np.log2(ratio)) >= math.log2(FACTOR)) & heavy
    spread = np.maximum(by_share, by_time)
    return [
        _verdict(int(a), int(b), float(r), float(chance), bool(flagged), float(uneven))
        for a, b, r, chance, flagged, uneven in zip(now, then, ratio, p, changed, spread, strict=True)
    ]


def _verdict(count: int, before: int, ratio: float, p: float, changed: bool, uneven: float) -> Verdict:
    most = max(count, before) / uneven
    grade = "strong" if changed and most >= STRONG else "some" if changed or most >= LEAST else "weak"
    if not before:
        kind = Kind.NEW if changed else Kind.NEW_WEAK
    elif not count:
        kind = Kind.VANISHED if changed else Kind.VANISHED_WEAK
    elif changed:
        kind = Kind.MORE if ratio > 1 else Kind.FEWER
    else:
        kind = Kind.SAME
    return Verdict(kind, Evidence(grade, count, before, round(ratio, 3), p))


def g_statistic(
    now: NDArray[np.float64], then: NDArray[np.float64], total_now: float, total_then: float
) -> NDArray[np.float64]:
    """G of the tables [[now, rest], [then, rest]], one degree of freedom each."""
    whole = total_now + total_then
    share = (now + then) / whole
    g = np.zeros(len(now))
    for hit, total in ((now, total_now), (then, total_then)):
        g += _term(hit, total * share) + _term(total - hit, total * (1 - share))
    return np.maximum(0.0, 2 * g)


def _g_of_rates(
    now: NDArray[np.float64], then: NDArray[np.float64], length: float, length_before: float
) -> NDArray[np.float64]:
    """G of events against the lengths of the windows they came in, one degree of freedom."""
    whole = now + then
    part = length / (length + length_before)
    return np.maximum(0.0, 2 * (_term(now, whole * part) + _term(then, whole * (1 - part))))


def _term(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    safe = np.where(observed > 0, observed, 1.0)
    return np.where(observed > 0, observed * np.log(safe / np.where(expected > 0, expected, 1.0)), 0.0)


def p_of(statistic: float) -> float:
    """How often chance alone gives at least this value of chi-squared with one degree of freedom."""
    return math.erfc(math.sqrt(max(0.0, statistic) / 2))


def adjusted(p: Sequence[float]) -> list[float]:
    """P-values corrected after Benjamini and Hochberg (1995): those at most q form the rejected set at q."""
    count = len(p)
    order = sorted(range(count), key=lambda place: (-p[place], -place))
    corrected = [1.0] * count
    least = 1.0
    for rank, place in zip(range(count, 0, -1), order, strict=True):
        least = min(least, p[place] * (count / rank))
        corrected[place] = least
    return corrected


def _unevenness(
    slices: NDArray[np.int64] | None, patterns: int, total: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each pattern's statistics are divided by, at least 1: against the traffic, against the clock."""
    if slices is None or total < SLICES:
        return np.ones(patterns), np.ones(patterns)
    events = slices.sum(axis=1, dtype=np.float64)
    traffic = slices.sum(axis=0, dtype=np.float64)
    even = np.full(slices.shape[1], 1 / slices.shape[1])
    return (
        _dispersion(slices, events, traffic / max(1.0, traffic.sum())),
        _dispersion(slices, events, even),
    )


def _dispersion(
    slices: NDArray[np.int64], events: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Pearson's chi-squared by its degrees of freedom; 1 where events fall independently."""
    live = weights > 0
    freedom = max(1, int(live.sum()) - 1)
    expected = np.maximum(events, 1.0)[:, None] * weights[live]
    own: NDArray[np.float64] = ((slices[:, live] - events[:, None] * weights[live]) ** 2 / expected).sum(
        axis=1
    ) / freedom
    telling = own[events >= LEAST]
    usual = max(1.0, float(np.quantile(telling, _USUAL))) if len(telling) else 1.0
    return np.maximum(own, np.where(events >= _OWN, 1.0, usual))
