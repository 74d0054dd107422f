"""A reader that answers from a list and fails on demand, and the app over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from itertools import count
from typing import Any

from textual.pilot import Pilot

from cwtui.core.errors import CwtuiError
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
from cwtui.core.ports import ChatModel
from cwtui.investigation import Investigation
from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.ui.screens.events import EventsScreen
from cwtui.wiring import Services, Start

NOW = 1_763_806_500_000
GROUP = "/aws/lambda/checkout"
_NUMBERS = count()


def event(seconds_ago: float, message: str, *, group: str = GROUP, lag: int = 40) -> LogEvent:
    timestamp = NOW - round(seconds_ago * 1000)
    return LogEvent(
        timestamp, timestamp + lag, group, "2025/11/22/[$LATEST]b77c0d1e", message, f"e{next(_NUMBERS)}"
    )


def many(number_of: int) -> list[LogEvent]:
    """One a second up to now; every tenth is an error, every fifth a warning."""
    words = ["ERROR upstream failed", *["INFO fine"] * 4, "WARN slow", *["INFO fine"] * 4]
    return [event(number_of - number, f"{words[number % 10]} number {number}") for number in range(number_of)]


class ScriptedReader:
    """Gives what lies in the asked window, a hundred a page; holds answers back while `gate` is closed."""

    context = Context("test", region="eu-west-1")
    notes: Sequence[str] = ()

    def __init__(self, events: Sequence[LogEvent]) -> None:
        self.events = list(events)
        self.failures: dict[str, CwtuiError] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.open_calls = 0

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        return GroupPage([LogGroup(GROUP)], None)

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        return StreamPage([], None)

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        self.open_calls += 1
        try:
            await self.gate.wait()
        finally:
            self.open_calls -= 1
        if (failure := self.failures.get(request.group)) is not None:
            raise failure
        there = [
            item
            for item in self.events
            if item.group == request.group and request.window.holds(item.timestamp)
        ]
        there.sort(key=lambda item: item.timestamp, reverse=request.newest_first)
        first = int(token or 0)
        batch = EventBatch.of(there[first : first + 100])
        return EventsPage(batch, str(first + 100) if len(there) > first + 100 else None)

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        raise NotImplementedError

    async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        return
        yield

    async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
        return None

    async def aclose(self) -> None:
        pass


class ScriptedServices(Services):
    """Over a scripted reader; a tail polls again when `tick` is called."""

    def __init__(self, reader: ScriptedReader, settings: Settings | None = None) -> None:
        super().__init__(settings or Settings(), clock=lambda: NOW)
        self.scripted = reader
        self._round = asyncio.Event()

    @property
    def reader(self) -> Any:
        return self.scripted

    @property
    def chat(self) -> ChatModel | None:
        return None

    def investigation(self) -> Investigation:
        return Investigation(
            self.reader,
            clock=self.clock,
            settings=self.settings,
            exporter_for=self.exporter_for,
            sleep=self._until_tick,
        )

    async def _until_tick(self, seconds: float) -> None:
        await self._round.wait()
        self._round.clear()

    def tick(self) -> None:
        """Lets a waiting tail go another round."""
        self._round.set()


class EventsApp(CwtuiApp):
    """cwtui, begun at the events of some groups."""

    def __init__(
        self, reader: ScriptedReader, start: Start | None = None, settings: Settings | None = None
    ) -> None:
        self.scripted = ScriptedServices(reader, settings)
        super().__init__(self.scripted, start or Start(groups=(GROUP,)))

    @property
    def view(self) -> EventsScreen:
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, EventsScreen))


async def until(pilot: Pilot[Any], fact: Callable[[], bool]) -> None:
    """Waits until something is so; fails after twenty seconds, on however busy a machine."""
    async with asyncio.timeout(20):
        while not fact():
            await asyncio.sleep(0.005)
    await pilot.pause()


async def loaded(app: EventsApp, pilot: Pilot[Any]) -> None:
    """Waits until the window is loaded, or has failed, and painted."""
    await until(pilot, lambda: isinstance(app.front, EventsScreen) and app.view.is_mounted)
    view = app.view
    done = ("loaded", "partial", "failed")
    await until(
        pilot, lambda: view.failure is not None or (view.ready and view.load_state.kind.value in done)
    )
    if view.ready:
        await until(pilot, lambda: view.event_list.view is view.investigation.view)
