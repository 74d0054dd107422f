"""The lines around one event in its own stream, which no filter hides, growing as they are read."""

from __future__ import annotations

import asyncio

from textual import work

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.models import LogEvent, TimeWindow
from cwtui.fetch.together import identifier_in
from cwtui.ui.last_session import LastSession
from cwtui.ui.screens.events.screen import EventsScreen
from cwtui.ui.screens.events.words import Asked
from cwtui.ui.widgets.chips import Counters
from cwtui.ui.widgets.row_paint import clock_text
from cwtui.window.view import View
from cwtui.wiring import Services

_NARROW = 100
"""Columns below which the breadcrumb leaves the stream out."""
_NO_WINDOW = "A context is one stream around one event; Esc goes back to where windows are chosen."


class ContextScreen(EventsScreen):
    """One stream around one event."""

    def __init__(
        self, services: Services, event: LogEvent, groups: tuple[str, ...], window: TimeWindow
    ) -> None:
        """`groups` and `window` are where a trace that begins here looks."""
        group = identifier_in(services.reader, event.account, event.region, event.group)
        super().__init__(services, (group,), streams=(event.stream,))
        self._around = event
        self._traced = (groups, window)
        self._placed = False
        """Whether the cursor stands on the event already: before that it is nobody's wish where it is."""
        self._growing: set[int] = set()

    # ------------------------------------------------------------------ loading and growing

    async def _load(self, asked: Asked) -> None:
        if not self.ready:
            await asyncio.to_thread(self.services.warm)
            self.adopt(self.services.investigation())
        events = self.event_list
        events.stays_at_end = False
        self._placed = False
        events.reset(View.empty())
        self.reference = self._around.timestamp
        found = await self.investigation.open_around(self._around)
        self.repaint_now()
        view = self.investigation.view
        place = None if found is None else view.position_of(found, self._around.timestamp)
        events.restyle(anchor=found)
        events.centre(view.at_or_after(self._around.timestamp) if place is None else place)
        self._placed = True
        if found is None:
            self.say("The source no longer has that event; this is where it stood.")
        self._grow_where_it_runs_short()

    def cursor_moved(self) -> None:
        super().cursor_moved()
        self._grow_where_it_runs_short()
        self.repaint_soon()

    def _grow_where_it_runs_short(self) -> None:
        """Fetches more lines before the reader stands at an end of those that are there."""
        events = self.event_list
        if not self._placed or self.load_state.kind.value != "loaded":
            return
        margin = max(1, events.size.height)
        ahead = {-1: events.cursor, 1: len(events.view) - 1 - events.cursor}
        for direction, lines in ahead.items():
            if lines < margin and direction not in self._growing and not self._ends(direction):
                self._growing.add(direction)
                self.grow(direction)

    @work(group="grow", exit_on_error=False)
    async def grow(self, direction: int) -> None:
        """Adds lines before (-1) or after (1); the event under the cursor keeps its line on the screen."""
        try:
            await self.investigation.grow(direction)
        except CwtuiError as error:
            self.say_error(error)
        finally:
            self._growing.discard(direction)

    def _ends(self, direction: int) -> bool:
        return self.investigation.stream_ends(direction)

    def session(self) -> LastSession | None:
        # The view that lies under it is what one comes back to.
        return None

    @property
    def may_follow(self) -> bool:
        return False

    # ------------------------------------------------------------------ what it says of itself

    def crumb_path(self) -> tuple[str, ...]:
        path = super().crumb_path()
        # The moment says more than half of each name.
        names = path[:1] if self.size.width < _NARROW else path
        return (*names, f"context of {clock_text(self._around.timestamp, self.zone)}")

    def window_words(self) -> str:
        return ""

    def facts(self, counters: Counters) -> tuple[str, ...]:
        events = self.event_list
        ends = []
        if self.ready and len(events.view) and not self.filters.filters:
            if events.cursor == 0 and self._ends(-1):
                ends.append("the stream begins here")
            if events.at_end and self._ends(1):
                ends.append("the stream ends here")
        return (*ends, *super().facts(counters))

    def traced(self) -> tuple[tuple[str, ...], TimeWindow]:
        groups, window = self._traced
        start, end = self.investigation.span
        last = None if window.end is None else max(window.end, end)
        return groups, TimeWindow(min(window.start, start), last)

    # ------------------------------------------------------------------ what a context has not

    async def action_preset(self, key: int | str) -> None:
        if str(key) == "1":
            await super().action_preset(key)
        else:
            self.say(_NO_WINDOW)

    def action_follow(self) -> None:
        self.say(_NO_WINDOW)

    def load_written(self, text: str) -> None:
        raise InputError("A context has no window of time.", "Esc goes back to one.", code="time")

    def offer_window(self, moment: int) -> None:
        raise InputError("That is outside of the lines fetched so far.", "g and G fetch more.", code="time")
