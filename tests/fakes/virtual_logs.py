"""A log service on virtual time (see `virtual_loop`): late, twin and future events, and every way to fail.

FilterLogEvents and StartLiveTail as `LogReader` has them, over events that become visible at their
ingestion times. What goes wrong is scripted call by call, second by second.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum

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
    StreamPage,
    StreamRequest,
    StreamsRequest,
)
from cwtui.fetch.tail import TailState, TailUpdate

NOW = 1_800_000_000_000

Content = tuple[str, str, int, int, str]


def content(event: LogEvent) -> Content:
    """What a user sees of an event; true twins share it."""
    return (event.group, event.stream, event.timestamp, event.ingestion_time, event.message)


class Odd(Enum):
    """Answers of FilterLogEvents that are legal and trip who reads carelessly."""

    EMPTY = "an empty page with a token"
    REPEATED = "the same page and token again"
    OVERLAPPING = "the last event of the page before, again"
    SLOW = "twelve seconds later"


class Death(Enum):
    """How a live session ends, or misbehaves, without an error of its own."""

    CLEAN_END = "it just ends"
    SILENCE = "nothing more comes"
    DROPS = "an update is lost unsaid"
    SAMPLES = "one event only, and says so"


@dataclass(slots=True)
class _Kept:
    timestamp: int
    ingestion: int
    number: int
    event: LogEvent

    def __lt__(self, other: _Kept) -> bool:
        return (self.timestamp, self.ingestion, self.number) < (
            other.timestamp,
            other.ingestion,
            other.number,
        )


class VirtualLogs:
    """One account. Make it inside the running loop, whose time is the clock."""

    context = Context("virtual")
    notes: Sequence[str] = ()

    def __init__(self, groups: Sequence[str] = ("/a",), *, page_size: int = 4, latency: float = 0.05) -> None:
        self._loop = asyncio.get_running_loop()
        self.page_size = page_size
        self.latency = latency
        self.produced: Counter[Content] = Counter()
        self.calls: list[tuple[float, EventsRequest]] = []
        """When, in seconds, and what."""
        self.faults: list[CwtuiError | Odd | None] = []
        """What meets the next calls of FilterLogEvents."""
        self.live_faults: list[CwtuiError | Death | None] = []
        """What meets the next seconds of live sessions."""
        self.down: CwtuiError | None = None
        """While set, nothing is answered but this."""
        self.denied: dict[str, CwtuiError] = {}
        self.live_denied: dict[str, CwtuiError] = {}
        self.poisoned: range | None = None
        """Timestamps that cannot be read: a request that touches them fails with `poison`."""
        self.poison: CwtuiError | None = None
        self.open_sessions = 0
        self.most_sessions = 15
        self.too_many: CwtuiError | None = None
        self.live_requests: list[LiveRequest] = []
        self._kept: dict[str, list[_Kept]] = {group: [] for group in groups}
        self._arrivals: dict[str, list[tuple[int, int, LogEvent]]] = {group: [] for group in groups}
        self._number = 0

    @property
    def groups(self) -> Sequence[str]:
        return list(self._kept)

    def clock(self) -> int:
        return NOW + round(self._loop.time() * 1000)

    def put(
        self, timestamp: int, message: str, *, group: str = "/a", stream: str = "s", at: int | None = None
    ) -> None:
        """An event that is ingested `at` (default: now); the same again is a true twin."""
        ingestion = self.clock() if at is None else at
        self._number += 1
        event = LogEvent(timestamp, ingestion, group, stream, message, f"id-{self._number}")
        self.produced[content(event)] += 1
        insort(self._kept[group], _Kept(timestamp, ingestion, self._number, event))
        insort(self._arrivals[group], (ingestion, self._number, event), key=lambda item: item[:2])

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        self.calls.append((self._loop.time(), request))
        odd = self.faults.pop(0) if self.faults else None
        await asyncio.sleep(12 if odd is Odd.SLOW else self.latency)
        if error := self.down or self.denied.get(request.group):
            raise error
        if isinstance(odd, CwtuiError):
            raise odd
        if request.group not in self._kept:
            raise NotFound(f"There is no log group {request.group}.")
        start, end = request.window.start, request.window.end or 2**62
        spoilt = self.poisoned is not None and start < self.poisoned.stop and end > self.poisoned.start
        if spoilt and self.poison is not None:
            raise self.poison
        kept, now = self._kept[request.group], self.clock()
        # A token names the event to go on with: what becomes visible before it is not gone back for.
        after = tuple(map(int, token.split("/"))) if token else (start, -(2**62), 0)
        first = bisect_left(kept, after, key=lambda item: (item.timestamp, item.ingestion, item.number))
        if odd is Odd.EMPTY:
            return EventsPage(EventBatch.of([]), "/".join(map(str, after)))
        page: list[_Kept] = []
        rest: _Kept | None = None
        for item in kept[first:]:
            if item.timestamp >= end:
                break
            if item.ingestion > now:
                continue
            if len(page) == self.page_size:
                rest = item
                break
            page.append(item)
        if odd is Odd.REPEATED and page:
            rest = page[0]
        elif odd is Odd.OVERLAPPING and page and rest:
            rest = page[-1]
        following = f"{rest.timestamp}/{rest.ingestion}/{rest.number}" if rest else None
        return EventsPage(EventBatch.of([item.event for item in page]), following)

    async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        self.live_requests.append(request)
        await asyncio.sleep(self.latency)
        names = [group.name for group in request.groups]
        if error := self.down or next(
            (self.live_denied[name] for name in names if name in self.live_denied), None
        ):
            raise error
        if self.too_many is not None and self.open_sessions >= self.most_sessions:
            raise self.too_many
        self.open_sessions += 1
        try:
            since = self.clock()
            while True:
                await asyncio.sleep(1)
                until = self.clock()
                odd = self.live_faults.pop(0) if self.live_faults else None
                if error := self.down or (odd if isinstance(odd, CwtuiError) else None):
                    raise error
                if odd is Death.CLEAN_END:
                    return
                if odd is Death.SILENCE:
                    await asyncio.sleep(3600)
                arrived = [
                    (name, event) for name in names for _, _, event in self._between(name, since, until)
                ]
                since = until
                if odd is Death.DROPS:
                    arrived = []
                sampled = odd is Death.SAMPLES and len(arrived) > 1
                yield LiveUpdate(unnamed(arrived[:1] if sampled else arrived), sampled)
        finally:
            self.open_sessions -= 1

    def _between(self, group: str, since: int, until: int) -> Sequence[tuple[int, int, LogEvent]]:
        arrivals = self._arrivals[group]
        first = bisect_right(arrivals, (since, 2**62), key=lambda item: item[:2])
        return arrivals[first : bisect_right(arrivals, (until, 2**62), key=lambda item: item[:2])]

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        raise NotImplementedError

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        raise NotImplementedError

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        raise NotImplementedError

    async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
        return None

    async def aclose(self) -> None:
        return None


def unnamed(arrived: Sequence[tuple[str, LogEvent]]) -> list[EventBatch]:
    """A live tail gives no event ids."""
    by_group: dict[str, list[LogEvent]] = {}
    for name, event in arrived:
        bare = LogEvent(event.timestamp, event.ingestion_time, event.group, event.stream, event.message)
        by_group.setdefault(name, []).append(bare)
    return [EventBatch.of(events) for events in by_group.values()]


class Follower:
    """Consumes a tail in a task and keeps what it shows."""

    def __init__(
        self,
        updates: AsyncGenerator[TailUpdate, None],
        clock: Callable[[], int] | None = None,
        shown: Counter[Content] | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._clock = clock or (lambda: NOW + round(loop.time() * 1000))
        self.shown: Counter[Content] = Counter() if shown is None else shown
        self.delays: list[tuple[str, int]] = []
        """Message and the clock at which it was shown, by `clock`."""
        self.updates: list[TailUpdate] = []
        self._task = asyncio.create_task(self._follow(updates))

    async def _follow(self, updates: AsyncGenerator[TailUpdate, None]) -> None:
        async with aclosing(updates):
            async for update in updates:
                self.updates.append(update)
                for batch in update.batches:
                    for event in batch.events():
                        self.shown[content(event)] += 1
                        self.delays.append((event.message, self._clock()))

    @property
    def states(self) -> list[TailState]:
        return [update.state for update in self.updates]

    @property
    def failure(self) -> BaseException | None:
        return self._task.exception() if self._task.done() and not self._task.cancelled() else None

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
