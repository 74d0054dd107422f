"""One load of a query into a window, page by page; the query follows what files turn out to hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cwtui.core.models import EventBatch, Missing, Progress, Query, TimeWindow
from cwtui.core.ports import Clock, FileSource, LogReader
from cwtui.fetch.backfill import NEWEST_FIRST_SINCE, backfill
from cwtui.fetch.bulk import bulk, growing
from cwtui.fetch.identity import Seen
from cwtui.fetch.paging import Sleep, all_groups
from cwtui.investigation.ordering import edge_of
from cwtui.settings import Settings

if TYPE_CHECKING:
    from cwtui.window.window import Window

_AHEAD = 16
"""Pages and progress that may wait to be put into the window before no more are asked for."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a query is to be loaded."""

    newest_first: bool = False
    latest: int | None = None
    """Stop once that many of the newest shown events are certain."""
    whole: bool = False
    """Take in all that unread files hold, while they are read."""


class Load:
    """The load of one query. `query` and `progress` follow what came; `seen` knows what was delivered."""

    def __init__(
        self,
        reader: LogReader,
        window: Window,
        query: Query,
        wish: Wish,
        *,
        seen: Seen,
        clock: Clock,
        settings: Settings,
        sleep: Sleep,
        changed: Callable[[], None],
    ) -> None:
        self.query = query
        self.progress = Progress()
        self._reader = reader
        self._window = window
        self._wish = wish
        self._seen = seen
        self._clock = clock
        self._began = clock()
        self._settings = settings
        self._sleep = sleep
        self._changed = changed
        self._files = self._files_for(query)
        self._growing = self._files is not None and wish.whole and self._files.unread

    @property
    def newest_first(self) -> bool:
        """Whether the newest events come first: wished, and possible for this window."""
        wished = self._wish.newest_first or self._wish.latest is not None
        return self._files is None and wished and self.query.window.start >= NEWEST_FIRST_SINCE

    @property
    def resumable(self) -> bool:
        """Whether `run` again would read what is missing: of files everything comes at once."""
        return self._files is None and any(group.rest for group in self.progress.groups)

    async def run(self) -> None:
        """Returns when all is in the window, or the newest that were wished for. What came stays, always.

        Run again after it ended early, it reads what is still missing.
        """
        if self._files is not None and self._wish.whole and not self._growing:
            # The reading ended before the window was made: now all groups are known.
            self.query = await everything_in(self._reader, self.query, self._clock, self._settings)
        arrived: asyncio.Queue[EventBatch | Progress] = asyncio.Queue()
        putting_in = asyncio.ensure_future(self._put_in(arrived))
        try:
            async with aclosing(self._items()) as items:
                async for item in items:
                    # Not `put`: what was fetched counts as delivered, so no cancelling may come between.
                    arrived.put_nowait(item)
                    if arrived.qsize() >= _AHEAD:
                        await _while_running(putting_in, arrived.join())
                    if self._wish.latest is not None:
                        await _while_running(putting_in, arrived.join())
                        if self._newest_certain() >= self._wish.latest:
                            break
        finally:
            try:
                await _while_running(putting_in, arrived.join())
            finally:
                putting_in.cancel()
        if self._wish.latest is not None and (loaded := self._window.everything.span):
            complete = edge_of(self.progress, newest_first=True) or 0
            start = max(complete, loaded[0])
            self.query = replace(self.query, window=TimeWindow(start, self.query.window.end))

    def _files_for(self, query: Query) -> FileSource | None:
        """The reader as a source of files, where the query picks nothing out of them."""
        reader = self._reader
        picked = query.pattern or query.streams or query.stream_prefix or self._wish.latest is not None
        if picked or reader.context.live or not isinstance(reader, FileSource):
            return None
        return reader

    def _items(self) -> AsyncGenerator[Progress | EventBatch, None]:
        if self._files is None:
            return backfill(
                self._reader,
                self.query,
                clock=self._clock,
                seen=self._seen,
                newest_first=self.newest_first,
                cut=self._wish.latest is None,
                resume=self._rest(),
                sleep=self._sleep,
            )
        if self._growing:
            return growing(self._files, self._seen, self._clock)
        return bulk(self._files, self.query, self._seen, self._clock)

    def _rest(self) -> Progress:
        """What to go on with. An open end ends where the load began: following reads on from there."""

        def closed(parts: Sequence[Missing]) -> Iterator[Missing]:
            for part in parts:
                if part.window.end is not None:
                    yield part
                elif part.window.start < self._began:
                    yield replace(part, window=TimeWindow(part.window.start, self._began))

        groups = self.progress.groups
        return Progress(tuple(replace(group, rest=tuple(closed(group.rest))) for group in groups))

    async def _put_in(self, arrived: asyncio.Queue[EventBatch | Progress]) -> None:
        """Puts pages into the window; those that come meanwhile go in together: ten cost little more."""
        while True:
            items = [await arrived.get()]
            while not arrived.empty():
                items.append(arrived.get_nowait())
            batches = [item for item in items if isinstance(item, EventBatch)]
            if batches:
                await self._window.append(batches, newest_first=self.newest_first)
            # Only now: what the progress tells of has to be in the window.
            for item in items:
                if isinstance(item, Progress):
                    self.progress = item
                arrived.task_done()
            self._follow_files()
            self._changed()

    def _follow_files(self) -> None:
        """Lets the query speak of what is known of the files that are being read."""
        if self._growing and (loaded := self._window.everything.span):
            groups = tuple(group.group for group in self.progress.groups)
            self.query = replace(self.query, groups=groups, window=TimeWindow(loaded[0]))

    def _newest_certain(self) -> int:
        """How many of the newest shown events no group can still push further down."""
        view, edge = self._window.view, edge_of(self.progress, newest_first=True)
        return len(view) - view.at_or_after(edge) if edge is not None else 0


async def default_window(
    reader: LogReader, groups: Sequence[str], clock: Clock, settings: Settings
) -> TimeWindow:
    """The whole of a recording, or the last minutes of live logs; open at its end."""
    extent = await reader.extent(groups)
    if extent is None:
        return TimeWindow(clock() - settings.default_window_ms)
    return TimeWindow(extent[0], None)


async def everything_in(reader: LogReader, query: Query, clock: Clock, settings: Settings) -> Query:
    """The query over every group of a reader, from its first event on."""
    names = [group.identifier async for page in all_groups(reader, names_first=True) for group in page]
    groups = tuple(dict.fromkeys(names)) or query.groups
    return replace(query, groups=groups, window=await default_window(reader, groups, clock, settings))


async def _while_running(task: asyncio.Future[None], work: Coroutine[Any, Any, None]) -> None:
    """Awaits the work for as long as the task runs that has to take it; the task's failure goes up."""
    waiting = asyncio.ensure_future(work)
    try:
        await asyncio.wait((waiting, task), return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            task.result()
    finally:
        waiting.cancel()
