"""Loads a window once: every event of every group, in pages as they come.

The first call of a group asks for the whole window; where that page is not all, what is left is cut
into slices of time that are read at once (`slices`), as many as use up the budget (`budget`). One group
that is denied or missing does not stop the others; it is named in the progress. When every group
failed, the first failure goes up. Where several accounts or regions are read, each has calls of its
own on their way, and the credentials that end are those of its groups only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cwtui.core.errors import CredentialsError, CwtuiError, DataError
from cwtui.core.models import EventBatch, EventsPage, EventsRequest, GroupProgress, Missing, Progress, Query
from cwtui.core.ports import Clock, LogReader
from cwtui.fetch.identity import Seen
from cwtui.fetch.paced import Paced
from cwtui.fetch.paging import Retry, Sleep, Stuck
from cwtui.fetch.slices import Slice, Slices, shares
from cwtui.fetch.together import Route, routes

GROUPS_AT_ONCE = 4
"""Calls at once to a reader that no budget paces."""
MOST_AT_ONCE = 16
STREAMS_OF_A_CALL = 100
LOOK_BACK_MS = 120_000
NEWEST_FIRST_SINCE = 1_704_067_200_000
"""2024-01-01 UTC: FilterLogEvents reads backwards only in windows that begin no earlier."""

_TOKEN_GONE = DataError("", code="token").code


async def backfill(
    reader: LogReader,
    query: Query,
    *,
    clock: Clock,
    seen: Seen | None = None,
    newest_first: bool = False,
    cut: bool = True,
    resume: Progress | None = None,
    sleep: Sleep = asyncio.sleep,
) -> AsyncGenerator[Progress | EventBatch, None]:
    """Batches of new events, and after each page how far the load has come.

    Consume under `aclosing`: leaving cancels the calls in flight. With `newest_first` each group's
    newest page comes first, where the window begins late enough for the service to do that. Slices are
    read at once if the reader is `Paced` and `cut` is set; without it each group comes strictly in its
    direction, for whoever may stop before the end. `resume` is the last progress of a load of the same
    query, direction and `seen` that ended early: only what that one left is read.
    """
    newest_first = newest_first and query.window.start >= NEWEST_FIRST_SINCE
    load = _Load(
        await routes(reader, query.groups),
        query,
        clock,
        Seen() if seen is None else seen,
        newest_first,
        cut,
        resume,
        Retry(sleep=sleep),
    )
    try:
        async for item in load.items():
            yield item
    finally:
        await load.cancel()


@dataclass(slots=True, eq=False)
class _Chain:
    """What one kind of request reads: a group, or a hundred of the streams chosen of it."""

    request: EventsRequest
    slices: Slices


@dataclass(slots=True, eq=False)
class _Group:
    reader: LogReader
    progress: GroupProgress
    chains: list[_Chain]
    calls: int = 0
    """On their way."""
    failure: CwtuiError | None = None

    @property
    def done(self) -> bool:
        open_ = not self.failure and any(chain.slices.open for chain in self.chains)
        return not open_ and not self.calls


_Place = tuple[_Group, _Chain, Slice]


class _Load:
    """The groups of one backfill and the calls that are on their way for them."""

    def __init__(
        self,
        routed: Sequence[Route],
        query: Query,
        clock: Clock,
        seen: Seen,
        newest_first: bool,
        cut: bool,
        resume: Progress | None,
        retry: Retry,
    ) -> None:
        self._readers = [route.reader for route in routed]
        reader_of = {group: route.reader for route in routed for group in route.groups}
        self._clock = clock
        self._seen = seen
        self._newest_first = newest_first
        self._cut = cut
        self._retry = retry
        before = {each.group: each for each in resume.groups} if resume is not None else {}
        self._groups = [
            _group(query, name, reader_of[name], newest_first, before.get(name)) for name in query.groups
        ]
        self._flying: dict[asyncio.Task[EventsPage], _Place] = {}

    async def items(self) -> AsyncGenerator[Progress | EventBatch, None]:
        self._call()
        while self._flying:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            # One at a time: what was admitted counts as delivered, so it must be, whenever the caller leaves.
            for task in [task for task in self._flying if task.done()]:
                group = self._flying[task][0]
                batch = self._take(task)
                self._call()
                if batch is not None and len(batch):
                    yield batch
                yield self._state()
                # Only now: whoever leaves before this state goes on from the one before it.
                self._remember(group)
        failures = [group.failure for group in self._groups if group.failure is not None]
        if failures and len(failures) == len(self._groups):
            raise failures[0]
        yield self._state()

    async def cancel(self) -> None:
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)

    # Asking -------------------------------------------------------------------------------------

    def _call(self) -> None:
        """Sends as many calls as the budgets need, what is furthest behind first."""
        for reader in self._readers:
            self._call_on(reader)

    def _call_on(self, reader: LogReader) -> None:
        flying = sum(group.reader is reader for group, _, _ in self._flying.values())
        free = _at_once(reader) - flying
        if free <= 0:
            return
        idle = self._idle(reader)
        # One call fewer than that still uses the budget up, and a cut costs a call: not for one alone.
        if self._cut and len(idle) + 1 < free and _spare(reader):
            self._cut_for(reader, free - len(idle))
            idle = self._idle(reader)
        for place in sorted(idle, key=lambda place: place[2].reached)[:free]:
            group, chain, piece = place
            request = replace(chain.request, window=piece.ask)
            call = self._retry.call(partial(reader.events_page, request, piece.token))
            piece.asking = True
            group.calls += 1
            self._flying[asyncio.ensure_future(call)] = place

    def _going_on(self, reader: LogReader) -> Iterator[_Group]:
        return (group for group in self._groups if group.reader is reader and group.failure is None)

    def _idle(self, reader: LogReader) -> list[_Place]:
        return [
            (group, chain, piece)
            for group in self._going_on(reader)
            for chain in group.chains
            for piece in chain.slices.idle
        ]

    def _cut_for(self, reader: LogReader, more: int) -> None:
        now = self._clock()
        pieces = [
            (chain.slices, piece)
            for group in self._going_on(reader)
            for chain in group.chains
            for piece in chain.slices.open
        ]
        left = [slices.pages_left(piece, now) for slices, piece in pieces]
        for (slices, piece), parts in zip(pieces, shares(left, more), strict=True):
            if parts > 1:
                slices.cut(piece, parts, now)

    # Taking -------------------------------------------------------------------------------------

    def _take(self, task: asyncio.Task[EventsPage]) -> EventBatch | None:
        """What is new of an answer, or None where none came."""
        group, chain, piece = self._flying.pop(task)
        group.calls -= 1
        piece.asking = False
        incomplete, pages, fresh = "", 0, None
        try:
            page = task.result()
            pages = 1
            own = chain.slices.take(piece, page)
            recent = self._clock() - LOOK_BACK_MS
            fresh = self._seen.admit(own, group.progress.group, live_since=recent)
            chain.slices.go_on(piece, page.token, fresh=len(fresh) > 0)
        except Stuck:
            incomplete = "CloudWatch stopped making progress; the list is incomplete"
        except CredentialsError as error:
            if len(self._readers) == 1:
                # No group can go on. What is missing stays known, for when somebody has logged in.
                raise
            for other in self._going_on(group.reader):
                other.failure = error
                self._note(other, 0, 0, "")
        except CwtuiError as error:
            if error.code != _TOKEN_GONE or not chain.slices.restart(piece):
                group.failure = group.failure or error
        self._note(group, pages, 0 if fresh is None else len(fresh), incomplete)
        return fresh

    def _remember(self, group: _Group) -> None:
        """Keeps the names that the service may repeat to what is still read, and those a tail will meet."""
        name, now = group.progress.group, self._clock()
        self._seen.hold(name, (times for chain in group.chains for times in chain.slices.held(now)))
        self._seen.forget(name, (now - LOOK_BACK_MS).__le__)

    def _note(self, group: _Group, pages: int, events: int, incomplete: str) -> None:
        old = group.progress
        group.progress = replace(
            old,
            pages=old.pages + pages,
            events=old.events + events,
            done=group.done,
            reached=_reached(group.chains, old.reached),
            incomplete=old.incomplete or incomplete,
            error=group.failure.message if group.failure is not None else "",
            cause=group.failure,
            renewable=group.failure if isinstance(group.failure, CredentialsError) else None,
            rest=_rest(group.chains),
        )

    def _state(self) -> Progress:
        return Progress(tuple(group.progress for group in self._groups))


def _at_once(reader: LogReader) -> int:
    """How many calls at once use up what the reader may draw."""
    if isinstance(reader, Paced):
        return min(MOST_AT_ONCE, reader.needed("FilterLogEvents"))
    return GROUPS_AT_ONCE


def _spare(reader: LogReader) -> bool:
    """Whether more calls at once would make the load faster: none of this kind waits for its turn."""
    return isinstance(reader, Paced) and not reader.pace("FilterLogEvents").waiting


def _group(
    query: Query, name: str, reader: LogReader, newest_first: bool, before: GroupProgress | None
) -> _Group:
    """A group of the query with all that is to be read of it, or what was left."""
    request = EventsRequest(
        name, query.window, query.stream_prefix, pattern=query.pattern, newest_first=newest_first
    )
    chains = []
    for first in range(0, max(1, len(query.streams)), STREAMS_OF_A_CALL):
        streams = query.streams[first : first + STREAMS_OF_A_CALL]
        only = None if before is None else [part.window for part in before.rest if part.streams == streams]
        slices = Slices(query.window, newest_first=newest_first, only=only)
        chains.append(_Chain(replace(request, streams=streams), slices))
    if before is None:
        return _Group(reader, GroupProgress(name, rest=_rest(chains)), chains)
    again = replace(before, done=not before.rest, incomplete="", error="", cause=None, renewable=None)
    return _Group(reader, again, chains)


def _rest(chains: list[_Chain]) -> tuple[Missing, ...]:
    return tuple(
        Missing(window, chain.request.streams) for chain in chains for window in chain.slices.missing
    )


def _reached(chains: list[_Chain], before: int | None) -> int | None:
    """Up to where every chain is complete; what was known before where one has not begun, or all are done."""
    if not all(chain.slices.begun for chain in chains):
        return before
    frontiers = [chain.slices.frontier for chain in chains]
    positions = [position for position in frontiers if position is not None]
    return chains[0].slices.moment(min(positions)) if positions else before
