"""Batches of files that are too large to be kept in memory: they lie in a temporary file, found by time.

Up to a limit all stays in memory; what goes beyond it moves out, what came before included. The file has no
name and vanishes with whoever holds its batches, however the program ends.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from cwtui.adapters.recorded_loading import Kept, as_one, in_time
from cwtui.core.errors import StorageFull
from cwtui.core.models import EventBatch

BLOCK = 10_000
"""Events of one block that is written by `arranged`, as of the batches that files are read in."""

Moment = tuple[int, int]
"""Timestamp and ingestion time, ms UTC."""


class Shelf:
    """The temporary file. One thread puts, any thread takes."""

    def __init__(self) -> None:
        """Raises StorageFull where no temporary file can be made."""
        try:
            with tempfile.TemporaryFile(prefix="cwtui-files-", buffering=0) as file:
                self._file = os.dup(file.fileno())
        except OSError as error:
            raise _full(error) from error
        weakref.finalize(self, os.close, self._file)
        self._end = 0
        self._held: list[Kept] = []

    def put(self, kept: Kept) -> Shelved:
        """Lays a batch down, by time; events of one time stay as they came. Raises StorageFull."""
        kept = in_time(kept)
        told = pickle.dumps(kept, pickle.HIGHEST_PROTOCOL)
        at, left = self._end, memoryview(told)
        try:
            while left:
                left = left[os.pwrite(self._file, left, self._end + len(told) - len(left)) :]
        except OSError as error:
            raise _full(error) from error
        self._end += len(told)
        return self._shelved(kept, at, len(told))

    def hold(self, kept: Kept) -> Shelved:
        """Keeps a batch in memory that found no room."""
        kept = in_time(kept)
        self._held.append(kept)
        return self._shelved(kept, len(self._held) - 1, 0)

    def _shelved(self, kept: Kept, at: int, size: int) -> Shelved:
        times, ingestions = kept.timestamps, kept.ingestion_times
        low, high = (times[0], ingestions[0]), (times[-1], ingestions[-1])
        return Shelved(self, at, size, len(kept), low, high)

    def take(self, at: int, size: int) -> Kept:
        if not size:
            return self._held[at]
        kept: Kept = pickle.loads(os.pread(self._file, size, at))
        return kept


@dataclass(frozen=True, slots=True)
class Shelved:
    """A batch on the shelf, its events by (timestamp, ingestion time)."""

    shelf: Shelf
    at: int
    size: int
    count: int
    low: Moment
    high: Moment
    """Of the first and the last event."""

    def __len__(self) -> int:
        return self.count

    def kept(self) -> Kept:
        """The batch, read anew."""
        return self.shelf.take(self.at, self.size)

    def batch(self) -> EventBatch:
        return self.kept().batch()


@dataclass(slots=True)
class StreamSpan:
    """What is known of a stream; ms UTC."""

    first: int
    last: int
    ingested: int


@dataclass(slots=True)
class Streams:
    """The streams of a group, by name."""

    spans: dict[str, StreamSpan] = field(default_factory=dict)

    def note(self, kept: Kept) -> None:
        """Takes in a batch."""
        names = dict.fromkeys(kept.streams)
        codes = np.zeros(len(kept), np.intp)
        if len(kept.streams) > 1:
            known = {name: code for code, name in enumerate(names)}
            codes = np.fromiter(map(known.__getitem__, kept.streams), np.intp, len(kept))
        times, ingestions = np.asarray(kept.timestamps), np.asarray(kept.ingestion_times)
        first, last, ingested = (np.full(len(names), edge, np.int64) for edge in (_LAST, -_LAST, -_LAST))
        np.minimum.at(first, codes, times)
        np.maximum.at(last, codes, times)
        np.maximum.at(ingested, codes, ingestions)
        for name, *span in zip(names, first.tolist(), last.tolist(), ingested.tolist(), strict=True):
            before = self.spans.get(name)
            if before is None:
                self.spans[name] = StreamSpan(*span)
            else:
                before.first = min(before.first, span[0])
                before.last = max(before.last, span[1])
                before.ingested = max(before.ingested, span[2])


_LAST = 2**63 - 1


@dataclass(slots=True)
class _Open:
    """A batch that is being merged, up to a row."""

    place: int
    kept: Kept
    times: np.ndarray[tuple[int], np.dtype[np.int64]]
    done: int = 0


def ascend(batches: Sequence[Shelved]) -> bool:
    """Whether they stand in the order of time."""
    return all(one.high <= other.low for one, other in pairwise(batches))


def arranged(batches: Sequence[Shelved]) -> Iterator[Kept]:
    """The events of all batches by (timestamp, ingestion time), then as the batches stand.

    Holds in memory only those batches whose times overlap.
    """
    by_time = sorted(range(len(batches)), key=lambda place: (batches[place].low, place))
    opened: list[_Open] = []
    ready: list[EventBatch] = []
    for at, place in enumerate(by_time):
        kept = batches[place].kept()
        opened.append(_Open(place, kept, np.asarray(kept.timestamps)))
        last = at + 1 == len(by_time)
        # What is before all that follows.
        bound = _LAST if last else batches[by_time[at + 1]].low[0]
        for each in sorted(opened, key=lambda one: one.place):
            end = len(each.times) if last else int(np.searchsorted(each.times, bound))
            if end > each.done:
                ready.append(each.kept.rows(each.done, end))
                each.done = end
        opened = [each for each in opened if each.done < len(each.times)]
        if last or sum(map(len, ready)) >= BLOCK:
            yield from _blocks(ready)
            ready = []


def _blocks(ready: Iterable[EventBatch]) -> Iterator[Kept]:
    together = list(ready)
    if not together:
        return
    whole = in_time(Kept.of(as_one(together)))
    for first in range(0, len(whole), BLOCK):
        yield Kept.of(whole.rows(first, min(first + BLOCK, len(whole))))


def _full(error: OSError) -> StorageFull:
    return StorageFull(
        f"What was read of the files finds no room in {tempfile.gettempdir()}: {error.strerror}.",
        "Free disk space, set TMPDIR to a folder on a disk with room, or raise [limits] memory.",
        code="spill",
    )
