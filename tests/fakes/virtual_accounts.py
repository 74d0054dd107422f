"""Accounts and regions on virtual time: a `VirtualLogs` in each, whose groups are known by ARN, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace

from cwtui.core.errors import CwtuiError, NotFound
from cwtui.core.models import (
    Context,
    EventBatch,
    EventsPage,
    EventsRequest,
    GroupPage,
    LiveRequest,
    LiveUpdate,
    LogGroup,
    LogStream,
    StreamPage,
    StreamRequest,
    StreamsRequest,
)
from cwtui.core.naming import Place, arn_of_group, is_arn, named
from cwtui.core.ports import LogReader
from cwtui.fetch.together import Member, Together
from tests.fakes.virtual_logs import VirtualLogs

Whole = tuple[str, str, str, str, int, int, str]
"""Account and region, and the `Content` of an event."""


class VirtualAccount(LogReader):
    """One account and region over a `VirtualLogs`. What `expired` holds is raised by every call."""

    def __init__(self, account: str, region: str, groups: Sequence[str], *, page_size: int = 4) -> None:
        self.logs = VirtualLogs(groups, page_size=page_size)
        self.place = Place(account, region)
        self.listed_at_once = 3
        self.refuses_listing: CwtuiError | None = None
        self.expired: CwtuiError | None = None
        self.linked: list[LogGroup] = []
        """Groups of other accounts that it lists, too."""
        self.asked: list[str] = []
        """The identifiers that calls came for."""
        self.closed = False

    @property
    def context(self) -> Context:
        return Context("virtual", region=self.place.region, account=self.place.account)

    @property
    def notes(self) -> Sequence[str]:
        return ()

    def arn(self, name: str) -> str:
        return arn_of_group(*self.place, name)

    @property
    def produced(self) -> Counter[Whole]:
        return Counter({(*self.place, *event): count for event, count in self.logs.produced.items()})

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        self._refuse(self.refuses_listing)
        own = [
            LogGroup(name, self.arn(name), account=self.place.account, region=self.place.region)
            for name in sorted(self.logs.groups)
        ]
        found = [group for group in (*own, *self.linked) if pattern in group.name]
        first = int(token or 0)
        last = first + self.listed_at_once
        return GroupPage(found[first:last], str(last) if last < len(found) else None)

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        name = self._name(request.group)
        return StreamPage([LogStream(f"of {name}", name)], None)

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        self._refuse(self.expired)
        page = await self.logs.events_page(replace(request, group=self._name(request.group)), token)
        self._refuse(self.expired)
        return replace(page, batch=self._placed(page.batch))

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        self._name(request.group)
        return EventsPage(EventBatch.of([]), "end")

    async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        self._refuse(self.expired)
        groups = tuple(LogGroup(self._name(group.arn or group.name)) for group in request.groups)
        async with aclosing(self.logs.live(replace(request, groups=groups))) as updates:
            async for update in updates:
                yield replace(update, batches=[self._placed(batch) for batch in update.batches])

    async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
        return None

    async def aclose(self) -> None:
        self.closed = True

    def _name(self, identifier: str) -> str:
        self.asked.append(identifier)
        told = named(identifier)
        linked = any(group.arn == identifier for group in self.linked)
        if is_arn(identifier) and told.place != self.place and not linked:
            raise NotFound(f"{identifier} does not lie in {self.place}.")
        return told.name

    def _placed(self, batch: EventBatch) -> EventBatch:
        return replace(batch, account=self.place.account, region=self.place.region)

    def _refuse(self, error: CwtuiError | None) -> None:
        if error is not None:
            raise error


def together(accounts: Iterable[VirtualAccount], *, linked: Iterable[VirtualAccount] = ()) -> Together:
    """The accounts as one reader, each called after its account."""
    monitoring = set(map(id, linked))
    return Together(
        [Member(f"ctx-{one.place.account}", one, linked=id(one) in monitoring) for one in accounts],
        "all",
    )


def whole(batch: EventBatch) -> Counter[Whole]:
    """The events of a batch, told apart by account and region, too."""
    return Counter(
        (batch.account, batch.region, batch.group, *rest)
        for rest in zip(batch.streams, batch.timestamps, batch.ingestion_times, batch.messages, strict=True)
    )
