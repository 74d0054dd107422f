"""Leaving an events view as something to come back to, and coming back."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from cwtui.core.errors import CwtuiError
from cwtui.core.keymap import show_keys, with_keymap
from cwtui.core.models import TimeWindow
from cwtui.lang.where import Filter, FilterStack, parse_where
from cwtui.ui.last_session import LastSession
from cwtui.ui.screens.events.arrangement import WRAPPED_LINES
from cwtui.ui.screens.events.loading import Loading
from cwtui.ui.screens.events.words import Asked
from cwtui.ui.widgets.last_time import LastTime
from cwtui.ui.widgets.row_look import TimeFormat
from cwtui.ui.widgets.row_paint import clock_text


class Resuming(Loading):
    """What an events view remembers of itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._resumed: LastSession | None = None
        self._offered: LastSession | None = None
        self._fresh: tuple[object, ...] | None = None
        """What could be changed, as it was when the view had opened."""

    def session(self) -> LastSession | None:
        """What to come back to: the view as it is now, or what it offers while nothing was done in it."""
        return self._offered if self.offers else self._now()

    def _now(self) -> LastSession | None:
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

    # ------------------------------------------------------------------ offering

    def offer(self, session: LastSession) -> None:
        """Offers, before the view is shown, what was left of the same logs last time."""
        self._offered = session

    @property
    def offers(self) -> bool:
        """Whether what was left last time is still to be decided about."""
        before = self._offered
        if before is None or self._fresh is None:
            return before is not None
        now = self._now()
        # To have looked elsewhere is worth more than another place, and less than filters or a window.
        looked = now is not None and now.at is not None and replace(before, at=None).bare
        return self._changeable() == self._fresh and not looked

    def _changeable(self) -> tuple[object, ...]:
        asked, look = self.asked, self.event_list.look
        if not self.recorded and asked == Asked(last_ms=self.settings.default_window_ms):
            asked = Asked()
        return asked, self.filters, bool(look.wrap), look.time

    def show_facts(self) -> None:
        super().show_facts()
        words = self._left_words() if self.offers else ""
        keymap = with_keymap(self.settings.keymap)
        key = show_keys(key for row in keymap if row.id == "events.resume" for key in row.keys)
        self.query_one(LastTime).show(words, key)

    def _left_words(self) -> str:
        """`10:00-10:15 (UTC), 2 filters, at 10:03:07`: foreign text."""
        if (left := self._offered) is None:
            return ""
        window = None if left.start is None else TimeWindow(left.start, left.end)
        words = [Asked(left.last_ms, window, left.latest).words(self.zone, None, self.services.clock())]
        if left.streams:
            words.append(f"{len(left.streams)} stream{'' if len(left.streams) == 1 else 's'}")
        if count := len(left.filters) + bool(left.pattern):
            words.append(f"{count} filter{'' if count == 1 else 's'}")
        if left.at is not None:
            words.append(f"at {clock_text(left.at, self.zone, short=True)[:8]}")
        return ", ".join(word for word in words if word) or "lines wrapped"

    def action_resume(self) -> None:
        """Goes on where the same logs were left; says so where nothing is offered."""
        if self._offered is None or not self.offers:
            self.say("Nothing is offered to go on with.")
            return
        # A file may be written in another way than last time.
        named = {os.path.abspath(name): name for name in self.groups}
        groups = tuple(named.get(os.path.abspath(name), name) for name in self._offered.groups)
        self.shell.resume(replace(self._offered, groups=groups))

    # ------------------------------------------------------------------ coming back

    def resume(self, session: LastSession) -> None:
        """Makes the view, before it is shown, load what the session held and stand where it stood."""
        self._resumed = session
        window = None if session.start is None else TimeWindow(session.start, session.end)
        self.asked = Asked(session.last_ms, window, session.latest)

    async def _first_filters(self) -> None:
        session = self._resumed
        if session is None:
            await super()._first_filters()
            self._fresh = self._changeable()
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
