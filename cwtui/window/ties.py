"""Which of the events of one millisecond comes first.

By (account, region, group, stream, ingestionTime, message, arrival). All but the message is kept
here by row id, 12 bytes each, so that the store need only be asked about events that agree in all
of that: mostly none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Source = tuple[str, str, str]
"""Account, region, group."""


class Ties:
    """The sorting keys of all rows, in the order of arrival. One thread at a time."""

    def __init__(self) -> None:
        self._size = 0
        self._streams = np.empty(0, np.uint32)
        self._ingestions = np.empty(0, np.int64)
        self._ranks = np.empty(0, np.int64)

    def append(self, streams: NDArray[np.uint32], ingestions: NDArray[np.int64]) -> None:
        """The keys of the rows that follow."""
        end = self._size + len(streams)
        if end > len(self._streams):
            room = max(end, 2 * self._size)
            self._streams = np.resize(self._streams, room)
            self._ingestions = np.resize(self._ingestions, room)
        self._streams[self._size : end] = streams
        self._ingestions[self._size : end] = ingestions
        self._size = end

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
        by_message: Callable[[NDArray[np.int64]], NDArray[np.int64]],
    ) -> NDArray[np.intp]:
        """The permutation that brings the rows into display order.

        `by_message` is given the row ids that agree in all but the message and returns them in
        display order.
        """
        keys = (times, self._ranks[self._streams[ids]], self._ingestions[ids])
        order = np.lexsort((ids, *reversed(keys)))
        same = np.ones(max(len(ids) - 1, 0), np.bool_)
        for key in keys:
            ordered = key[order]
            same &= ordered[1:] == ordered[:-1]
        if not same.any():
            return order
        alike = np.zeros(len(ids), np.bool_)
        alike[1:] |= same
        alike[:-1] |= same
        places = order[alike]
        wanted = ids[places]
        by_id = np.argsort(wanted)
        order[alike] = places[by_id[np.searchsorted(wanted, by_message(wanted), sorter=by_id)]]
        return order
