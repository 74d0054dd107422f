"""A reader every call of which goes through a budget."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, TypeVar, cast

from cwtui.core.errors import LimitReached
from cwtui.core.models import (
    Context,
    EventsPage,
    EventsRequest,
    GroupPage,
    LiveRequest,
    LiveUpdate,
    LogGroup,
    StreamPage,
    StreamRequest,
    StreamsRequest,
)
from cwtui.core.ports import GroupCatalogue, LogReader
from cwtui.fetch.budget import FULL, Budget, Pace
from cwtui.fetch.shared import Share

_T = TypeVar("_T")


class Paced(LogReader):
    """A reader every call of which goes through a budget. Whatever else the reader offers it offers, too."""

    def __init__(self, reader: LogReader, budget: Budget | Share, *, unattended: bool = False) -> None:
        self._reader = reader
        self._unattended = unattended
        self.budget = budget

    def unattended(self) -> Paced:
        """The same reader, drawing from what calls may use that nobody waits for."""
        return Paced(self._reader, self.budget, unattended=True)

    def needed(self, operation: str) -> int:
        """How many calls at once use up what this reader may draw."""
        return self.pace(operation).needed(unattended=self._unattended)

    def pace(self, operation: str) -> Pace:
        """How fast an operation goes now, for all that draw from the budget."""
        return self.budget.pace(operation)

    @property
    def context(self) -> Context:
        return self._reader.context

    @property
    def notes(self) -> Sequence[str]:
        return self._reader.notes

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        return await self._call("DescribeLogGroups", "", partial(self._reader.groups_page, pattern, token))

    async def group_names_page(self, token: str | None) -> GroupPage:
        return await self._call("ListLogGroups", "", partial(self._catalogue.group_names_page, token))

    async def group_facts(self, groups: Sequence[str]) -> Sequence[LogGroup]:
        return await self._call("DescribeLogGroups", "", partial(self._catalogue.group_facts, groups))

    @property
    def _catalogue(self) -> GroupCatalogue:
        # Whoever offers what the reader has offers no more than that.
        return cast("GroupCatalogue", self._reader)

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        work = partial(self._reader.streams_page, request, token)
        return await self._call("DescribeLogStreams", request.group, work)

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        work = partial(self._reader.events_page, request, token)
        return await self._call("FilterLogEvents", request.group, work)

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        work = partial(self._reader.stream_page, request, token)
        return await self._call("GetLogEvents", request.group, work)

    async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        """StartLiveTail, paced. That too many sessions run is raised, not waited for: a tail polls then."""

        async def begin() -> tuple[AsyncGenerator[LiveUpdate, None], LiveUpdate | None] | LimitReached:
            updates = self._reader.live(request)
            try:
                return updates, await anext(updates, None)
            except LimitReached as error:
                if error.code != FULL:
                    raise
                return error

        begun = await self._call("StartLiveTail", ",".join(group.name for group in request.groups), begin)
        if isinstance(begun, LimitReached):
            raise begun
        updates, first = begun
        async with aclosing(updates):
            if first is not None:
                yield first
            async for update in updates:
                yield update

    async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
        return await self._reader.extent(groups)

    async def aclose(self) -> None:
        await self._reader.aclose()

    async def _call(self, operation: str, lane: str, work: Callable[[], Awaitable[_T]]) -> _T:
        return await self.budget.call(operation, lane, work, unattended=self._unattended)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)
