"""One window being worked on: loads, follows, narrows, explains, exports; both faces drive this.

An Investigation owns the events, the progress and the findings of one query. It counts a `revision`
that grows with each visible change and tells its listeners; what it hands out is frozen. It knows
no screen: what a user does to a window is a method here before it is a key or a command.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.models import LogEvent, Query, Row, TimeWindow
from cwtui.core.ports import ChatModel, Clock, LogReader
from cwtui.fetch.budget import Pace
from cwtui.fetch.identity import Seen
from cwtui.fetch.newest import any_age, newest
from cwtui.fetch.paced import Paced
from cwtui.fetch.paging import Retry, Sleep
from cwtui.fetch.surroundings import Surroundings
from cwtui.fetch.together import Together, identifier_in, resolved
from cwtui.investigation.explaining import Explaining, ExporterFor
from cwtui.investigation.following import Following
from cwtui.investigation.hand import FILTER_LIMIT_S
from cwtui.investigation.loading import Load, Wish, default_window
from cwtui.investigation.ordering import covered_of, ids_in_order
from cwtui.investigation.sharing import open_line
from cwtui.investigation.states import FollowState, LoadKind, LoadState
from cwtui.lang.where import FilterStack
from cwtui.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cwtui.window.window import Window


class Investigation(Explaining):
    """One query, its events and what was found in them. Not thread-safe: use it on one event loop."""

    def __init__(
        self,
        reader: LogReader,
        *,
        clock: Clock,
        settings: Settings,
        exporter_for: ExporterFor,
        chat: ChatModel | None = None,
        sleep: Sleep = asyncio.sleep,
        filter_limit_s: float = FILTER_LIMIT_S,
    ) -> None:
        super().__init__(reader, clock, settings, exporter_for, chat, filter_limit_s)
        self._sleep = sleep
        self._seen = Seen()
        self._surroundings: Surroundings | None = None
        self._load: Load | None = None
        self._following: Following | None = None

    # ------------------------------------------------------------------ where it stands

    @property
    def span(self) -> tuple[int, int]:
        """The window as ms `[start, end)`, an open end being now, or of recordings their last event."""
        if self.query is None:
            return (0, 0)
        window, loaded = self.query.window, self.everything.span
        last = loaded[1] + 1 if loaded else window.start
        if window.end is not None:
            return (window.start, window.end)
        if self._surroundings is not None:
            return (loaded[0], last) if loaded else (0, 0)
        return (window.start, last if self.reader.context.offline else max(self.clock(), last))

    @property
    def covered(self) -> tuple[int, int]:
        """The part of `span` of which everything is loaded; while a load goes on it grows from one end."""
        if self.load_state.kind is LoadKind.LOADING and not self.load_state.progress.groups:
            return (self.span[1], self.span[1])
        return covered_of(
            self.load_state.progress,
            self.span,
            newest_first=self._load is not None and self._load.newest_first,
        )

    @property
    def resume_from(self) -> int:
        """The moment (ms) up to which following has read everything."""
        return self._following.since if self._following is not None else 0

    @property
    def follow_state(self) -> FollowState:
        """Whether new events are fetched, and how that goes."""
        return self._following.state if self._following is not None else FollowState()

    # ------------------------------------------------------------------ loading and following

    async def default_window(self, groups: Sequence[str]) -> TimeWindow:
        """The whole of a recording, or the last minutes of live logs; open at its end."""
        return await default_window(self.reader, groups, self.clock, self.settings)

    async def any_age(self, groups: Sequence[str]) -> TimeWindow:
        """The window for `open` with `latest`: as far back as events can be read newest first."""
        return await any_age(self.reader, Query(tuple(groups), TimeWindow(0)))

    async def newest(self) -> int | None:
        """The time (ms) of the newest event that the query would find at any age; the window stays."""
        if self.query is None:
            return None
        return await newest(self.reader, self.query, Retry(sleep=self._sleep))

    async def open(
        self, query: Query, *, newest_first: bool = False, latest: int | None = None, whole: bool = False
    ) -> None:
        """Replaces the window by the events of a query, as they come.

        Returns when all is loaded; with `latest`, once that many of the newest shown events are
        certain: the query's window then begins where every group is complete. `whole` takes in all that
        unread files hold, while they are read; the query's groups and window follow what comes. A
        failure of every group is raised and kept in `load_state`; cancelling keeps what came.
        """
        query = replace(query, groups=await resolved(self.reader, query.groups))
        window = await self._emptied()
        self.query = query
        self._seen = Seen()
        self._following = self._follower()
        load = self._load = Load(
            self.reader,
            window,
            query,
            Wish(newest_first, latest, whole),
            seen=self._seen,
            clock=self.clock,
            settings=self.settings,
            sleep=self._sleep,
            changed=self._progressed,
        )
        await self._run(load)

    @property
    def resumable(self) -> bool:
        """Whether a load ended before its end, so that `resume` has something to read."""
        ended = self.load_state.kind in (LoadKind.CANCELLED, LoadKind.FAILED, LoadKind.PARTIAL)
        return ended and self._load is not None and self._load.resumable

    async def resume(self) -> None:
        """Reads what the last load left of its window, and nothing twice. Raises as `open` does."""
        if self._load is not None and self.resumable:
            await self._run(self._load)

    async def _run(self, load: Load) -> None:
        self._set_load(LoadState(LoadKind.LOADING, load.progress))
        try:
            await load.run()
        except asyncio.CancelledError:
            self._set_load(replace(self.load_state, kind=LoadKind.CANCELLED))
            raise
        except CwtuiError as error:
            self._set_load(replace(self.load_state, kind=LoadKind.FAILED, error=error))
            raise
        self.query = load.query
        partial = (*load.progress.partial, *self.reader.notes)
        kind = LoadKind.PARTIAL if partial else LoadKind.LOADED
        ended = next((group.renewable for group in load.progress.groups if group.renewable), None)
        self._set_load(LoadState(kind, load.progress, partial, ended))

    async def _emptied(self) -> Window:
        window = await self._opened()
        await window.clear()
        if self.filters != (settled := self.filters.settled()):
            await window.narrow(settled.condition())
            self.filters = settled
        self.generation += 1
        self._load = self._following = self._surroundings = None
        await self._against.forget()
        return window

    def _progressed(self) -> None:
        """Takes over what the running load tells."""
        if self._load is not None:
            self.query = self._load.query
            self.load_state = replace(self.load_state, progress=self._load.progress)
        self._changed()

    def in_order(self, query: Query) -> AsyncGenerator[NDArray[np.int64], None]:
        """Loads a query oldest first and hands over the ids of shown events in display order, each once.

        An id comes as soon as no group can bring an earlier event, so a pipe flows while the load goes on.
        """
        return ids_in_order(self, query)

    async def open_around(self, event: LogEvent, *, before: int = 200, after: int = 200) -> int | None:
        """Replaces the window by the lines around an event in its own stream, which no filter hides.

        Gives the row id of the event itself, or None when the source no longer has it. `grow` adds more.
        """
        window = await self._emptied()
        await window.narrow(None)
        self.filters = FilterStack()
        group = self.group_of(event)
        self.query = Query((group,), TimeWindow(0), streams=(event.stream,))
        self._set_load(LoadState(LoadKind.LOADING))
        self._surroundings = Surroundings(
            self.reader, group, event.stream, event.timestamp, Retry(sleep=self._sleep)
        )
        try:
            await window.append(await self._surroundings.earlier(before))
            await window.append(await self._surroundings.later(after + 1))
        except CwtuiError as error:
            self._set_load(LoadState(LoadKind.FAILED, error=error))
            raise
        self._set_load(LoadState(LoadKind.LOADED))
        view = self.view
        near = view.slice(view.at_or_after(event.timestamp), view.after(event.timestamp))
        # A row's message is cut for a list.
        alike = (
            row.id
            for row in await window.rows(near)
            if row.length == len(event.message) and event.message.startswith(row.message)
        )
        return next(alike, None)

    def group_of(self, event: LogEvent | Row) -> str:
        """What calls name the group of an event by (`core.naming`)."""
        return identifier_in(self.reader, event.account, event.region, event.group)

    def stream_ends(self, direction: int) -> bool:
        """Whether `grow` in that direction (-1, 1) found the end of the stream."""
        around = self._surroundings
        return around is None or (around.at_start if direction < 0 else around.at_end)

    async def grow(self, direction: int, count: int = 500) -> int:
        """More lines before (-1) or after (1) those of `open_around`; how many came, 0 at an end."""
        if self._surroundings is None:
            return 0
        more = self._surroundings.earlier if direction < 0 else self._surroundings.later
        batches = await more(count)
        await (await self._opened()).append(batches)
        self._changed()
        return sum(len(batch) for batch in batches)

    def _set_load(self, state: LoadState) -> None:
        self.load_state = state
        self._changed()

    async def follow(self) -> None:
        """Fetches new events until cancelled; each shown once. Raises what ends the tail.

        Credentials that end only pause it (`follow_state.tail.error`) until `resume_following`.
        """
        async with aclosing(self._updates(renewable=True)) as updates:
            async for _ in updates:
                pass

    async def updates(self, *, live: bool = False) -> AsyncGenerator[NDArray[np.int64], None]:
        """Follows; after each round the row ids, in order, of the new events that are shown.

        `live` uses the billed Live Tail. Nobody is there to renew credentials: their end is raised.
        """
        self.go_live(live)
        async with aclosing(self._updates(renewable=False)) as updates:
            async for rows in updates:
                yield rows

    def go_live(self, on: bool) -> None:
        """Switches the billed Live Tail on or off for as long as following goes on, without a gap."""
        if self._following is None:
            self._following = self._follower()
        self._following.control.live(on)

    @property
    def wants_live(self) -> bool:
        """Whether the billed Live Tail was switched on."""
        return self._following is not None and self._following.control.wants_live

    @property
    def pace(self) -> Pace | None:
        """How fast events may be asked for; None where nothing limits it."""
        reader = self.reader
        return reader.pace("FilterLogEvents") if isinstance(reader, Paced | Together) else None

    def resume_following(self) -> None:
        """Credentials were renewed: goes on from where following paused."""
        if self._following is not None:
            self._following.control.resume()

    async def _updates(self, *, renewable: bool) -> AsyncGenerator[NDArray[np.int64], None]:
        if self.query is None:
            raise InputError("There is nothing to follow yet.", "Open a log group first.", code="follow")
        if self._following is None:
            self._following = self._follower()
        window = await self._opened()
        async with aclosing(self._following.into(window, self.query, renewable=renewable)) as rounds:
            async for rows in rounds:
                yield rows

    def _follower(self) -> Following:
        return Following(
            self.reader,
            since=self.clock(),
            seen=self._seen,
            clock=self.clock,
            look_back_ms=self.settings.look_back_ms,
            sleep=self._sleep,
            changed=self._changed,
        )

    def open_line(self, filters: FilterStack | None = None) -> str:
        """The command that shows the same events again, for a colleague; empty before anything is open."""
        return (
            open_line(self.query, self.filters if filters is None else filters, self.settings)
            if self.query
            else ""
        )

    async def aclose(self) -> None:
        await self._against.forget()
        await super().aclose()

    def _another(self) -> Investigation:
        return Investigation(
            self.reader,
            clock=self.clock,
            settings=self.settings,
            exporter_for=self._exporter_for,
            sleep=self._sleep,
            filter_limit_s=self._filter_limit_s,
        )
