"""Loads what a reader of files holds without paging: each event once, names that repeat admitted once.

Files give every event exactly once, so nothing but a repeated `eventId` (two recordings that overlap)
is a repetition: true twins without a name all stay.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from operator import le

from cwtui.core.errors import CwtuiError
from cwtui.core.models import EventBatch, GroupProgress, Progress, Query
from cwtui.core.ports import Clock, FileSource
from cwtui.fetch.backfill import LOOK_BACK_MS
from cwtui.fetch.identity import Seen


async def bulk(
    source: FileSource, query: Query, seen: Seen, clock: Clock
) -> AsyncGenerator[Progress | EventBatch, None]:
    """The events of the query's groups and window, a group after the other, each by timestamp.

    After each batch how far the load has come. A group that fails does not stop the others; when every
    one failed, the first failure goes up. Streams and patterns are not looked at.
    """
    recent = clock() - LOOK_BACK_MS
    progress = {group: GroupProgress(group) for group in query.groups}
    failures: list[CwtuiError] = []
    for group in query.groups:
        try:
            async with aclosing(source.in_bulk(group, query.window)) as batches:
                async for batch in batches:
                    edge = min(recent, min(batch.timestamps) - LOOK_BACK_MS)
                    seen.forget(batch.group, partial(le, edge))
                    batch = seen.admit_named(batch, recent)
                    if len(batch):
                        yield batch
                        progress[group] = _advanced(progress[group], batch)
                    yield Progress(tuple(progress.values()))
        except CwtuiError as error:
            failures.append(error)
            progress[group] = replace(progress[group], error=error.message)
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
    progress: dict[str, GroupProgress] = {}
    async with aclosing(source.as_read()) as batches:
        async for batch in batches:
            batch = seen.admit_named(batch, recent)
            before = progress.get(batch.group) or GroupProgress(batch.group)
            progress[batch.group] = replace(_advanced(before, batch), reached=None)
            if len(batch):
                yield batch
            yield Progress(tuple(progress.values()))
    for group in progress:
        seen.forget(group, partial(le, recent))
    yield Progress(tuple(replace(each, done=True) for each in progress.values()))


def _advanced(progress: GroupProgress, batch: EventBatch) -> GroupProgress:
    return replace(
        progress,
        pages=progress.pages + 1,
        events=progress.events + len(batch),
        reached=max(batch.timestamps, default=progress.reached),
    )
