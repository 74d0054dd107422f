"""One recorded log group as sorted columns, and the endless repetition of its live part.

Positions are plain integers: 0 to n-1 are the recorded events in the order of (timestamp, ingestion
time); after them come the events of cycle 1, cycle 2 and so on, which are never stored: an event of a
cycle is a recorded one, some periods later and told anew.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cwtui.adapters.recorded_loading import Ints, Loading
from cwtui.adapters.retell import Retelling, fresh_event_id, stream_name
from cwtui.core.models import EventBatch, LogStream

_BLOCK = 8_192
_ALWAYS = -(1 << 63)


@dataclass(frozen=True, slots=True)
class Replay:
    """How the events of one live recording are told: shifted to the present, then again and again."""

    shift: int
    """ms from the recorded to the told time."""
    start: int
    """Told times of what is repeated, `[start, end)`."""
    end: int
    retelling: Retelling

    @property
    def period(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Block:
    """Events that stand together, all of one cycle."""

    first: int
    """Position of the first of them."""
    cycle: int
    rows: Ints
    """Their recorded rows."""


class RecordedGroup:
    """A log group's events, ready to be cut into pages."""

    def __init__(self, loading: Loading, replay: Replay | None) -> None:
        """Takes the events out of `loading`."""
        self.account = loading.account
        self.region = loading.region
        self.name = loading.name
        self._replay = replay
        columns = loading.sorted(0 if replay is None else replay.shift)
        self.times = columns.times
        self.ingestions = columns.ingestions
        self._live = columns.live
        self._codes = columns.codes
        self._streams = columns.streams
        self._messages = columns.messages
        self._event_ids = columns.event_ids
        self._name_twins()
        if replay is None:
            self._loop: Ints = np.empty(0, dtype=np.int64)
        else:
            inside = self._live & (self.times >= replay.start) & (self.times < replay.end)
            self._loop = np.flatnonzero(inside)
        self._loop_times = self.times[self._loop]
        self._names: dict[int, list[str]] = {}

    @cached_property
    def _arrivals(self) -> Ints:
        # A finished recording holds only what has arrived, whatever this machine's clock says.
        return np.where(self._live, self.ingestions, _ALWAYS)

    @cached_property
    def _by_arrival(self) -> NDArray[np.intp]:
        return np.argsort(self._arrivals, kind="stable")

    @cached_property
    def _loop_arrivals(self) -> Ints:
        return self._arrivals[self._loop]

    @cached_property
    def _loop_by_arrival(self) -> Ints:
        return self._loop[np.argsort(self._loop_arrivals, kind="stable")]

    def _name_twins(self) -> None:
        """Gives true twins without a name one each: a reader tells events by their names."""
        alike = self.times[1:] == self.times[:-1]
        alike &= self.ingestions[1:] == self.ingestions[:-1]
        if not alike.any():
            return
        seen: set[tuple[int, int, int, str]] = set()
        for row in np.flatnonzero(np.append(alike, False) | np.append(False, alike)).tolist():
            if self._event_ids[row]:
                continue
            place = (int(self.times[row]), int(self.ingestions[row]), int(self._codes[row]))
            identity = (*place, self._messages[row])
            if identity in seen:
                self._event_ids[row] = f"twin {self.account}/{self.region} {row}"
            seen.add(identity)

    def __len__(self) -> int:
        """Recorded events, without repetitions."""
        return len(self.times)

    def cycles(self, now: int) -> int:
        """How many cycles have at least begun to arrive."""
        if self._replay is None or not len(self._loop):
            return 0
        return max(0, (now - int(self._loop_arrivals.min())) // self._replay.period)

    def ranges(self, start: int, end: int | None, now: int) -> list[tuple[int, int]]:
        """Positions of the events with `start <= timestamp < end`, in order; not all have arrived."""
        low = int(np.searchsorted(self.times, start))
        high = len(self.times) if end is None else int(np.searchsorted(self.times, end))
        last = len(self.times) + self.cycles(now) * len(self._loop)
        again = (self._repeated(start), last if end is None else min(last, self._repeated(end)))
        return [span for span in ((low, high), again) if span[0] < span[1]]

    def _repeated(self, moment: int) -> int:
        """Position of the first repeated event at or after a moment."""
        first = len(self.times)
        if self._replay is None or not len(self._loop) or moment <= self._replay.end:
            return first
        cycle = (moment - self._replay.end) // self._replay.period
        within = np.searchsorted(self._loop_times, moment - (cycle + 1) * self._replay.period)
        return first + cycle * len(self._loop) + int(within)

    def blocks(self, ranges: Sequence[tuple[int, int]], *, backward: bool) -> Iterator[Block]:
        """The positions of the ranges in blocks, last block first where `backward`."""
        for low, high in reversed(ranges) if backward else ranges:
            while low < high:
                # A block ends where a cycle ends.
                if backward:
                    edge = max(low, high - _BLOCK, self._cycle_start(high - 1))
                    yield self._block(edge, high)
                    high = edge
                else:
                    edge = min(high, low + _BLOCK, self._cycle_start(low) + self._cycle_length(low))
                    yield self._block(low, edge)
                    low = edge

    def _cycle_start(self, position: int) -> int:
        first = len(self.times)
        return 0 if position < first else position - (position - first) % len(self._loop)

    def _cycle_length(self, position: int) -> int:
        return len(self.times) if position < len(self.times) else len(self._loop)

    def _block(self, low: int, high: int) -> Block:
        first = len(self.times)
        if low < first:
            return Block(low, 0, np.arange(low, high, dtype=np.int64))
        cycle, offset = divmod(low - first, len(self._loop))
        return Block(low, cycle + 1, self._loop[offset : offset + high - low])

    def arrived(self, block: Block, now: int) -> NDArray[np.bool_]:
        """Which events of a block a reader can see at `now`."""
        if self._replay is None:
            return np.ones(len(block.rows), np.bool_)
        return self._arrivals[block.rows] <= now - self._later(block.cycle)

    def in_streams(self, block: Block, wanted: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Which events of a block are in a wanted stream."""
        allowed = np.array([wanted(name) for name in self.names(block.cycle)], dtype=np.bool_)
        found: NDArray[np.bool_] = allowed[self._codes[block.rows]]
        return found

    def arrivals_between(self, after: int, until: int) -> list[tuple[int, int]]:
        """(cycle, row) of the events that arrived in `(after, until]`, by cycle and arrival."""
        times = self._arrivals[self._by_arrival]
        low, high = np.searchsorted(times, (after, until), side="right")
        found = [(0, row) for row in self._by_arrival[low:high].tolist()]
        if self._replay is None or not len(self._loop):
            return found
        times = self._arrivals[self._loop_by_arrival]
        first_cycle = max(1, (after - int(times[-1])) // self._replay.period)
        for cycle in range(first_cycle, self.cycles(until) + 1):
            later = self._later(cycle)
            low, high = np.searchsorted(times, (after - later, until - later), side="right")
            found += [(cycle, row) for row in self._loop_by_arrival[low:high].tolist()]
        return found

    def stream(self, cycle: int, row: int) -> str:
        """The name of an event's stream in a cycle."""
        name: str = self.names(cycle)[int(self._codes[row])]
        return name

    def holds(self, stream: str, now: int) -> bool:
        """Whether a stream of that name has begun."""
        return any(stream in self.names(cycle) for cycle in range(self.cycles(now) + 1))

    def message(self, cycle: int, row: int) -> str:
        """What an event says in a cycle."""
        messages = self._messages
        if self._replay is None or not self._live[row]:
            return messages[row]
        shift = self._replay.shift + self._later(cycle)
        return self._replay.retelling.message(messages[row], shift, cycle)

    def batch(self, picks: Sequence[tuple[int, int]], messages: Sequence[str]) -> EventBatch:
        """A batch of the picked (cycle, row)s, whose messages are told already."""
        later = [self._later(cycle) for cycle, _ in picks]
        rows = np.array([row for _, row in picks], dtype=np.int64)
        codes = self._codes[rows].tolist()
        return EventBatch(
            self.account,
            self.region,
            self.name,
            array("q", (self.times[rows] + np.array(later, dtype=np.int64)).tolist()),
            array("q", (self.ingestions[rows] + np.array(later, dtype=np.int64)).tolist()),
            [self.names(cycle)[code] for (cycle, _), code in zip(picks, codes, strict=True)],
            messages,
            [
                fresh_event_id(self._event_ids[row], moment) if cycle else self._event_ids[row]
                for (cycle, row), moment in zip(picks, later, strict=True)
            ],
        )

    def slices(self, start: int, end: int | None, size: int) -> Iterator[EventBatch]:
        """The recorded events with `start <= timestamp < end`, at most `size` at a time; no repetition."""
        low = int(np.searchsorted(self.times, start))
        high = len(self.times) if end is None else int(np.searchsorted(self.times, end))
        names = self.names(0)
        for first in range(low, high, size):
            part = slice(first, min(first + size, high))
            yield EventBatch(
                self.account,
                self.region,
                self.name,
                array("q", self.times[part].tobytes()),
                array("q", self.ingestions[part].tobytes()),
                [names[code] for code in self._codes[part].tolist()],
                self._messages.between(part.start, part.stop),
                self._event_ids[part],
            )

    def names(self, cycle: int) -> list[str]:
        """Stream names by stream code, as a cycle has them."""
        known = self._names.get(cycle)
        if known is None:
            rows = self._rows(cycle)
            first = np.zeros(len(self._streams), dtype=np.int64)
            # Of several writes to one place the last one stays: the earliest event.
            first[self._codes[rows][::-1]] = self.times[rows][::-1]
            known = self._names[cycle] = [
                stream_name(name, int(moment) + self._later(cycle), cycle) if live else name
                for (name, live), moment in zip(self._streams, first, strict=True)
            ]
        return known

    def streams(self, now: int) -> dict[str, LogStream]:
        """The streams that hold an event at `now`, by name."""
        found: dict[str, LogStream] = {}
        for cycle in range(self.cycles(now) + 1):
            rows, later = self._seen(cycle, now), self._later(cycle)
            codes, count = self._codes[rows], len(self._streams)
            first, last, ingested = (np.zeros(count, dtype=np.int64) for _ in range(3))
            # Of several writes to one place the last one stays.
            first[codes[::-1]] = self.times[rows][::-1]
            last[codes] = self.times[rows]
            np.maximum.at(ingested, codes, self.ingestions[rows])
            for code in np.flatnonzero(np.bincount(codes, minlength=count)).tolist():
                name = self.names(cycle)[code]
                begin, end, taken = (int(column[code]) + later for column in (first, last, ingested))
                if before := found.get(name):
                    begin = min(begin, before.first_event or begin)
                    end = max(end, before.last_event or end)
                    taken = max(taken, before.last_ingestion or taken)
                found[name] = LogStream(name, self.name, begin, end, taken, begin)
        return found

    def span(self, now: int) -> tuple[int, int] | None:
        """First and last timestamp of what has arrived, or None."""
        spans = []
        latest = self.cycles(now)
        for cycle in {0, max(0, latest - 1), latest}:
            rows, later = self._seen(cycle, now), self._later(cycle)
            if len(rows):
                spans.append((int(self.times[rows[0]]) + later, int(self.times[rows[-1]]) + later))
        return (min(low for low, _ in spans), max(high for _, high in spans)) if spans else None

    def _rows(self, cycle: int) -> Ints:
        return self._loop if cycle else np.arange(len(self.times), dtype=np.int64)

    def _seen(self, cycle: int, now: int) -> Ints:
        """Rows of a cycle that have arrived."""
        rows = self._rows(cycle)
        if self._replay is None:
            return rows
        return rows[self._arrivals[rows] <= now - self._later(cycle)]

    def _later(self, cycle: int) -> int:
        return 0 if self._replay is None else cycle * self._replay.period
