"""The newest events however old they are: what an empty window offers instead of saying "nothing"."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual import work

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.timespec import human_duration
from cwtui.ui.screens.events.loading import Loading
from cwtui.ui.screens.events.reading import Reading
from cwtui.ui.screens.events.words import Asked, brief
from cwtui.ui.widgets.row_look import TimeFormat
from cwtui.ui.widgets.row_paint import clock_text

LATEST = 100
_MOST = 100_000
_DAY_MS = 86_400_000
_PATIENCE_S = 20.0
"""A search by pattern may go through years of empty pages: past this, nothing is offered."""


class LookingBack(Loading, Reading):
    """What looks further back than the window."""

    _looking = False
    _newest: int | None = None
    """When the newest event of an empty window's query was, where that is known."""

    async def _load(self, asked: Asked) -> None:
        self._newest = None
        self.workers.cancel_group(self, "newest")
        await super()._load(asked)
        query = self.investigation.query
        if query is not None and not self.investigation.loaded and query.window.end is None:
            if asked.latest is None:
                self.look_back()
        elif asked.latest is not None and self.services.clock() - self.investigation.span[0] > _DAY_MS:
            # Times of day alone would pass off old events as today's.
            self.event_list.restyle(time=TimeFormat.DATE)

    @work(group="newest", exclusive=True, exit_on_error=False)
    async def look_back(self) -> None:
        """Finds out how old the newest event is, while the window stays as it is."""
        self._looking = True
        self.repaint_soon()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                self._newest = await self.investigation.newest()
        except (TimeoutError, CwtuiError):
            self._newest = None
        finally:
            self._looking = False
            self.repaint_soon()

    def empty_words(self) -> tuple[str, ...]:
        words = super().empty_words()
        if self.failure is not None or not self.ready or self.investigation.loaded:
            return words
        span = f"in the last {brief(self.asked.last_ms)}" if self.asked.last_ms else "in this window"
        dots = "..." if self.settings.ascii_only else "…"
        if self._looking:
            return (words[0], f"Looking for the latest one, however old {dots}", *words[1:])
        if self._newest is None:
            return words
        age = human_duration(max(0, self.services.clock() - self._newest))
        moment = clock_text(self._newest, self.zone, date=True, short=True)
        return (f"Nothing {span}; the latest is {age} old ({moment})", f"Enter shows the latest {LATEST}")

    def action_detail(self) -> None:
        """Enter in an empty list takes what it offers; where it is empty by a failure, says why."""
        if self.failure is not None and not len(self.event_list.view):
            self.shell.failures.open(self.failure)
        elif self._newest is not None and self.ready and not self.investigation.loaded:
            self.load_window(Asked(latest=LATEST))
        else:
            super().action_detail()

    def latest_written(self, text: str) -> None:
        """`:latest 100`. Raises InputError."""
        word = text.strip().replace(",", "") or str(LATEST)
        if not word.isdecimal() or not 0 < int(word) <= _MOST:
            raise InputError(
                f"'{text}' is no number from 1 to {_MOST:,}.", "Write :latest 100.", code="latest"
            )
        self.load_window(Asked(latest=int(word)))

    def latest_commands(self) -> dict[str, Callable[[str], None]]:
        """The `:` command of this concern."""
        return {"latest": self.latest_written}
