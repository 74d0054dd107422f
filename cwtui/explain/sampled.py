"""An even sample of a stream of lines: the same ones on every run, however they are cut into chunks."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from cwtui.core.models import Columns

SAMPLED = 2_000
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio: the lowest of its multiples lie evenly and in step with no period."""


class Sample:
    """An even sample of the lines of one side, whatever the chunks they come in."""

    def __init__(self, size: int = SAMPLED) -> None:
        self._size = size
        self._seen = 0
        self._kept: list[tuple[int, int, int, str]] = []
        """A heap of (-priority, position, row id, message)."""

    def add(self, chunk: Columns) -> None:
        """Takes a chunk."""
        positions = np.arange(self._seen + 1, self._seen + len(chunk) + 1, dtype=np.uint64)
        with np.errstate(over="ignore"):
            priorities = ((positions * _GOLDEN) >> np.uint64(2)).astype(np.int64)
        self._seen += len(chunk)
        limit = -self._kept[0][0] if len(self._kept) == self._size else None
        chosen = range(len(chunk)) if limit is None else np.flatnonzero(priorities < limit).tolist()
        for place in chosen:
            item = (
                -int(priorities[place]),
                self._seen - len(chunk) + place,
                chunk.ids[place],
                chunk.messages[place],
            )
            if len(self._kept) < self._size:
                heapq.heappush(self._kept, item)
            elif item > self._kept[0]:
                heapq.heapreplace(self._kept, item)

    def lines(self) -> Iterator[tuple[int, str]]:
        """(row id, message) in the order they came."""
        for _, _, row, message in sorted(self._kept, key=lambda item: item[1]):
            yield row, message
