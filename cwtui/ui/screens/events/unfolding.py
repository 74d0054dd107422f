"""Unfolding an event in its place: all its lines between its neighbours, which keep theirs.

Lines that were sent as events of their own (a stack trace's, by an agent that knows nothing of them) are
drawn beneath the event they belong to, and shown with it; a key draws each as an event again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from textual import on, work

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Row
from cwtui.ui.screens.events.reading import Reading, joined_event
from cwtui.ui.widgets.event_list import EventList

_READ_MOST = 65_536
"""Characters of a message that are laid out in the list: more than its lines on a screen can show."""


class Unfolding(Reading):
    """What the key does that unfolds, and what Esc takes back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines_shown: dict[int, int] = {}
        """How many lines beneath it an unfolded event was read with."""

    def action_unfold(self) -> None:
        events = self.event_list
        row = events.row
        if events.unfolded:
            events.fold()
        elif row is not None and (row.length > len(row.message) or events.joined_count(row.id)):
            self._unfold_whole([row])
        elif row is not None:
            events.unfold(row)

    def action_join(self) -> None:
        events = self.event_list
        events.join(not events.joining)
        self.say(
            "The lines of a stack trace stand beneath their event: o unfolds it."
            if events.joining
            else "Each line of a stack trace stands where it was sent."
        )

    @on(EventList.LinesWanted)
    async def _lines_wanted(self, message: EventList.LinesWanted) -> None:
        try:
            rows = await self.investigation.rows([message.row_id])
        except CwtuiError as error:
            self.say_error(error)
        else:
            self._unfold_whole(rows)

    def view_changed(self) -> None:
        super().view_changed()
        events = self.event_list
        grown = [
            row
            for row in events.unfolded_rows
            if events.joined_count(row.id) != self._lines_shown.get(row.id, 0)
        ]
        if grown:
            self._unfold_whole(grown)

    def window_replaced(self) -> None:
        super().window_replaced()
        self._lines_shown.clear()

    @work(group="unfold", exclusive=True, exit_on_error=False)
    async def _unfold_whole(self, rows: Sequence[Row]) -> None:
        generation = self.investigation.generation
        for row in rows:
            told = await self.events_of(row.id, row.timestamp)
            if told and generation == self.investigation.generation:
                self._lines_shown[row.id] = self.event_list.joined_count(row.id)
                self.event_list.unfold(replace(row, message=joined_event(told).message[:_READ_MOST]))
