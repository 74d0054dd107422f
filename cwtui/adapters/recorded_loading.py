"""A log group while its files are read, and its events as columns in the order of time once they are."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from cwtui.adapters.recorded_texts import Messages
from cwtui.core.models import EventBatch
from cwtui.deliver.packed import Kept as Kept

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class RecordedColumns:
    """Events in the order of (timestamp, ingestion time), then of the files."""

    times: Ints
    ingestions: Ints
    live: NDArray[np.bool_]
    """Which of them are of the live recording."""
    codes: Codes
    """Positions in `streams`."""
    streams: list[tuple[str, bool]]
    """Names, each with whether its events are live."""
    messages: Messages
    event_ids: list[str]


@dataclass(slots=True)
class Loading:
    """A group while it is being read."""

    account: str
    region: str
    name: str
    batches: list[Kept] = field(default_factory=list)
    """In the order of the files."""
    live: list[bool] = field(default_factory=list)
    """Which of the batches come from the live recording."""

    def add(self, batch: Kept, *, live: bool) -> None:
        self.batches.append(batch)
        self.live.append(live)

    def sorted(self, shift: int) -> RecordedColumns:
        """All events, those of the live recording `shift` ms later; the batches are given up."""
        batches, self.batches = self.batches, []
        live = np.repeat(np.array(self.live, np.bool_), [len(batch) for batch in batches])
        times = _moments(batch.timestamps for batch in batches)
        ingestions = _moments(batch.ingestion_times for batch in batches)
        times[live] += shift
        ingestions[live] += shift
        streams: dict[tuple[str, bool], int] = {}
        coded = (_coded(batch, flag, streams) for batch, flag in zip(batches, self.live, strict=True))
        codes = np.concatenate([np.empty(0, np.int32), *coded])
        event_ids = [name for batch in batches for name in batch.all_event_ids]
        order = None
        if not _ascends(times, ingestions):
            order = np.lexsort((ingestions, times))
            times, ingestions, live, codes = times[order], ingestions[order], live[order], codes[order]
            event_ids = [event_ids[row] for row in order.tolist()]
        messages = Messages([batch.texts for batch in batches], order)
        return RecordedColumns(times, ingestions, live, codes, list(streams), messages, event_ids)


def joined(batches: Iterable[EventBatch], most: int) -> Iterator[EventBatch]:
    """The same events in batches as large as may be, of at most `most` events if they can."""
    held: list[EventBatch] = []
    for batch in batches:
        if held and (_place(batch) != _place(held[0]) or sum(map(len, held)) + len(batch) > most):
            yield as_one(held)
            held = []
        held.append(batch)
    if held:
        yield as_one(held)


def in_time(kept: Kept) -> Kept:
    """The same events by (timestamp, ingestion time), then as they stand."""
    times, ingestions = np.asarray(kept.timestamps), np.asarray(kept.ingestion_times)
    if _ascends(times, ingestions):
        return kept
    return Kept.of(kept.batch().take(np.lexsort((ingestions, times)).tolist()))


def _place(batch: EventBatch) -> tuple[str, str, str]:
    return batch.account, batch.region, batch.group


def as_one(batches: Sequence[EventBatch]) -> EventBatch:
    """Batches of one group as one."""
    if len(batches) == 1:
        return batches[0]
    times, ingestions = array("q"), array("q")
    for batch in batches:
        times.extend(batch.timestamps)
        ingestions.extend(batch.ingestion_times)
    return EventBatch(
        *_place(batches[0]),
        times,
        ingestions,
        list(chain.from_iterable(batch.streams for batch in batches)),
        list(chain.from_iterable(batch.messages for batch in batches)),
        list(chain.from_iterable(batch.event_ids for batch in batches)),
        sum(batch.malformed for batch in batches),
    )


def _moments(columns: Iterable[array[int]]) -> Ints:
    return np.concatenate([np.empty(0, np.int64), *(np.asarray(column, np.int64) for column in columns)])


def _coded(batch: Kept, live: bool, codes: dict[tuple[str, bool], int]) -> Codes:
    """The code of each event's stream; one that has none yet gets the next."""
    known = {name: codes.setdefault((name, live), len(codes)) for name in dict.fromkeys(batch.streams)}
    if len(batch.streams) == 1:
        return np.full(len(batch), known[batch.streams[0]], np.int32)
    return np.fromiter(map(known.__getitem__, batch.streams), np.int32, len(batch))


def _ascends(times: Ints, ingestions: Ints) -> bool:
    later, same = times[1:] > times[:-1], times[1:] == times[:-1]
    return bool((later | (same & (ingestions[1:] >= ingestions[:-1]))).all())
