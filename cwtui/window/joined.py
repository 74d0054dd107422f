"""Lines that were sent as events of their own and belong to an event before them: a stack trace's.

Which line belongs to which is found among *all* loaded events, so a filter never puts a line under an
event that it was not written after. It is kept by row id and worked out anew only around what comes:
a line belongs to the last event of its stream that begins one, at most `JOIN_MS` before it.

Nothing is moved or taken away: views, counts and exports know only events. What shows them asks here
which of them to draw beneath another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Level
from cwtui.lang.continuation import LineKind
from cwtui.window.stretch import Rows, Stretch
from cwtui.window.view import View

JOIN_MS = 1_000
"""A line belongs to no event that is further before it: the lines of a trace are written in one go."""
_REACH = 3 * JOIN_MS
"""How far around an event it matters to which others belong: to the one before, which may belong to one
before it, whose level says whether it does."""
_CLUSTERS = 64
_NONE = 255

StreamsOf = Callable[[Rows], NDArray[np.uint32]]
"""For row ids, the number of the stream of each."""


class Joined:
    """To which event each belongs. One thread writes; others may read what was settled before."""

    def __init__(self, streams_of: StreamsOf) -> None:
        self._streams_of = streams_of
        self._kinds = np.empty(0, np.uint8)
        # Made with the first line that belongs to another: most windows have none, and pay nothing.
        self._heads = np.empty(0, np.int32)
        self._counts = np.empty(0, np.int32)

    def __bool__(self) -> bool:
        """Whether any line belongs to another."""
        return len(self._heads) > 0

    # -- writing

    def settle(self, everything: View, new: Stretch, kinds: NDArray[np.uint8]) -> None:
        """Takes new events in, which `everything` holds already; `kinds` are theirs, values of `LineKind`."""
        if not new.size:
            return
        self._take(new.rows, kinds)
        times = np.sort(new.times)
        gaps = np.diff(times)
        wide = np.flatnonzero(gaps > 2 * _REACH)
        if len(wide) > _CLUSTERS:
            wide = np.sort(wide[np.argpartition(gaps[wide], -_CLUSTERS)[-_CLUSTERS:]])
        begins = [0, *(wide + 1).tolist()]
        ends = [*wide.tolist(), len(times) - 1]
        for begin, end in zip(begins, ends, strict=True):
            self._settle_between(everything, int(times[begin]), int(times[end]))

    def _take(self, rows: Rows, kinds: NDArray[np.uint8]) -> None:
        end = int(rows.max()) + 1
        self._kinds = _with_room(self._kinds, end, 0)
        self._kinds[rows] = kinds
        if len(self._heads):
            self._make_room(end)

    def _make_room(self, end: int) -> None:
        self._counts = _with_room(self._counts, end, 0)
        self._heads = _with_room(self._heads, end, -1)

    def _settle_between(self, everything: View, begin: int, end: int) -> None:
        """Works out anew what events with times in `[begin, end]` can change."""
        place = everything.at_or_after(begin - _REACH)
        around = everything.stretch(place, everything.after(end + _REACH))
        kinds = self._kinds[around.rows]
        if not kinds.any():
            return
        heads = _heads_of(around, self._streams_of(around.rows), kinds)
        own = around.times >= begin
        rows, heads = around.rows[own], heads[own]
        if not len(self._heads):
            if (heads < 0).all():
                return
            self._make_room(len(self._kinds))
        before = self._heads[rows]
        changed = np.flatnonzero(before != heads)
        if not len(changed):
            return
        rows, before, heads = rows[changed], before[changed], heads[changed]
        np.subtract.at(self._counts, before[before >= 0], 1)
        np.add.at(self._counts, heads[heads >= 0], 1)
        self._heads[rows] = heads

    # -- reading

    def heads(self, rows: Rows) -> NDArray[np.int64]:
        """For each row id the one it belongs to, or -1."""
        heads = self._heads
        found = np.full(len(rows), -1, np.int64)
        if len(heads):
            known = rows < len(heads)
            found[known] = heads[rows[known]]
        return found

    def head_of(self, row_id: int) -> int | None:
        """The event to which one belongs, or None."""
        heads = self._heads
        head = int(heads[row_id]) if row_id < len(heads) else -1
        return head if head >= 0 else None

    def count(self, row_id: int) -> int:
        """How many lines belong to an event."""
        counts = self._counts
        return int(counts[row_id]) if row_id < len(counts) else 0

    def hidden(self, view: View, first: int, last: int) -> NDArray[np.bool_]:
        """Which of the positions `[first, last)` belong to an event that the view holds as well."""
        heads = self.heads(view.slice(first, last))
        hidden = heads >= 0
        if hidden.any():
            begin = view.at_or_after(view.time_at(first) - JOIN_MS)
            hidden &= np.isin(heads, view.slice(begin, last))
        return hidden

    def lines(self, everything: View, row_id: int, timestamp: int) -> Rows:
        """The row ids, in display order, of what belongs to the event, which has that timestamp."""
        if not self.count(row_id):
            return np.empty(0, np.int64)
        begin, end = everything.at_or_after(timestamp), everything.after(timestamp + JOIN_MS)
        near: Rows = everything.slice(begin, end)
        own: Rows = near[self.heads(near) == row_id]
        return own


def _heads_of(around: Stretch, streams: NDArray[np.uint32], kinds: NDArray[np.uint8]) -> NDArray[np.int32]:
    """For events in display order the row id of the one each belongs to, or -1."""
    heads = np.full(around.size, -1, np.int32)
    some = np.flatnonzero(np.isin(streams, np.unique(streams[kinds != LineKind.OPENING])))
    order = some[np.argsort(streams[some], kind="stable")]
    rows, times, levels = around.at(order)
    kinds, streams = kinds[order], streams[order]
    near = (streams[1:] == streams[:-1]) & (times[1:] - times[:-1] <= JOIN_MS)
    before = np.full(len(order), _NONE, np.uint8)
    before[1:][near] = kinds[:-1][near]
    after_error = np.zeros(len(order), np.bool_)
    after_error[1:] = levels[:-1] >= Level.ERROR
    goes_on = (kinds == LineKind.FRAME) | (kinds == LineKind.BODY)
    goes_on |= (kinds == LineKind.CLOSING) & (
        (before == LineKind.BODY) | ((before == LineKind.OPENING) & after_error)
    )
    places = _last_opening(goes_on)
    # An error never hides beneath a line that is none.
    graver = (levels >= Level.WARN) & (levels > levels[places]) & (kinds != LineKind.FRAME)
    goes_on &= ~graver
    places = _last_opening(goes_on)
    belongs = goes_on & (streams[places] == streams) & (times - times[places] <= JOIN_MS)
    # Before the first opening of all stands none: its place is that of a line that goes on.
    belongs &= ~goes_on[places]
    heads[order[belongs]] = rows[places[belongs]]
    return heads


def _last_opening(goes_on: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For each place the last one, itself included, whose line begins an event; 0 where there is none."""
    return np.maximum.accumulate(np.where(goes_on, 0, np.arange(len(goes_on))))


def _with_room(values: NDArray[Any], end: int, blank: int) -> NDArray[Any]:
    """The same values where there is room up to `end`, else a copy with twice the room."""
    if end <= len(values):
        return values
    roomy = np.full(max(end, 2 * len(values)), blank, values.dtype)
    roomy[: len(values)] = values
    return roomy
