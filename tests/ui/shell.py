"""A scripted reader and an app over it, for tests of the shell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from textual.pilot import Pilot

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Context, GroupPage, LogGroup, LogStream, StreamPage, StreamsRequest
from cwtui.settings import Settings
from cwtui.ui.app import CwtuiApp
from cwtui.wiring import Services, Start

NOW = 1_763_805_600_000
DAY = 86_400_000
HOSTILE = (
    "/evil/[/x]",
    "/evil/[@click=app.quit]a[/]",
    "/evil/\x1b]52;c;aGk=\x07",
    "/evil/[$LATEST]\u202egpj",
)


def group(name: str, **facts: Any) -> LogGroup:
    return LogGroup(name, arn=f"arn:aws:logs:eu-west-1:1:log-group:{name}", **facts)


class ScriptedReader:
    """Pages of groups and streams; an error instead of the page it stands for; a gate before each page."""

    def __init__(
        self,
        groups: Sequence[Sequence[LogGroup] | CwtuiError] = ((),),
        streams: Sequence[Sequence[LogStream] | CwtuiError] = ((),),
        context: Context | None = None,
    ) -> None:
        self.context = context or Context("staging", region="eu-west-1")
        self.gate = asyncio.Event()
        self.gate.set()
        self.calls: list[str] = []
        self.closed = False
        self._groups = groups
        self._streams = streams

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        page, after = await self._page("groups", self._groups, token)
        return GroupPage(page, after)

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        page, after = await self._page("streams", self._streams, token)
        return StreamPage(page, after)

    async def extent(self, groups: Sequence[str]) -> None:
        return None

    async def aclose(self) -> None:
        self.closed = True

    async def _page(self, what: str, pages: Sequence[Any], token: str | None) -> tuple[Any, str | None]:
        await self.gate.wait()
        place = int(token or 0)
        self.calls.append(f"{what} {place}")
        if isinstance(pages[place], CwtuiError):
            raise pages[place]
        return pages[place], str(place + 1) if place + 1 < len(pages) else None


class ScriptedServices(Services):
    """Services over a scripted reader; warming loads nothing, so that tests stay quick."""

    def __init__(self, reader: ScriptedReader, settings: Settings) -> None:
        super().__init__(settings, clock=lambda: NOW)
        self._reader = reader  # type: ignore[assignment]

    def warm(self) -> None:
        return None


class ShellApp(CwtuiApp):
    """The app, noting which events were asked for instead of opening them."""

    def __init__(self, services: Services, start: Start | None = None) -> None:
        super().__init__(services, start)
        self.opened: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        self.told: list[str] = []

    def push_events(
        self, groups: tuple[str, ...], streams: tuple[str, ...] = (), start: Start | None = None
    ) -> None:
        self.opened.append((groups, streams))

    def say(self, text: str, **options: Any) -> None:
        self.told.append(text)
        super().say(text, **options)


def make_app(reader: ScriptedReader | None = None, start: Start | None = None, **settings: Any) -> ShellApp:
    return ShellApp(ScriptedServices(reader or ScriptedReader(), replace(Settings(), **settings)), start)


@asynccontextmanager
async def running(app: CwtuiApp, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Pilot[int]]:
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        yield pilot


async def settle(pilot: Pilot[Any]) -> None:
    """Waits until no worker is left and what they changed is painted."""
    await pilot.pause()
    if workers := list(pilot.app.workers):
        await pilot.app.workers.wait_for_complete(workers)
    await pilot.pause()


def screen_text(app: CwtuiApp) -> str:
    """What stands on the screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
