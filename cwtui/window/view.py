"""The order in which events are shown, as NumPy columns: row ids, times, levels.

A `View` never changes. What makes the next one cheap is how the columns are kept:

- the *settled* part lies in a buffer with room at its end. It is only ever written beyond what any
  view made so far reaches, and only by the view that reaches furthest; everyone else copies;
- the *tail*, the last `tail_rows` to twice as many, is copied by every merge. Late events fall into
  it as long as they are late by less than that; a later one costs a copy of the whole.

Display order: (timestamp, account, region, group, stream, ingestionTime, eventId, arrival). Only
events of one millisecond need more than the timestamp; `arrange` (the store) is asked about those. It
is asked about the new ones, and of the old ones only where a new one may have come in between: a million
lines of one millisecond that come in their order are each looked at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Level
from cwtui.window.stretch import Buffer, Levels, Rows, Stretch, Times

Arrange = Callable[[Rows, Times], NDArray[np.intp]]
"""For row ids and their timestamps: the permutation that brings them into display order."""

TAIL_ROWS = 131_072
_STEP = 262_144
"""Rows that one NumPy call looks at where it may hold the interpreter: about 3 ms."""
_INT64 = np.iinfo(np.int64)


@dataclass(frozen=True, eq=False)
class View:
    """Events in display order, frozen. Positions count from 0.

    `rows`, `times` and `levels` are whole arrays, put together on first use (1 ms for a million);
    what paints a screen uses `slice` and `time_at`, which cost nothing.
    """

    _buffer: Buffer
    _settled: int
    _tail: Stretch
    level_counts: tuple[int, ...]
    """How many of each `Level`, by its number."""
    _tail_rows: int = TAIL_ROWS

    @classmethod
    def empty(cls, tail_rows: int = TAIL_ROWS) -> View:
        return cls(Buffer(Stretch.blank(0)), 0, Stretch.blank(0), (0,) * len(Level), tail_rows)

    @classmethod
    def _of(cls, columns: Stretch, level_counts: tuple[int, ...], tail_rows: int) -> View:
        # Columns in display order, owned by nobody else.
        cut = columns.size - tail_rows if columns.size > 2 * tail_rows else 0
        tail = columns.between(cut).copy() if cut else columns
        return cls(Buffer(columns.between(0, cut)), cut, tail, level_counts, tail_rows)

    def __len__(self) -> int:
        return self._settled + self._tail.size

    def stretches(self) -> Iterator[Stretch]:
        """The columns in display order, in pieces small enough not to hold the interpreter long."""
        for part in (self._base, self._tail):
            for first in range(0, part.size, _STEP):
                yield part.between(first, first + _STEP)

    @property
    def _base(self) -> Stretch:
        return self._buffer.columns.between(0, self._settled)

    @cached_property
    def _whole(self) -> Stretch:
        whole = Stretch.joined(self._base, self._tail) if self._settled else self._tail.between(0)
        for column in whole:
            column.flags.writeable = False
        return whole

    @property
    def rows(self) -> Rows:
        """Row ids in display order; read-only."""
        return self._whole.rows

    @property
    def times(self) -> Times:
        """Timestamps (ms UTC) in display order; read-only."""
        return self._whole.times

    @property
    def levels(self) -> Levels:
        """Levels in display order; read-only."""
        return self._whole.levels

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and the last timestamp, or None when empty."""
        return (self.time_at(0), self.time_at(len(self) - 1)) if len(self) else None

    def stretch(self, first: int, last: int) -> Stretch:
        """The columns of positions `[first, last)`, cut to what is there."""
        first, last = max(first, 0), min(max(last, first, 0), len(self))
        if first >= self._settled:
            return self._tail.between(first - self._settled, last - self._settled)
        if last <= self._settled:
            return self._base.between(first, last)
        return Stretch.joined(self._base.between(first), self._tail.between(0, last - self._settled))

    def slice(self, first: int, last: int) -> Rows:
        """The row ids at positions `[first, last)`, cut to what is there."""
        return self.stretch(first, last).rows

    def time_at(self, position: int) -> int:
        """The timestamp at a position. Raises IndexError outside `[0, len)`."""
        return int(self._at(position).times[0])

    def row_at(self, position: int) -> int:
        """The row id at a position. Raises IndexError outside `[0, len)`."""
        return int(self._at(position).rows[0])

    def _at(self, position: int) -> Stretch:
        if not 0 <= position < len(self):
            raise IndexError(position)
        return self.stretch(position, position + 1)

    def at_or_after(self, timestamp: int) -> int:
        """The first position whose timestamp is not before this one; `len` when all are."""
        return self._place(timestamp, "left")

    def after(self, timestamp: int) -> int:
        """The first position whose timestamp is after this one; `len` when none is."""
        return self._place(timestamp, "right")

    def _place(self, timestamp: int, side: Literal["left", "right"]) -> int:
        if timestamp > _INT64.max:
            return len(self)
        moment = np.int64(max(timestamp, _INT64.min))
        place = int(np.searchsorted(self._base.times, moment, side))
        if place < self._settled:
            return place
        return self._settled + int(np.searchsorted(self._tail.times, moment, side))

    def position_of(self, row_id: int, timestamp: int) -> int | None:
        """Where the row stands, given its timestamp; None when it is not shown."""
        first = self.at_or_after(timestamp)
        found = np.flatnonzero(self.slice(first, self.after(timestamp)) == row_id)
        return first + int(found[0]) if len(found) else None

    def next_at_least(self, level: Level, position: int, direction: int = 1) -> int | None:
        """The nearest position after (`direction` 1) or before (-1) with that level or a graver one.

        Start at -1 or `len` to take the ends in. None when there is none.
        """
        if direction > 0:
            first, step = max(position + 1, 0), 4096
            while first < len(self):
                hits = np.flatnonzero(self.stretch(first, first + step).levels >= level)
                if len(hits):
                    return first + int(hits[0])
                first, step = first + step, _STEP
            return None
        last, step = min(position, len(self)), 4096
        while last > 0:
            first = max(last - step, 0)
            hits = np.flatnonzero(self.stretch(first, last).levels >= level)
            if len(hits):
                return first + int(hits[-1])
            last, step = first, _STEP
        return None

    def merged(self, new: Stretch, arrange: Arrange) -> View:
        """This view with new rows in their places. `new` may be in any order; rows not shown yet."""
        if not new.size:
            return self
        new = _ordered(new.at(np.argsort(new.times, kind="stable")), arrange)
        counts = np.bincount(new.levels, minlength=len(Level))
        level_counts = tuple(have + int(more) for have, more in zip(self.level_counts, counts, strict=True))
        first, last = self._reach(new, arrange)
        middle = _woven(self.stretch(first, last), new, arrange)
        if first >= self._settled:
            cut = first - self._settled
            tail = Stretch.joined(
                self._tail.between(0, cut), middle, self._tail.between(last - self._settled)
            )
            return self._with_tail(tail, level_counts)
        columns = Stretch.joined(self._base.between(0, first), middle, self.stretch(last, len(self)))
        return View._of(columns, level_counts, self._tail_rows)

    def _reach(self, new: Stretch, arrange: Arrange) -> tuple[int, int]:
        """The positions `[first, last)` of the rows among which new ones, in display order, may fall."""
        begin, end = int(new.times[0]), int(new.times[-1])
        first, last = self.at_or_after(begin), self.after(end)
        after, before = self.after(begin), self.at_or_after(end)
        if first < after and _in_order(self.stretch(after - 1, after), new.between(0, 1), arrange):
            first = after
        if before < last and _in_order(new.between(-1), self.stretch(before, before + 1), arrange):
            last = before
        return first, last

    def _with_tail(self, tail: Stretch, level_counts: tuple[int, ...]) -> View:
        if tail.size <= 2 * self._tail_rows:
            return View(self._buffer, self._settled, tail, level_counts, self._tail_rows)
        cut = tail.size - self._tail_rows
        buffer = self._buffer.extended(self._settled, tail.between(0, cut))
        tail = tail.between(cut).copy()
        return View(buffer, self._settled + cut, tail, level_counts, self._tail_rows)

    def select(self, mask: NDArray[np.bool_]) -> View:
        """The rows whose id is marked, in the same order. `mask` has one entry a row id."""
        pieces = [piece.at(mask[piece.rows]) for piece in self.stretches()]
        columns = Stretch.joined(Stretch.blank(0), *pieces)
        return View._of(columns, _counts(columns.levels), self._tail_rows)

    def positions(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The positions of the rows whose id is marked, ascending."""
        found = [np.empty(0, np.int64)]
        first = 0
        for piece in self.stretches():
            found.append(np.flatnonzero(mask[piece.rows]) + first)
            first += piece.size
        return np.concatenate(found)


def _counts(levels: Levels) -> tuple[int, ...]:
    counts = np.zeros(len(Level), np.int64)
    for first in range(0, len(levels), _STEP):
        counts += np.bincount(levels[first : first + _STEP], minlength=len(Level))
    return tuple(counts.tolist())


def _in_order(one: Stretch, other: Stretch, arrange: Arrange) -> bool:
    """Whether the one row comes before the other, of the same millisecond."""
    order = arrange(np.concatenate((one.rows, other.rows)), np.concatenate((one.times, other.times)))
    return bool(order[0] == 0)


def _ordered(new: Stretch, arrange: Arrange) -> Stretch:
    """Rows by time in display order."""
    same = new.times[1:] == new.times[:-1]
    tied = np.zeros(new.size, np.bool_)
    tied[1:] |= same
    tied[:-1] |= same
    return _arranged(new, np.flatnonzero(tied), arrange)


def _woven(old: Stretch, new: Stretch, arrange: Arrange) -> Stretch:
    """Both, each in display order, as one."""
    if not old.size:
        return new
    after = np.searchsorted(old.times, new.times, "right")
    places = after + np.arange(new.size)
    stays = np.ones(old.size + new.size, np.bool_)
    stays[places] = False
    woven = Stretch.blank(len(stays))
    woven.put(places, new)
    woven.put(stays, old)
    shared = new.times[old.times[after - 1] == new.times]
    if not len(shared):
        return woven
    near = np.minimum(np.searchsorted(shared, woven.times), len(shared) - 1)
    return _arranged(woven, np.flatnonzero(shared[near] == woven.times), arrange)


def _arranged(columns: Stretch, open_places: NDArray[np.intp], arrange: Arrange) -> Stretch:
    """The rows of whole milliseconds, at those places, brought into display order."""
    if not len(open_places):
        return columns
    order = open_places[arrange(columns.rows[open_places], columns.times[open_places])]
    rows, levels = columns.rows.copy(), columns.levels.copy()
    rows[open_places], levels[open_places] = columns.rows[order], columns.levels[order]
    return Stretch(rows, columns.times, levels)
