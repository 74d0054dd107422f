"""Leaving an events view as something to come back to, and coming back."""

from __future__ import annotations

from typing import Any

from cwtui.core.errors import CwtuiError
from cwtui.core.models import TimeWindow
from cwtui.lang.where import Filter, FilterStack, parse_where
from cwtui.ui.last_session import LastSession
from cwtui.ui.screens.events.arrangement import WRAPPED_LINES
from cwtui.ui.screens.events.loading import Loading
from cwtui.ui.screens.events.words import Asked
from cwtui.ui.widgets.row_look import TimeFormat


class Resuming(Loading):
    """What an events view remembers of itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._resumed: LastSession | None = None

    def session(self) -> LastSession | None:
        """The view as it is now; None where there is nothing to come back to."""
        if not self.ready or (query := self.investigation.query) is None:
            return None
        events, asked = self.event_list, self.asked
        row = events.row
        written = asked.last_ms is None and asked.latest is None
        fixed = asked.window or (query.window if self.start.since or self.start.until else None)
        return LastSession(
            self.groups,
            self.streams,
            self.start.stream_prefix,
            self.start.pattern,
            tuple((str(item), item.enabled) for item in self.filters.filters),
            last_ms=asked.last_ms,
            start=fixed.start if fixed is not None and written else None,
            end=fixed.end if fixed is not None and written else None,
            latest=asked.latest,
            at=None if events.following or row is None else row.timestamp,
            at_id="" if events.following or row is None else row.event_id,
            wrap=bool(events.look.wrap),
            times=events.look.time.value,
        )

    def resume(self, session: LastSession) -> None:
        """Makes the view, before it is shown, load what the session held and stand where it stood."""
        self._resumed = session
        window = None if session.start is None else TimeWindow(session.start, session.end)
        self.asked = Asked(session.last_ms, window, session.latest)

    async def _first_filters(self) -> None:
        session = self._resumed
        if session is None:
            await super()._first_filters()
            return
        if session.wrap:
            self.event_list.restyle(wrap=WRAPPED_LINES)
        if session.times in {item.value for item in TimeFormat}:
            self.event_list.restyle(time=TimeFormat(session.times))
        try:
            filters = tuple(Filter(parse_where(text), on) for text, on in session.filters)
            await self.investigation.set_filters(FilterStack(filters))
        except CwtuiError as error:
            # Another version's grammar: the events without the filters are worth more than nothing.
            self.say_error(error)

    async def _load(self, asked: Asked) -> None:
        await super()._load(asked)
        session, self._resumed = self._resumed, None
        if session is not None and session.at is not None:
            await self._stand_at(session.at, session.at_id)

    async def _stand_at(self, timestamp: int, event_id: str) -> None:
        """Puts the cursor on an event that is known by its time and id, unless it moved meanwhile."""
        self.repaint_now()
        events, view = self.event_list, self.investigation.view
        span = view.span
        if not events.following or span is None or not span[0] <= timestamp <= span[1]:
            return
        near = view.slice(view.at_or_after(timestamp), view.after(timestamp))
        rows = await self.investigation.rows(near)
        found = next((row.id for row in rows if row.event_id == event_id), None)
        place = None if found is None else view.position_of(found, timestamp)
        events.centre(view.at_or_after(timestamp) if place is None else place)
