"""The order in which events are shown, as NumPy columns: row ids, times, levels.

A `View` never changes. It is a row of *pieces*, at most `2 * piece_rows` events each, which never change
either and which views share: a merge makes anew only the pieces that new events fall into, wherever they
are (at the end while following, at the beginning while CloudWatch is read newest first, in the middle when
late), and a filter that lets a whole piece through keeps that piece. So ten million events are never copied
at once, neither for time nor for memory.

Display order: (timestamp, account, region, group, stream, ingestionTime, eventId, arrival). Only
events of one millisecond need more than the timestamp; `arrange` (the store) is asked about those. It
is asked about the new ones, and of the old ones only where a new one may have come in between: a million
lines of one millisecond that come in their order are each looked at once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Level
from cwtui.window.stretch import Levels, Rows, Stretch, Times

Arrange = Callable[[Rows, Times], NDArray[np.intp]]
"""For row ids and their timestamps: the permutation that brings them into display order."""

PIECE_ROWS = 131_072
"""Half of what one NumPy call may look at: a piece holds the interpreter for about 3 ms at most."""
_STEP = 2 * PIECE_ROWS
_INT64 = np.iinfo(np.int64)


@dataclass(frozen=True, eq=False)
class View:
    """Events in display order, frozen. Positions count from 0.

    `rows`, `times` and `levels` are whole arrays, put together on first use (1 ms for a million);
    what paints a screen uses `slice` and `time_at`, which cost nothing.
    """

    _pieces: tuple[Stretch, ...]
    """None of them is empty."""
    _starts: tuple[int, ...]
    """The position at which each piece begins, and the length of all."""
    level_counts: tuple[int, ...]
    """How many of each `Level`, by its number."""
    _piece_rows: int = PIECE_ROWS

    @classmethod
    def empty(cls, piece_rows: int = PIECE_ROWS) -> View:
        return cls((), (0,), (0,) * len(Level), piece_rows)

    @classmethod
    def _of(cls, pieces: Sequence[Stretch], level_counts: tuple[int, ...], piece_rows: int) -> View:
        starts = tuple(accumulate((piece.size for piece in pieces), initial=0))
        return cls(tuple(pieces), starts, level_counts, piece_rows)

    def __len__(self) -> int:
        return self._starts[-1]

    def stretches(self) -> Iterator[Stretch]:
        """The columns in display order, in pieces small enough not to hold the interpreter long."""
        return iter(self._pieces)

    @cached_property
    def _whole(self) -> Stretch:
        whole = self.stretch(0, len(self))
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
        if first >= last:
            return Stretch.blank(0)
        begin, end = self._piece_at(first), self._piece_at(last - 1)
        from_piece, from_start = self._pieces[begin], self._starts[begin]
        if begin == end:
            return from_piece.between(first - from_start, last - from_start)
        return Stretch.joined(
            from_piece.between(first - from_start),
            *self._pieces[begin + 1 : end],
            self._pieces[end].between(0, last - self._starts[end]),
        )

    def _piece_at(self, position: int) -> int:
        """The piece that holds a position; the last one for the end."""
        return min(bisect_right(self._starts, position), len(self._pieces)) - 1

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
        piece = bisect_left(self._pieces, timestamp, key=_last_time)
        if piece == len(self._pieces):
            return len(self)
        moment = np.int64(max(timestamp, _INT64.min))
        return self._starts[piece] + int(np.searchsorted(self._pieces[piece].times, moment, "left"))

    def after(self, timestamp: int) -> int:
        """The first position whose timestamp is after this one; `len` when none is."""
        piece = bisect_right(self._pieces, timestamp, key=_last_time)
        if piece == len(self._pieces):
            return len(self)
        if timestamp < _INT64.min:
            return 0
        times = self._pieces[piece].times
        return self._starts[piece] + int(np.searchsorted(times, np.int64(timestamp), "right"))

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
        if not self._pieces:
            return View._of(_cut(new, self._piece_rows), level_counts, self._piece_rows)
        first = self._piece_at(self.at_or_after(int(new.times[0])))
        last = max(first + 1, bisect_left(self._starts, self.after(int(new.times[-1]))))
        pieces = [*self._pieces[:first]]
        for run, more in self._runs(first, last, new):
            pieces += run._with(more, arrange) if more.size else run._pieces
        pieces += self._pieces[last:]
        return View._of(pieces, level_counts, self._piece_rows)

    def _runs(self, first: int, last: int, new: Stretch) -> Iterator[tuple[View, Stretch]]:
        """The pieces `[first, last)`, parted where no millisecond goes on, and what comes to each part."""
        cuts = [
            piece
            for piece in range(first + 1, last)
            if self._pieces[piece - 1].times[-1] < self._pieces[piece].times[0]
        ]
        places = [int(np.searchsorted(new.times, self._pieces[cut].times[0], "left")) for cut in cuts]
        for run, (begin, end) in zip(
            pairwise((first, *cuts, last)), pairwise((0, *places, new.size)), strict=True
        ):
            yield View._of(self._pieces[slice(*run)], (), self._piece_rows), new.between(begin, end)

    def _with(self, new: Stretch, arrange: Arrange) -> list[Stretch]:
        """The pieces with new rows, in display order, among them."""
        first, last = self._reach(new, arrange)
        begin = self._piece_at(first)
        end = max(begin + 1, bisect_left(self._starts, last))
        columns = Stretch.joined(
            self.stretch(self._starts[begin], first),
            _woven(self.stretch(first, last), new, arrange),
            self.stretch(last, self._starts[end]),
        )
        return [*self._pieces[:begin], *_cut(columns, self._piece_rows), *self._pieces[end:]]

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

    def select(self, mask: NDArray[np.bool_]) -> View:
        """The rows whose id is marked, in the same order. `mask` has one entry a row id."""
        pieces: list[Stretch] = []
        small: list[Stretch] = []

        def collect() -> None:
            if small:
                pieces.extend(_cut(Stretch.joined(*small), self._piece_rows))
                small.clear()

        counts = np.zeros(len(Level), np.int64)
        for piece in self._pieces:
            # `take` lets other threads have the interpreter meanwhile; an index does not.
            marked = np.flatnonzero(mask.take(piece.rows))
            chosen = piece if len(marked) == piece.size else piece.at(marked)
            counts += np.bincount(chosen.levels, minlength=len(Level))
            if chosen is piece:
                collect()
                pieces.append(piece)
            elif chosen.size:
                small.append(chosen)
                if sum(part.size for part in small) >= self._piece_rows:
                    collect()
        collect()
        return View._of(pieces, tuple(counts.tolist()), self._piece_rows)

    def positions(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The positions of the rows whose id is marked, ascending."""
        found = [np.empty(0, np.int64)]
        first = 0
        for piece in self.stretches():
            found.append(np.flatnonzero(mask.take(piece.rows)) + first)
            first += piece.size
        return np.concatenate(found)


def _last_time(piece: Stretch) -> int:
    return int(piece.times[-1])


def _cut(columns: Stretch, piece_rows: int) -> list[Stretch]:
    """The columns, owned by nobody else, in pieces; copies, as a part would keep the whole in memory."""
    if columns.size <= 2 * piece_rows:
        return [columns]
    firsts = [*range(0, columns.size - piece_rows, piece_rows)]
    return [columns.between(first, last).copy() for first, last in pairwise((*firsts, columns.size))]


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
