"""Patterns as the list shows them: one row each, gravest first, with their events counted over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns, Level
from cwtui.explain.severity import of_words, rank
from cwtui.explain.slots import slot_values
from cwtui.explain.templates import Miner, Pattern

BUCKETS = 120
"""Parts of the stretch of time that events are counted in; a list paints fewer, each of several."""
LISTED = 2_000
"""Rows of a table; there are rarely more than a few hundred patterns, and nobody reads so many."""
_PLACES = 5
"""Streams of a row."""


@dataclass(frozen=True, slots=True)
class PatternRow:
    """One pattern, by the figures that a list shows."""

    key: int
    """The row id of its first event: it stays the same while events come, unless patterns are merged."""
    text: str
    """The template: words and `<*>`; foreign text."""
    level: Level
    count: int
    first: int
    """ms UTC."""
    last: int
    rank: float
    """How much it deserves to be read: by level, words and number."""
    places: tuple[tuple[str, str, int], ...]
    """(group, stream, events) of those with the most."""
    streams: int
    """How many streams it was met in, 1,000 at most."""
    overflow: bool
    """Not one pattern but those too many to tell apart."""


@dataclass(frozen=True, slots=True, eq=False)
class PatternTable:
    """The patterns of the events mined so far, gravest first."""

    rows: tuple[PatternRow, ...] = ()
    """At most `LISTED`."""
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, BUCKETS), dtype=np.int64))
    """By row and part of `[start, end)`."""
    start: int = 0
    end: int = 0
    """ms UTC."""
    events: int = 0
    """How many events were mined."""
    found: int = 0
    """How many patterns there are."""


class Mined:
    """A miner with what is asked of it after. Blocks: for a thread, or a process."""

    def __init__(self) -> None:
        self._miner = Miner()
        self._patterns: dict[int, Pattern] = {}

    def add(self, events: Columns) -> None:
        self._miner.add(events)

    def table(self, start: int, end: int) -> PatternTable:
        """The patterns now, their events counted over `[start, end)` ms."""
        patterns = self._miner.patterns()
        self._patterns = {int(pattern.ids[0]): pattern for pattern in patterns}
        ranked = sorted(((_row(pattern), pattern) for pattern in patterns), key=_order)
        listed = ranked[:LISTED]
        return PatternTable(
            rows=tuple(row for row, _ in listed),
            counts=_counted((pattern for _, pattern in listed), len(listed), start, end),
            start=start,
            end=end,
            events=len(self._miner),
            found=len(patterns),
        )

    def key_of(self, row_id: int) -> int | None:
        """The pattern of the last table that an event is in; None where it belongs to another event."""
        return next((key for key, each in self._patterns.items() if row_id in each.ids), None)

    def examples(self, key: int, at_most: int) -> NDArray[np.int64]:
        """Row ids of events of a pattern of the last table, drawn evenly, first and last among them."""
        pattern = self._patterns.get(key)
        return np.zeros(0, dtype=np.int64) if pattern is None else _drawn(pattern.ids, at_most)

    def others(self, key: int, at_most: int) -> list[tuple[str, str]]:
        """(template, message) of other patterns of the same level, those with the most events first."""
        mine = self._patterns.get(key)
        others = (each for each in self._patterns.values() if mine is not None and each.level == mine.level)
        taken = [
            (each.text, message) for each in others if each is not mine for _, message in each.samples[:3]
        ]
        return taken[:at_most]

    def slots(self, key: int, samples: list[tuple[int, str]]) -> tuple[str, ...]:
        """What stands in the slots of a pattern of the last table, seen in messages of its events."""
        pattern = self._patterns.get(key)
        return () if pattern is None else slot_values(replace(pattern, samples=tuple(samples)))


def resampled(counts: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """The same events in fewer parts of equal length."""
    edges = np.arange(parts) * len(counts) // parts
    sums: NDArray[np.int64] = np.add.reduceat(counts, edges)
    return sums


def _row(pattern: Pattern) -> PatternRow:
    return PatternRow(
        key=int(pattern.ids[0]),
        text=pattern.text,
        level=pattern.level,
        count=pattern.count,
        first=int(pattern.times.min()),
        last=int(pattern.times.max()),
        rank=rank(pattern.level, of_words(pattern.text), pattern.count),
        places=pattern.streams[:_PLACES],
        streams=len(pattern.streams),
        overflow=pattern.overflow,
    )


def _order(item: tuple[PatternRow, Pattern]) -> tuple[float, int, int]:
    row, _ = item
    return (-row.rank, -row.count, row.key)


def _counted(patterns: Iterable[Pattern], number: int, start: int, end: int) -> NDArray[np.int64]:
    counts = np.zeros((number, BUCKETS), dtype=np.int64)
    length = max(1, end - start)
    for place, pattern in enumerate(patterns):
        times = pattern.times[(pattern.times >= start) & (pattern.times < end)]
        # In floating point: what a broken clock says, times the parts, would not fit into 64 bits.
        parts = ((times - start) / length * BUCKETS).astype(np.int64)
        counts[place] = np.bincount(np.minimum(parts, BUCKETS - 1), minlength=BUCKETS)
    return counts


def _drawn(ids: NDArray[np.int64], at_most: int) -> NDArray[np.int64]:
    if len(ids) <= at_most:
        return ids
    return ids[np.linspace(0, len(ids) - 1, at_most).astype(np.int64)]
