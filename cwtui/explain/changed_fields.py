"""Which fields differ between a window and its baseline: values that came up, numbers that moved.

Values are told apart by a G-test each, numbers by their ranks and by the weight of their upper tail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cwtui.explain.changed_slots import SlotNumbers
from cwtui.explain.compare import FACTOR, Evidence, Q, adjusted, g_statistic, p_of
from cwtui.explain.lambda_report import quantile
from cwtui.explain.sampled import Sample
from cwtui.explain.values import spread
from cwtui.lang.envelope import fields_of, flatten
from cwtui.lang.fields import written_value

FIELDS_TOLD = 5
_FIELDS = 60
"""Fields of one line that are looked at."""
_MOST_VALUES = 200
_LEAST = 20
"""Lines of each side that must have a field before it is compared."""
_SHIFT = 1.5
"""By what factor p50 or p95 must move."""
_SHARE = 0.02
"""A value that makes up less of its field in both windows is not worth a line."""
_LONGEST = 120
_TOLD_BY_PATTERNS = frozenset(("message", "msg", "log", "level", "severity", "levelname", "lvl", "log.level"))
_DISTINCT = 0.5
"""A field of which more than this part of the values is its own is an id."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs."""

    path: str
    """Foreign text, as are the values."""
    value: str | None
    """The value that came up or went away; None for numbers that moved."""
    share: float
    share_before: float
    """Of the lines that have the field, how many have the value."""
    quantiles: tuple[float, float] | None
    quantiles_before: tuple[float, float] | None
    """p50 and p95 of its numbers."""
    events: tuple[int, ...]
    """Row ids of the window's lines that show it, of those sampled."""
    evidence: Evidence
    template: str = ""
    """Of a slot, the pattern that it stands in; `path` is then the word before it. Foreign text."""
    unit: str = ""
    """Of its numbers, as they are told."""


@dataclass(slots=True)
class _Field:
    """The values of one field on one side."""

    numbers: list[tuple[float, int]] = field(default_factory=list)
    words: dict[str, list[int]] = field(default_factory=dict)
    """By value: the rows that have it."""
    count: int = 0


def changed_fields(here: Sample, before: Sample, slots: Iterable[SlotNumbers] = ()) -> list[FieldChange]:
    """The fields that differ most, and the slots of patterns, surest first, one line each."""
    now, then = _collected(here.lines()), _collected(before.lines())
    shared = sorted(path for path in now.keys() & then.keys() if path.lower() not in _TOLD_BY_PATTERNS)
    candidates: list[tuple[float, FieldChange]] = []
    for path in shared:
        a, b = now[path], then[path]
        if min(a.count, b.count) < _LEAST:
            continue
        if len(a.numbers) == a.count and len(b.numbers) == b.count and not _coded(a, b):
            candidates += _moved(path, a, b)
        else:
            candidates += _came_up(path, a, b)
    for slot in slots:
        sides = [_Field(list(side), {str(number): [] for number, _ in side}, len(side))
                 for side in (slot.now, slot.then)]  # fmt: skip
        if not _coded(*sides):
            for p, change in _moved(slot.name, *sides):
                candidates.append((p, replace(change, template=slot.template, unit=slot.unit)))
    chances = adjusted([p for p, _ in candidates])
    told: dict[tuple[str, str], tuple[float, float, FieldChange]] = {}
    for p, (_, change) in zip(chances, candidates, strict=True):
        if p > Q or not _far_enough(change):
            continue
        # Of two values of which one took the other's place, the one that came up.
        best = (p, change.share_before - change.share, change)
        name = (change.path, change.template)
        if name not in told or best[:2] < told[name][:2]:
            told[name] = best
    ordered = sorted(told.values(), key=lambda item: (item[0], item[1], item[2].path, item[2].template))
    return [_with(change, p) for p, _, change in ordered]


def _collected(lines: Iterable[tuple[int, str]]) -> dict[str, _Field]:
    found: dict[str, _Field] = {}
    for row, message in lines:
        fields = fields_of(message)
        if not fields:
            continue
        for path, raw in flatten(fields, _FIELDS).items():
            if raw is None or len(path) > _LONGEST:
                continue
            value = written_value(raw) if isinstance(raw, str) else raw
            entry = found.setdefault(path, _Field())
            entry.count += 1
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
                entry.numbers.append((float(value), row))
            text = str(raw).lower() if isinstance(raw, bool) else str(raw)
            if len(text) <= _LONGEST and len(entry.words) <= _MOST_VALUES:
                entry.words.setdefault(text, []).append(row)
    return found


