"""A log group of files that do not fit into memory: `RecordedGroup` over blocks in a temporary file.

Positions are 0 to n-1 in the order of (timestamp, ingestion time). Files that go back in time, or overlap,
are brought into that order once, when somebody first asks for what has one.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from cwtui.adapters.recorded import Block
from cwtui.adapters.recorded_loading import Kept
from cwtui.adapters.recorded_shelf import Shelved, Streams, arranged, ascend
from cwtui.core.models import EventBatch, LogStream

_AT_HAND = 8
"""Blocks, of some MB each, that stay in memory while pages are cut."""


class ShelvedGroup:
    """A log group's events, ready to be cut into pages. All of them have arrived; nothing repeats."""

    def __init__(
        self, account: str, region: str, name: str, batches: Sequence[Shelved], streams: Streams
    ) -> None:
        """`batches`, not empty, in the order of the files."""
        self.account, self.region, self.name = account, region, name
        self._batches = list(batches)
        self._streams = streams.spans
        self._arranging = threading.Lock()
        self._starts: list[int] = []
        self._block = lru_cache(_AT_HAND)(self._read)

    def __len__(self) -> int:
        return sum(map(len, self._batches))

    # -- by time

    def slices(self, start: int, end: int | None, size: int) -> Iterator[EventBatch]:
        """The events with `start <= timestamp < end`, by time, at most `size` at a time."""
        for block in self._in_order():
            if block.high[0] < start:
                continue
            if end is not None and block.low[0] >= end:
                return
            kept = block.kept()
            low, high = _rows(kept, start, end)
            for first in range(low, high, size):
                yield kept.rows(first, min(first + size, high))

    def span(self, now: int) -> tuple[int, int]:
        """First and last timestamp."""
        return min(block.low[0] for block in self._batches), max(block.high[0] for block in self._batches)

    def _in_order(self) -> list[Shelved]:
        """The blocks by time; writes them anew where they are not."""
        with self._arranging:
            if not self._starts:
                if not ascend(self._batches):
                    shelf = self._batches[0].shelf
                    self._batches = [shelf.put(kept) for kept in arranged(self._batches)]
                self._starts = list(accumulate(map(len, self._batches), initial=0))
            return self._batches

    # -- streams

    def streams(self, now: int) -> dict[str, LogStream]:
        """The streams, by name."""
        return {
            name: LogStream(name, self.name, span.first, span.last, span.ingested, span.first)
            for name, span in self._streams.items()
        }

    def names(self, cycle: int) -> list[str]:
        """Stream names."""
        return list(self._streams)

    def holds(self, stream: str, now: int) -> bool:
        """Whether there is a stream of that name."""
        return stream in self._streams

    # -- pages

    def ranges(self, start: int, end: int | None, now: int) -> list[tuple[int, int]]:
        """Positions of the events with `start <= timestamp < end`."""
        low = self._position(start)
        high = len(self) if end is None else self._position(end)
        return [(low, high)] if low < high else []

    def _position(self, moment: int) -> int:
        """Position of the first event at or after a moment."""
        blocks = self._in_order()
        number = bisect_left(blocks, moment, key=lambda block: block.high[0])
        if number == len(blocks):
            return len(self)
        return self._starts[number] + _rows(self._block(number), moment, None)[0]

    def blocks(self, ranges: Sequence[tuple[int, int]], *, backward: bool) -> Iterator[Block]:
        """The positions of the ranges in blocks, last block first where `backward`."""
        for low, high in reversed(ranges) if backward else ranges:
            numbers = range(self._number(low), self._number(high - 1) + 1)
            for number in reversed(numbers) if backward else numbers:
                first, after = max(low, self._starts[number]), min(high, self._starts[number + 1])
                yield Block(first, 0, np.arange(first, after, dtype=np.int64))

    def arrived(self, block: Block, now: int) -> NDArray[np.bool_]:
        """Which events of a block a reader can see: all."""
        return np.ones(len(block.rows), np.bool_)

    def in_streams(self, block: Block, wanted: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Which events of a block are in a wanted stream."""
        number = self._number(block.first)
        streams = self._block(number).streams
        allowed = {name: wanted(name) for name in dict.fromkeys(streams)}
        if len(streams) == 1:
            return np.full(len(block.rows), allowed[streams[0]])
        first = block.first - self._starts[number]
        chosen = map(allowed.__getitem__, streams[first : first + len(block.rows)])
        return np.fromiter(chosen, np.bool_, len(block.rows))

    def message(self, cycle: int, row: int) -> str:
        """What an event says."""
        number = self._number(row)
        return self._block(number).texts.one(row - self._starts[number])

    def stream(self, cycle: int, row: int) -> str:
        """The name of an event's stream."""
        number = self._number(row)
        return _at(self._block(number).streams, row - self._starts[number])

    def arrivals_between(self, after: int, until: int) -> list[tuple[int, int]]:
        """None: all has arrived."""
        return []

    def batch(self, picks: Sequence[tuple[int, int]], messages: Sequence[str]) -> EventBatch:
        """A batch of the picked rows, whose messages are read already."""
        times, ingestions = array("q"), array("q")
        streams: list[str] = []
        event_ids: list[str] = []
        for _, row in picks:
            number = self._number(row)
            kept, at = self._block(number), row - self._starts[number]
            times.append(kept.timestamps[at])
            ingestions.append(kept.ingestion_times[at])
            streams.append(_at(kept.streams, at))
            event_ids.append(_at(kept.event_ids, at) or self._name_of_twin(number, at))
        return EventBatch(
            self.account, self.region, self.name, times, ingestions, streams, messages, event_ids
        )

    def _name_of_twin(self, number: int, at: int) -> str:
        """A name for an event that has none and shares its moment with a neighbour; else empty.

        A reader of pages tells events by their names.
        """
        kept, blocks = self._block(number), self._batches
        moment = kept.timestamps[at], kept.ingestion_times[at]
        before = blocks[number - 1].high if number else None
        after = blocks[number + 1].low if number + 1 < len(blocks) else None
        if at:
            before = kept.timestamps[at - 1], kept.ingestion_times[at - 1]
        if at + 1 < len(kept):
            after = kept.timestamps[at + 1], kept.ingestion_times[at + 1]
        if moment not in (before, after):
            return ""
        return f"twin {self.account}/{self.region} {self._starts[number] + at:012}"

    def _number(self, position: int) -> int:
        """The block that holds a position."""
        if not self._starts:
            self._in_order()
        return bisect_right(self._starts, position) - 1

    def _read(self, number: int) -> Kept:
        return self._batches[number].kept()


def _rows(kept: Kept, start: int, end: int | None) -> tuple[int, int]:
    """The rows `[low, high)` with `start <= timestamp < end`."""
    low = bisect_left(kept.timestamps, start)
    return low, len(kept) if end is None else bisect_left(kept.timestamps, end)


def _at(texts: Sequence[str], row: int) -> str:
    """One text of a column of which nothing is kept but what differs."""
    return texts[0 if len(texts) == 1 else row]
