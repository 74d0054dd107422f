"""Whether a pattern came more or less often than in a baseline: counts in, verdicts out. Pure figures.

    counts -> G-test (by share of all events, and by time) -> / dispersion -> Benjamini-Hochberg -> kind

Two tests must agree, on the direction and on a factor of `FACTOR`: by share alone a flood of one
pattern makes every other rarer, by time alone twice the traffic makes everything more. The test takes
events to be independent, which lines of a log are not: they come in bursts. Its statistic is therefore
divided by how unevenly the pattern (or, where it was rare, the usual pattern) lay in time.
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
_BURSTY = 2.0
"""Unevenness that events which fall independently show once in a hundred times."""
_USUAL = 0.75
"""The quantile of the patterns' unevenness that stands for one that is rare or new."""


Slices = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Of the window and of the baseline: events of each pattern (rows) in `SLICES` equal parts (columns)."""


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
    slices: Slices | None = None,
) -> list[Verdict]:
    """A verdict on each pattern, by its events in the window and in the baseline.

    `slices` are its events in equal parts of either; without them, events count as independent. Where
    either side has no events at all, everything is `SAME`.
    """
    now, then = np.asarray(counts, dtype=np.float64), np.asarray(before, dtype=np.float64)
    if not len(now) or exposure.count <= 0 or exposure.before <= 0:
        return [
            Verdict(Kind.SAME, Evidence("weak", a, b, 1.0, 1.0)) for a, b in zip(counts, before, strict=True)
        ]
    uneven = _unevenness(slices, len(now), exposure)
    statistic = g_statistic(now, then, exposure.count, exposure.before)
    # By share means against all else, or what comes twice as often would make its own share less than double.
    ratio = _ratio(now, then, exposure.count - now, exposure.before - then)
    if exposure.length > 0 and exposure.length_before > 0:
        timely = _g_of_rates(now, then, exposure.length, exposure.length_before)
        rates = _ratio(now, then, exposure.length, exposure.length_before)
        statistic = np.minimum(statistic, timely)
        agree = (ratio > 1) == (rates > 1)
        ratio = np.where(agree, np.where(abs(np.log(rates)) < abs(np.log(ratio)), rates, ratio), 1.0)
    # What has too few events to be flagged whichever way they fell is not tried: each try costs power.
    tried = now + then >= LEAST
    p = np.ones(len(now))
    p[tried] = adjusted([p_of(value) for value in _scaled(statistic, uneven)[tried].tolist()])
    heavy = np.maximum(now, then) >= LEAST
    changed = (p <= Q) & (abs(np.log(ratio)) >= math.log(FACTOR) - 1e-9) & heavy
    return [
        _verdict(int(a), int(b), float(r), float(chance), bool(flagged), float(spread))
        for a, b, r, chance, flagged, spread in zip(now, then, ratio, p, changed, uneven, strict=True)
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


def _ratio(
    now: NDArray[np.float64],
    then: NDArray[np.float64],
    per_now: NDArray[np.float64] | float,
    per_then: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """One rate to the other; half an event more on either side where one has none."""
    more = np.where((now > 0) & (then > 0), 0.0, 0.5)
    ratio: NDArray[np.float64] = ((now + more) / np.maximum(per_now, 0.5)) / (
        (then + more) / np.maximum(per_then, 0.5)
    )
    return ratio


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


def _unevenness(slices: Slices | None, patterns: int, exposure: Exposure) -> NDArray[np.float64]:
    """What each pattern's statistics are divided by, at least 1.

    Its own unevenness in the baseline, once it came often enough there. Where it is rare or new there,
    how the log's patterns usually are; but what lies evenly in the window is no burst, whatever they do.
    """
    if slices is None or exposure.before < SLICES:
        return np.ones(patterns)
    here, before = _dispersion(slices[0])[0], _dispersion(slices[1])[1]
    now, then = (side.sum(axis=1) for side in slices)
    telling = before[then >= LEAST]
    usual = float(np.quantile(telling, _USUAL)) if len(telling) else 1.0
    rare = np.where(now >= LEAST, np.minimum(here, usual), usual)
    enough = (then >= _OWN) | ((then >= LEAST) & (then > now))
    uneven: NDArray[np.float64] = np.maximum(1.0, np.where(enough, before, rare))
    return uneven


def _scaled(statistic: NDArray[np.float64], uneven: NDArray[np.float64]) -> NDArray[np.float64]:
    """The statistic by its unevenness, as chi-squared with one degree of freedom.

    Where that is more than noise it is an estimate, which makes an F of 1 and `SLICES` - 1 degrees of the
    quotient: brought back to chi-squared after Wallace (1959).
    """
    quotient, freedom = statistic / uneven, SLICES - 1
    narrowed = freedom * np.log1p(quotient / freedom) * (1 - 3 / (4 * freedom)) ** 2
    scaled: NDArray[np.float64] = np.where(uneven >= _BURSTY, narrowed, quotient)
    return scaled


def _dispersion(slices: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pearson's chi-squared by its degrees of freedom, 1 where events fall independently.

    Against the clock and against the traffic, the lesser and the greater: a heartbeat comes as often by
    night, a request's line does not.
    """
    events = slices.sum(axis=1, dtype=np.float64)
    traffic = slices.sum(axis=0, dtype=np.float64)
    by_clock = _against(slices, events, np.full(SLICES, 1 / SLICES))
    by_traffic = _against(slices, events, traffic / max(1.0, float(traffic.sum())))
    return np.minimum(by_clock, by_traffic), np.maximum(by_clock, by_traffic)


def _against(
    slices: NDArray[np.int64], events: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    live = weights > 0
    expected = np.maximum(events, 1.0)[:, None] * weights[live]
    off = slices[:, live] - events[:, None] * weights[live]
    dispersion: NDArray[np.float64] = (off**2 / expected).sum(axis=1) / max(1, int(live.sum()) - 1)
    return dispersion
