"""Loads what a reader of files holds without paging: each event once, names that repeat admitted once.

Files give every event exactly once, so nothing but a repeated `eventId` (two recordings that overlap)
is a repetition: true twins without a name all stay. Old names are remembered by their hashes
(`fetch.repeats` says what that means); those that a tail could bring again, whole.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from operator import le

import numpy as np

from cwtui.core.errors import CwtuiError
from cwtui.core.models import EventBatch, GroupProgress, Progress, Query
from cwtui.core.ports import Clock, FileSource
from cwtui.fetch.backfill import LOOK_BACK_MS
from cwtui.fetch.identity import Seen
from cwtui.fetch.repeats import Names


async def bulk(
    source: FileSource, query: Query, seen: Seen, clock: Clock
) -> AsyncGenerator[Progress | EventBatch, None]:
    """The events of the query's groups and window, a group after the other, each by timestamp.

    After each batch how far the load has come. A group that fails does not stop the others; when every
    one failed, the first failure goes up. Streams and patterns are not looked at.
    """
    recent = clock() - LOOK_BACK_MS
    once = _Once(seen, recent)
    progress = {group: GroupProgress(group) for group in query.groups}
    failures: list[CwtuiError] = []
    for group in query.groups:
        try:
            async with aclosing(source.in_bulk(group, query.window)) as batches:
                async for batch in batches:
                    for part in once.admit(batch):
                        yield part
                        progress[group] = _advanced(progress[group], part)
                    yield Progress(tuple(progress.values()))
        except CwtuiError as error:
            failures.append(error)
            progress[group] = replace(progress[group], error=error.message, cause=error)
        progress[group] = replace(progress[group], done=True)
    if failures and len(failures) == len(query.groups):
        raise failures[0]
    yield Progress(tuple(progress.values()))


async def growing(
    source: FileSource, seen: Seen, clock: Clock
) -> AsyncGenerator[Progress | EventBatch, None]:
    """Every event of every group while the files are read, in their order.

    No group counts as reached anywhere before the end: a file may go back in time.
    """
    recent = clock() - LOOK_BACK_MS
    once = _Once(seen, recent)
    progress: dict[str, GroupProgress] = {}
    async with aclosing(source.as_read()) as batches:
        async for batch in batches:
            progress.setdefault(batch.group, GroupProgress(batch.group))
            for part in once.admit(batch):
                progress[batch.group] = replace(_advanced(progress[batch.group], part), reached=None)
                yield part
            yield Progress(tuple(progress.values()))
    for group in progress:
        seen.forget(group, partial(le, recent))
    yield Progress(tuple(replace(each, done=True) for each in progress.values()))


class _Once:
    """Lets each named event through once."""

    def __init__(self, seen: Seen, recent: int) -> None:
        """From the moment `recent` (ms) on `seen` decides, and remembers for whoever follows then."""
        self._seen = seen
        self._recent = recent
        self._names: dict[tuple[str, str, str], Names] = {}

    def admit(self, batch: EventBatch) -> Iterator[EventBatch]:
        """The events that did not come before, in their order but those that are recent last."""
        if not len(batch):
            return
        recent = np.asarray(batch.timestamps) >= self._recent
        if recent.any():
            yield from self._old(batch.take(np.flatnonzero(~recent).tolist()))
            batch = self._seen.admit_named(batch.take(np.flatnonzero(recent).tolist()), self._recent)
            if len(batch):
                yield batch
        else:
            yield from self._old(batch)

    def _old(self, batch: EventBatch) -> Iterator[EventBatch]:
        if any(batch.event_ids):
            whose = (batch.account, batch.region, batch.group)
            fresh = self._names.setdefault(whose, Names()).take(batch.event_ids)
            fresh |= np.fromiter(map("".__eq__, batch.event_ids), np.bool_, len(batch))
            if not fresh.all():
                batch = batch.take(np.flatnonzero(fresh).tolist())
        if len(batch):
            yield batch


def _advanced(progress: GroupProgress, batch: EventBatch) -> GroupProgress:
    return replace(
        progress,
        pages=progress.pages + 1,
        events=progress.events + len(batch),
        reached=int(np.max(batch.timestamps)) if len(batch) else progress.reached,
    )
