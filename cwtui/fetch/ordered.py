"""Events of files in display order without a window, for whoever passes all of them on.

What a window would show is handed over as columns, from the memory the files were read into: nothing is
stored, filtered or counted on the way.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import fields
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns, EventBatch, Level, Progress, Query
from cwtui.core.ports import Clock, FileSource
from cwtui.fetch.bulk import bulk
from cwtui.fetch.identity import Seen
from cwtui.lang.envelope import level_of
from cwtui.window.texts import storable, utf8

_CHUNK = 10_000


async def ordered(
    source: FileSource, query: Query, clock: Clock, *, limit: int | None = None, levels: bool = False
) -> AsyncGenerator[Progress | Columns, None]:
    """The events that `bulk` gives, in the order in which a window shows them, and how far the load is.

    Those of one group come while it is handed over, those of several once all are known. The first `limit`
    of them; ids are the positions; `levels` are told only where asked for. Raises what `bulk` raises.
    """
    given = 0
    pending: list[EventBatch] = []
    async with aclosing(bulk(source, query, Seen(), clock)) as items:
        async for item in items:
            if isinstance(item, Progress):
                yield item
                continue
            # The batches of one group come by time: what is before a batch is before all that follow.
            certain = pending if len(query.groups) == 1 and _precede(pending, item) else []
            for columns in _told(certain, given, limit, levels=levels):
                given += len(columns)
                yield columns
            if given == limit:
                return
            pending = [item] if certain else [*pending, item]
    for columns in _told(pending, given, limit, levels=levels):
        yield columns


def _precede(pending: Sequence[EventBatch], batch: EventBatch) -> bool:
    return bool(pending) and max(pending[-1].timestamps) < min(batch.timestamps)


def _told(batches: Sequence[EventBatch], given: int, limit: int | None, *, levels: bool) -> Iterator[Columns]:
    """The events of the batches in display order, as a window would give them, up to the limit."""
    for columns in _in_order(batches):
        if limit is not None:
            columns = _cut(columns, limit - given)
        yield _as_stored(columns, given, levels=levels)
        given += len(columns)
        if given == limit:
            return


def _in_order(batches: Sequence[EventBatch]) -> Iterator[Columns]:
    """The events of the batches in display order, their texts as they came."""
    if not batches:
        return
    times = np.concatenate([np.asarray(batch.timestamps, np.int64) for batch in batches])
    ingestions = np.concatenate([np.asarray(batch.ingestion_times, np.int64) for batch in batches])
    if _is_one_stream(batches) and _ascends(times, ingestions):
        for batch in batches:
            yield _columns(batch)
        return
    order = _order(batches, times, ingestions)
    owners = np.repeat(np.arange(len(batches)), [len(batch) for batch in batches])
    streams, messages, event_ids = (
        list(chain.from_iterable(texts))
        for texts in (
            (batch.streams for batch in batches),
            (batch.messages for batch in batches),
            (batch.event_ids for batch in batches),
        )
    )
    for first in range(0, len(order), _CHUNK):
        rows = order[first : first + _CHUNK]
        places = rows.tolist()
        whose = [batches[at] for at in owners[rows].tolist()]
        yield Columns(
            places,
            times[rows].tolist(),
            ingestions[rows].tolist(),
            [Level.UNKNOWN] * len(places),
            [batch.account for batch in whose],
            [batch.region for batch in whose],
            [batch.group for batch in whose],
            [streams[at] for at in places],
            [messages[at] for at in places],
            [event_ids[at] for at in places],
            [None] * len(places),
        )


def _is_one_stream(batches: Sequence[EventBatch]) -> bool:
    """Whether all events are of one stream and none has a name: then only their times order them."""
    whose = {(batch.account, batch.region, batch.group) for batch in batches}
    if len(whose) > 1 or any(any(batch.event_ids) for batch in batches):
        return False
    return len(set(chain.from_iterable(batch.streams for batch in batches))) == 1


def _ascends(times: NDArray[np.int64], ingestions: NDArray[np.int64]) -> bool:
    later = times[1:] > times[:-1]
    same = times[1:] == times[:-1]
    return bool((later | (same & (ingestions[1:] >= ingestions[:-1]))).all())


def _order(
    batches: Sequence[EventBatch], times: NDArray[np.int64], ingestions: NDArray[np.int64]
) -> NDArray[np.intp]:
    """The permutation that brings the events into the order of a window."""
    from cwtui.window.intake import Keys
    from cwtui.window.ties import Ties

    sources: dict[tuple[str, str, str], int] = {}
    streams: dict[tuple[int, str], int] = {}
    numbers: list[NDArray[np.uint32]] = []
    for batch in batches:
        source = sources.setdefault((batch.account, batch.region, batch.group), len(sources))
        known = {name: streams.setdefault((source, name), len(streams)) for name in set(batch.streams)}
        numbers.append(np.fromiter(map(known.__getitem__, batch.streams), np.uint32, len(batch)))
    names = [utf8(name) for batch in batches for name in batch.event_ids]
    ties = Ties()
    named = np.fromiter(map(bool, names), np.bool_, len(names))
    ties.append(Keys(np.concatenate(numbers), ingestions, named))
    ties.rank(list(sources), list(streams))

    def by_event_id(ids: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array(sorted(ids.tolist(), key=lambda at: (names[at], at)), np.int64)

    return ties.arranged(np.arange(len(times)), times, by_event_id)


def _columns(batch: EventBatch) -> Columns:
    count = len(batch)
    return Columns(
        range(count),
        batch.timestamps,
        batch.ingestion_times,
        [Level.UNKNOWN] * count,
        [batch.account] * count,
        [batch.region] * count,
        [batch.group] * count,
        batch.streams,
        batch.messages,
        batch.event_ids,
        [None] * count,
    )


def _cut(columns: Columns, count: int) -> Columns:
    return Columns(*(getattr(columns, each.name)[:count] for each in fields(columns)))


def _as_stored(columns: Columns, first: int, *, levels: bool) -> Columns:
    """The columns as a window gives them back: what UTF-8 cannot hold is escaped, with its bytes beside."""
    count = len(columns)
    messages, broken = storable(_texts(columns.messages))
    names, _ = storable(_texts(columns.event_ids))
    raws: Sequence[bytes | None] = columns.raws
    if broken:
        raws = [broken.get(at) for at in range(count)]
    return Columns(
        range(first, first + count),
        columns.timestamps,
        columns.ingestion_times,
        [level_of(message) for message in messages] if levels else columns.levels,
        columns.accounts,
        columns.regions,
        columns.groups,
        columns.streams,
        messages.tolist(),
        names.tolist(),
        raws,
    )


def _texts(texts: Sequence[str]) -> NDArray[np.object_]:
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found
