"""A LogReader over events in memory, visible by a virtual clock, paged, with faults by script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence

from cwtui.core.errors import CwtuiError, NotFound
from cwtui.core.models import (
    Context,
    EventBatch,
    EventsPage,
    EventsRequest,
    GroupPage,
    LiveRequest,
    LiveUpdate,
    LogEvent,
    LogGroup,
    StreamPage,
    StreamRequest,
    StreamsRequest,
)


class VirtualClock:
    """Time that moves only when somebody sleeps."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


class ScriptedReader:
    """FilterLogEvents over events in memory. `faults` are raised (or, if None, skipped) call by call."""

    context = Context("scripted", offline=True)
    notes: Sequence[str] = ()

    def __init__(self, clock: VirtualClock, events: Iterable[LogEvent] = (), page_size: int = 3) -> None:
        self.clock = clock
        self.events = list(events)
        self.page_size = page_size
        self.faults: list[CwtuiError | None] = []
        self.groups = {event.group for event in self.events}
        self.denied: dict[str, CwtuiError] = {}
        self.empty_pages = 0
        self.repeat_pages = False
        self.requests: list[tuple[EventsRequest, str | None]] = []
        self.stalls_after: int | None = None
        """Calls after which no more are answered until `go_on` is set."""
        self.go_on = asyncio.Event()

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        self.requests.append((request, token))
        if self.stalls_after is not None and len(self.requests) > self.stalls_after:
            await self.go_on.wait()
        if self.faults and (fault := self.faults.pop(0)) is not None:
            raise fault
        if request.group in self.denied:
            raise self.denied[request.group]
        if request.group not in self.groups:
            raise NotFound(f"There is no log group {request.group}.")
        if self.empty_pages:
            self.empty_pages -= 1
            return EventsPage(EventBatch.of([]), token or "0")
        found = sorted(
            (
                event
                for event in self.events
                if event.group == request.group
                and event.ingestion_time <= self.clock()
                and request.window.holds(event.timestamp)
            ),
            key=lambda event: (event.timestamp, event.ingestion_time),
            reverse=request.newest_first,
        )
        start = int(token or 0)
        # A service that repeats: each page begins with the last event of the page before.
        end = start + self.page_size
        first = max(0, start - 1) if self.repeat_pages else start
        more = end < len(found)
        return EventsPage(EventBatch.of(found[first:end]), str(end) if more else None)

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        return GroupPage([LogGroup(name) for name in sorted(self.groups) if pattern in name], None)

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        return StreamPage([], None)

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        return EventsPage(EventBatch.of([]), token or "end")

    async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        updates: list[LiveUpdate] = []
        for update in updates:
            yield update

    async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
        return None

    async def aclose(self) -> None:
        return None


def event(
    timestamp: int, message: str, *, late: int = 100, name: str = "", group: str = "/a", stream: str = "s"
) -> LogEvent:
    """An event ingested `late` ms after its timestamp, named by its text unless told otherwise."""
    return LogEvent(
        timestamp, timestamp + late, group, stream, message, name or f"{group}:{message}", "1", "here"
    )