def _coded(a: _Field, b: _Field) -> bool:
    """Whether numbers are names (a status): few values, and none of them with a fraction."""
    values = a.words.keys() | b.words.keys()
    return len(values) <= 12 and all(value.lstrip("-").isdigit() for value in values)


def _came_up(path: str, a: _Field, b: _Field) -> Iterator[tuple[float, FieldChange]]:
    values = sorted(a.words.keys() | b.words.keys())
    if not 2 <= len(values) <= _MOST_VALUES or len(values) > _DISTINCT * (a.count + b.count):
        return
    now = np.array([len(a.words.get(value, ())) for value in values], dtype=np.float64)
    then = np.array([len(b.words.get(value, ())) for value in values], dtype=np.float64)
    statistic = g_statistic(now, then, a.count, b.count)
    for place, value in enumerate(values):
        count, before = int(now[place]), int(then[place])
        ratio = ((count + 0.5) / (a.count + 1)) / ((before + 0.5) / (b.count + 1))
        p = p_of(float(statistic[place]))
        yield (
            p,
            FieldChange(
                path,
                value,
                count / a.count,
                before / b.count,
                None,
                None,
                spread(a.words.get(value, [])),
                Evidence("strong", count, before, round(ratio, 3), p),
            ),
        )


def _moved(path: str, a: _Field, b: _Field) -> Iterator[tuple[float, FieldChange]]:
    now = np.array([value for value, _ in a.numbers])
    then = np.array([value for value, _ in b.numbers])
    if _climbing(now) and _climbing(then):
        return
    p = _ranks_differ(now, then)
    now_at, then_at = _quantiles(now), _quantiles(then)
    place = 0 if _moves(now_at[0], then_at[0]) >= _moves(now_at[1], then_at[1]) else 1
    ratio = now_at[place] / then_at[place] if then_at[place] else 0.0
    if now_at[place] > then_at[place]:
        # What went beyond the usual, where the usual has an end below it.
        edge = then_at[1] if then_at[1] < now_at[1] else now_at[0]
        beyond = [row for value, row in a.numbers if value > edge or value >= now_at[1]]
    else:
        beyond = [row for value, row in a.numbers if value <= now_at[0]]
    yield (
        p,
        FieldChange(
            path,
            None,
            0.0,
            0.0,
            now_at,
            then_at,
            spread(beyond),
            Evidence("strong", a.count, b.count, round(ratio, 3), p),
        ),
    )


def _climbing(values: NDArray[np.float64]) -> bool:
    """A counter or a clock: it differs between any two windows and says nothing."""
    steps = np.diff(values)
    return len(steps) > 0 and bool((steps >= 0).mean() > 0.95) and bool((steps > 0).mean() > 0.3)


def _quantiles(values: NDArray[np.float64]) -> tuple[float, float]:
    ordered = sorted(values.tolist())
    return quantile(ordered, 0.5), quantile(ordered, 0.95)


def _moves(now: float, then: float) -> float:
    """By what factor one is the other, whichever way; infinite where only one is nought."""
    if now == then:
        return 1.0
    if now * then <= 0:
        return float("inf")
    return max(now / then, then / now)


def _far_enough(change: FieldChange) -> bool:
    if change.quantiles is not None and change.quantiles_before is not None:
        return any(
            _moves(now, then) >= _SHIFT
            for now, then in zip(change.quantiles, change.quantiles_before, strict=True)
        )
    ratio = change.evidence.ratio
    common = max(change.share, change.share_before) >= _SHARE
    return common and max(ratio, 1 / max(ratio, 1e-9)) >= FACTOR


def _ranks_differ(now: NDArray[np.float64], then: NDArray[np.float64]) -> float:
    """The chance of the ranks (Mann and Whitney, ties corrected), or of an upper tail as heavy."""
    both = np.concatenate((now, then))
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    n, m, whole = len(now), len(then), len(both)
    spread_of_ties = float((counts.astype(np.float64) ** 3 - counts).sum()) / (whole * (whole - 1))
    variance = n * m / 12 * (whole + 1 - spread_of_ties)
    if variance <= 0:
        return 1.0
    z = (float(ranks[:n].sum()) - n * (whole + 1) / 2) / variance**0.5
    tail = float(np.quantile(then, 0.95))
    over = np.array([float((now > tail).sum())])
    usual = np.array([float((then > tail).sum())])
    heavier = p_of(float(g_statistic(over, usual, n, m)[0]))
    return min(1.0, 2 * min(p_of(z * z), heavier))


def _with(change: FieldChange, p: float) -> FieldChange:
    grade = "strong" if p < 0.001 else "some"
    return replace(change, evidence=replace(change.evidence, grade=grade, p=p))
