"""Unfolding an event in its place: all its lines between its neighbours, which keep theirs."""

from __future__ import annotations

from dataclasses import replace

from textual import work

from cwtui.core.models import Row
from cwtui.ui.screens.events.reading import Reading

_READ_MOST = 65_536
"""Characters of a message that are laid out in the list: more than its lines on a screen can show."""


class Unfolding(Reading):
    """What the key does that unfolds, and what Esc takes back."""

    def action_unfold(self) -> None:
        events = self.event_list
        row = events.row
        if events.unfolded:
            events.fold()
        elif row is not None and row.length > len(row.message):
            self._unfold_whole(row)
        elif row is not None:
            events.unfold(row)

    @work(group="unfold", exclusive=True, exit_on_error=False)
    async def _unfold_whole(self, row: Row) -> None:
        event = await self._event()
        if event is not None and self.event_list.row_id == row.id:
            self.event_list.unfold(replace(row, message=event.message[:_READ_MOST]))
