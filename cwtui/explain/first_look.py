"""A first digest while the whole one is being made: from some events of each level, and said to be so.

Levels are never merged in patterns, so what a level's events are drawn from tells how often each of its
patterns came. Of a level that was read whole all is said, for it is exact; of the others no finding is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns, Level
from cwtui.core.timespec import human_duration
from cwtui.explain.digest import build_digest
from cwtui.explain.findings import many
from cwtui.explain.values import SCHEMA, Digest, PatternSummary, Scope

WORTHWHILE = 10_000
"""Below so many events the whole digest comes as soon."""
_DRAWN = {Level.WARN: 500, Level.ERROR: 1_000, Level.FATAL: 500}
"""Events of a level that are read at most."""
_DRAWN_ELSE = 300
_GRAVE = (Level.UNKNOWN, Level.WARN, Level.ERROR, Level.FATAL)
"""Levels whose events may be errors (`severity.grade`)."""
_OF_PATTERNS = ("errors", "burst")
_EDGES = ("first_error", "onset", "last_error")


def drawn(levels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Places of the events to read, ascending; `levels` are those of all, in display order."""
    found = []
    for level in Level:
        places = np.flatnonzero(levels == int(level))
        most = _DRAWN.get(level, _DRAWN_ELSE)
        if len(places) > most:
            places = places[np.linspace(0, len(places) - 1, most).astype(np.int64)]
        found.append(places)
    return np.sort(np.concatenate(found)).astype(np.int64)


def numbers(scope: Scope, counts: Sequence[int], span: tuple[int, int]) -> Digest:
    """What is known without reading any event: a headline. `counts` and `span` as for `first_look`."""
    total = sum(counts)
    start, end = (scope.start, scope.end) if scope.start or scope.end else (span[0], span[1] + 1)
    scope = replace(scope, start=start, end=end, events=total)
    limits = (f"None of {many(total, 'event')} is read yet.", *scope.notes)
    return Digest(SCHEMA, scope, _headline(scope, counts), (), (), (), limits, tuple(counts))


def first_look(
    chunks: Iterable[Columns], scope: Scope, counts: Sequence[int], span: tuple[int, int]
) -> Digest:
    """The digest of the events that were `drawn`; `counts` and `span` are those of all, by level and in ms.

    A pattern's number is worked out from its share of what was read of its level; its sparkline too. Pure;
    call it off the event loop.
    """
    total = sum(counts)
    start, end = (scope.start, scope.end) if scope.start or scope.end else (span[0], span[1] + 1)
    digest = build_digest(chunks, replace(scope, start=start, end=end))
    factors = {
        level: counts[level] / digest.levels[level] if digest.levels[level] else 1.0 for level in Level
    }
    exact = {level for level in Level if counts[level] <= digest.levels[level]}
    levels = {pattern.id: pattern.level for pattern in digest.patterns}
    told = set(_OF_PATTERNS) | (set(_EDGES) if exact.issuperset(_GRAVE) else set())
    findings = tuple(
        finding
        for finding in digest.findings
        if finding.kind in told and all(levels.get(name) in exact for name in finding.patterns[:1])
    )
    whole = replace(digest.scope, events=total)
    return replace(
        digest,
        scope=whole,
        headline=_headline(whole, counts),
        findings=findings,
        patterns=tuple(_scaled(pattern, factors[pattern.level], total) for pattern in digest.patterns),
        functions=(),
        limits=(
            f"A first look at {digest.scope.events:,} of {many(total, 'event')}, drawn evenly from each "
            "level: numbers of patterns are estimates, and what is rare may be missing, until all are read.",
            *scope.notes,
        ),
        levels=tuple(counts),
    )


def _scaled(pattern: PatternSummary, factor: float, total: int) -> PatternSummary:
    count = round(pattern.count * factor)
    return replace(
        pattern,
        count=count,
        share=round(count / max(1, total), 6),
        per_bucket=tuple(round(part * factor) for part in pattern.per_bucket),
    )


def _headline(scope: Scope, counts: Sequence[int]) -> str:
    errors, warnings = counts[Level.ERROR] + counts[Level.FATAL], counts[Level.WARN]
    told = [many(errors, "error")] if errors else []
    told += [many(warnings, "warning")] if warnings else []
    return (
        f"{many(scope.events, 'event')} in {human_duration(max(0, scope.end - scope.start))}; "
        f"{', '.join(told) or 'no line says it is an error or a warning'}."
    )
