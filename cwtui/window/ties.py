"""Which of the events of one millisecond comes first.

By (account, region, group, stream, ingestionTime, eventId, arrival). CloudWatch's event ids are
decimal numbers of equal length that rise in the order of ingestion, so those sent in one call stand as
they were sent; events without an id come before, as their pages gave them (pages that are read newest
first give them backwards, and what they bring stands before all else that agrees). All but the id itself
is kept here by row id, 14 bytes each, so that the store need only be asked about events with ids that agree
in all of that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cwtui.window.intake import Keys

Source = tuple[str, str, str]
"""Account, region, group."""


class Ties:
    """The sorting keys of all rows, in the order of arrival. One thread at a time."""

    def __init__(self) -> None:
        self._size = 0
        self._keys = Keys(np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.bool_))
        self._backwards = np.empty(0, np.bool_)
        self._ranks = np.empty(0, np.int64)

    def make_room(self, count: int) -> None:
        """So that `append` of so many rows cannot fail for want of memory."""
        end = self._size + count
        if end > len(self._keys.streams):
            room = max(end, 2 * self._size)
            self._keys = Keys(*(_roomier(column, self._size, room) for column in self._keys))
            self._backwards = _roomier(self._backwards, self._size, room)

    def append(self, keys: Keys, *, newest_first: bool = False) -> None:
        """The keys of the rows that follow, and whether they come from the newest to the oldest."""
        self.make_room(len(keys.streams))
        end = self._size + len(keys.streams)
        self._keys.streams[self._size : end] = keys.streams
        self._keys.ingestions[self._size : end] = keys.ingestions
        self._keys.named[self._size : end] = keys.named
        self._backwards[self._size : end] = newest_first
        self._size = end

    def streams_of(self, ids: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The stream id of each row."""
        return self._keys.streams[ids]

    def rank(self, sources: list[Source], streams: list[tuple[int, str]]) -> None:
        """Says which streams there are, by stream id: (source, name). Ranks them anew where some are new."""
        if len(self._ranks) != len(streams):
            order = sorted(range(len(streams)), key=lambda at: (sources[streams[at][0]], streams[at][1]))
            self._ranks = np.empty(len(streams), np.int64)
            self._ranks[order] = np.arange(len(streams))

    def arranged(
        self,
        ids: NDArray[np.int64],
        times: NDArray[np.int64],
        by_event_id: Callable[[NDArray[np.int64]], NDArray[np.int64]],
    ) -> NDArray[np.intp]:
        """The permutation that brings the rows into display order.

        `by_event_id` is given row ids and returns them by (eventId, arrival).
        """
        named = self._keys.named[ids]
        keys = (times, self._ranks[self._keys.streams[ids]], self._keys.ingestions[ids], named)
        arrivals = np.where(self._backwards[ids], ~ids, ids)
        order = np.lexsort((arrivals, *reversed(keys)))
        same = named[order][1:].copy()
        for key in keys:
            ordered = key[order]
            same &= ordered[1:] == ordered[:-1]
        if not same.any():
            return order
        alike = np.zeros(len(ids), np.bool_)
        alike[1:] |= same
        alike[:-1] |= same
        places = order[alike]
        # Those that agree stand together already: each such run is put in the order of its ids.
        runs = np.cumsum(np.concatenate(([True], ~same)))[alike]
        wanted = ids[places]
        ranks = np.empty(len(wanted), np.int64)
        by_id = np.argsort(wanted)
        ranks[by_id[np.searchsorted(wanted, by_event_id(wanted), sorter=by_id)]] = np.arange(len(wanted))
        order[alike] = places[np.lexsort((ranks, runs))]
        return order


def _roomier(column: NDArray[Any], used: int, room: int) -> NDArray[Any]:
    # Not `np.resize`: it writes to the room, which then takes memory before there is anything in it.
    roomy = np.empty(room, column.dtype)
    roomy[:used] = column[:used]
    return roomy
