"""Keeps what every header says of the context up to date: the account, the time that is left."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from cwtui.access.recents import Visit, note_visit
from cwtui.core.models import Context
from cwtui.core.timespec import human_duration
from cwtui.ui.widgets.header import Header
from cwtui.ui.widgets.time_left import WARN_MS
from cwtui.wiring import Services

if TYPE_CHECKING:
    from cwtui.ui.app import CwtuiApp

_EVERY_S = 1.0


class Standing:
    """Looks once a second: what is learnt comes with calls that others make."""

    def __init__(self, app: CwtuiApp) -> None:
        self._app = app
        self._shown: tuple[Context, int] | None = None
        self._learnt: Services | None = None
        self._warned: int | None = None
        """The end of credentials that was warned of."""

    def begin(self) -> None:
        self._app.set_interval(_EVERY_S, self.look)

    def look(self) -> None:
        """Tells the headers what is known now, and warns once before the credentials end."""
        services = self._app.services
        context, now = services.context, services.clock()
        # The minute is what a header shows of the time.
        if (shown := (context, now // 60_000)) != self._shown:
            self._shown = shown
            for screen in self._app.screen_stack:
                for header in screen.query(Header):
                    if header.crumbs is not None:
                        header.now = now
                        header.crumbs = replace(header.crumbs, context=context)
        if context.account and not context.offline and self._learnt is not services:
            self._learnt = services
            self._app.run_worker(self._learn(services), group="standing", exclusive=True, exit_on_error=False)
        self._warn(context, now)

    async def _learn(self, services: Services) -> None:
        await services.learn_alias()
        context = services.context
        visit = Visit(context.name, context.region, context.account, context.alias, services.clock())
        await asyncio.to_thread(note_visit, visit)

    def _warn(self, context: Context, now: int) -> None:
        ends = context.expires
        if ends is None or ends == self._warned or not now < ends <= now + WARN_MS:
            return
        self._warned = ends
        self._app.say(
            f"The credentials of {context.name} end in {human_duration(ends - now)}.\n"
            "Once they have ended, ctrl+r signs in again.",
            severity="warning",
        )
