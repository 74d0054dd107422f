"""Loads a window once: every event of every group, in pages as they come.

One group that is denied or missing does not stop the others; it is named in the progress. When
every group failed, the first failure goes up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from cwtui.core.errors import CwtuiError
from cwtui.core.models import EventBatch, EventsRequest, GroupProgress, Progress, Query
from cwtui.core.ports import Clock, LogReader
from cwtui.fetch.identity import Seen
from cwtui.fetch.paging import Retry, Sleep, Stuck, pages

GROUPS_AT_ONCE = 4
PAGES_AHEAD = 4
LOOK_BACK_MS = 120_000
NEWEST_FIRST_SINCE = 1_704_067_200_000
"""2024-01-01 UTC: FilterLogEvents reads backwards only in windows that begin no earlier."""


async def backfill(
    reader: LogReader,
    query: Query,
    *,
    clock: Clock,
    seen: Seen | None = None,
    newest_first: bool = False,
    sleep: Sleep = asyncio.sleep,
) -> AsyncGenerator[Progress | EventBatch, None]:
    """Batches of new events, and after each page how far the load has come.

    Consume under `aclosing`: leaving cancels the calls in flight. With `newest_first` each group's
    newest page comes first, where the window begins late enough for the service to do that.
    """
    newest_first = newest_first and query.window.start >= NEWEST_FIRST_SINCE
    load = _Load(reader, query, clock, Seen() if seen is None else seen, newest_first, sleep)
    try:
        async for item in load.items():
            yield item
    finally:
        await load.cancel()


class _Load:
    """The groups of one backfill, fetched at once and handed over in one queue."""

    def __init__(
        self,
        reader: LogReader,
        query: Query,
        clock: Clock,
        seen: Seen,
        newest_first: bool,
        sleep: Sleep,
    ) -> None:
        self._reader = reader
        self._query = query
        self._clock = clock
        self._seen = seen
        self._newest_first = newest_first
        self._sleep = sleep
        self._progress = {group: GroupProgress(group) for group in query.groups}
        self._failures: list[CwtuiError] = []
        self._places = asyncio.Semaphore(GROUPS_AT_ONCE)
        self._queue: asyncio.Queue[EventBatch | Progress | None] = asyncio.Queue(PAGES_AHEAD)
        self._work: asyncio.Future[None] | None = None

    async def items(self) -> AsyncGenerator[Progress | EventBatch, None]:
        self._work = asyncio.ensure_future(self._all_groups())
        while (item := await self._queue.get()) is not None:
            yield item
        await self._work
        if self._failures and len(self._failures) == len(self._query.groups):
            raise self._failures[0]
        yield self._state()

    async def cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def _all_groups(self) -> None:
        groups = asyncio.gather(*(self._group(group) for group in self._query.groups))
        try:
            await groups
        except Exception:
            await self._queue.put(None)
            raise
        await self._queue.put(None)

    async def _group(self, group: str) -> None:
        request = EventsRequest(
            group,
            self._query.window,
            self._query.stream_prefix,
            self._query.streams,
            self._query.pattern,
            newest_first=self._newest_first,
        )
        try:
            async with self._places:
                async for page in pages(self._reader, request, Retry(sleep=self._sleep)):
                    batch = self._seen.admit(page.batch)
                    if len(batch):
                        self._forget(page.batch)
                        await self._queue.put(batch)
                    self._note(group, pages=1, events=len(batch), reached=self._edge(page.batch))
                    await self._queue.put(self._state())
        except Stuck:
            self._note(group, incomplete="CloudWatch stopped making progress; the list is incomplete")
        except CwtuiError as error:
            self._failures.append(error)
            self._note(group, error=error.message)
        self._note(group, done=True)

    def _edge(self, batch: EventBatch) -> int | None:
        if not len(batch):
            return None
        return min(batch.timestamps) if self._newest_first else max(batch.timestamps)

    def _forget(self, batch: EventBatch) -> None:
        """Keeps the names around this page, where the service may repeat them, and those a tail will meet."""
        low, high = min(batch.timestamps) - LOOK_BACK_MS, max(batch.timestamps) + LOOK_BACK_MS
        recent = self._clock() - LOOK_BACK_MS
        self._seen.forget(batch.group, lambda at: low <= at <= high or at >= recent)

    def _note(
        self,
        group: str,
        *,
        pages: int = 0,
        events: int = 0,
        done: bool = False,
        reached: int | None = None,
        incomplete: str = "",
        error: str = "",
    ) -> None:
        old = self._progress[group]
        self._progress[group] = replace(
            old,
            pages=old.pages + pages,
            events=old.events + events,
            done=old.done or done,
            reached=old.reached if reached is None else reached,
            incomplete=old.incomplete or incomplete,
            error=old.error or error,
        )

    def _state(self) -> Progress:
        return Progress(tuple(self._progress.values()))
