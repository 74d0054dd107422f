"""Reading and keeping: the detail pane, copying, the summary pane and the export screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from textual import on, work
from textual.timer import Timer

from cwtui.core.errors import CwtuiError
from cwtui.core.models import LogEvent, has_ingestion
from cwtui.ui.screens.events.base import EventsBase
from cwtui.ui.widgets.detail import DetailPane, DetailText
from cwtui.ui.widgets.event_list import EventList

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cwtui.ui.widgets.summary import SummaryPane

_FOLLOW_CURSOR = 0.06
_LINES_MOST = 5_000
"""Lines beneath an event that are read; the rest shows when they are drawn as events (`J`)."""


class Reading(EventsBase):
    """What shows and takes away single events and summaries."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._detail_lock = asyncio.Lock()
        self._detail_timer: Timer | None = None
        self.detail_open = False
        self.summary: SummaryPane | None = None
        self.summary_aside = False
        self.against = ""
        """What summaries compare with (`Investigation.compare_with`); empty for nothing."""
        """The pane is there but out of sight: a line of it was jumped to where it covers the list."""
        self._summary_of: object = None

    # ------------------------------------------------------------------ detail

    @property
    def detail(self) -> DetailPane:
        return self.query_one(DetailPane)

    def action_detail(self) -> None:
        if self.detail_open:
            self.close_detail()
        elif self.event_list.row_id is not None:
            if self.summary is not None and not self.summary_aside and not self.arrangement.both:
                self.close_summary()
            self.detail_open = True
            self.arrange_now()
            self.read_event()
            if not self.arrangement.detail_rows:
                self.detail.text.focus()

    def close_detail(self) -> None:
        """Gives the room back to the list; its cursor has not moved."""
        self.detail_open = False
        self.arrange_now()
        self.event_list.focus()

    @on(EventList.Opened)
    def _opened(self) -> None:
        if not self.detail_open:
            self.action_detail()

    @on(DetailText.CloseAsked)
    def _close_asked(self) -> None:
        self.close_detail()

    @on(EventList.CursorMoved)
    def _cursor_moved(self) -> None:
        self.cursor_moved()
        # The pane follows the cursor once it rests: holding a key down reads one event, not all.
        if self.detail_open:
            if self._detail_timer is not None:
                self._detail_timer.stop()
            self._detail_timer = self.set_timer(_FOLLOW_CURSOR, self.read_event)

    @work(group="detail", exclusive=True, exit_on_error=False)
    async def read_event(self) -> None:
        """Reads the event under the cursor whole and shows it."""
        async with self._detail_lock:
            told = await self._told_here()
            if self.is_mounted:
                self._light_detail()
                self.detail.show(joined_event(told) if told else None, self.zone)

    async def _event(self) -> LogEvent | None:
        row_id = self.event_list.row_id
        if row_id is None:
            return None
        try:
            return await self.investigation.event(row_id)
        except CwtuiError as error:
            self.say_error(error)
            return None

    async def _told_here(self) -> list[LogEvent]:
        """The event under the cursor and the lines drawn beneath it."""
        row_id, timestamp = self.event_list.row_id, self.event_list.timestamp
        return [] if row_id is None or timestamp is None else await self.events_of(row_id, timestamp)

    async def events_of(self, row_id: int, timestamp: int) -> list[LogEvent]:
        """An event and the lines that are drawn beneath it, whether or not a filter hides them."""
        told: list[LogEvent] = []
        try:
            if not self.event_list.joined_count(row_id):
                return [await self.investigation.event(row_id)]
            lines = self.investigation.lines_of(row_id, timestamp)
            async for events in self.investigation.events(np.array([row_id, *lines[:_LINES_MOST]])):
                told.extend(events)
        except CwtuiError as error:
            self.say_error(error)
        return told

    def show_facts(self) -> None:
        super().show_facts()
        if self.detail_open:
            self._light_detail()

    def _light_detail(self) -> None:
        """Lights up in the pane what is lit in the list."""
        look = self.event_list.look
        self.detail.text.light(look.highlight, look.terms)

    # ------------------------------------------------------------------ copying

    def action_copy(self) -> None:
        self.copy_event(as_json=False)

    def action_copy_json(self) -> None:
        self.copy_event(as_json=True)

    @on(DetailText.CopyAsked)
    def _copy_asked(self, message: DetailText.CopyAsked) -> None:
        self.copy_event(as_json=message.as_json)

    @work(group="copy", exclusive=True, exit_on_error=False)
    async def copy_event(self, *, as_json: bool) -> None:
        """Hands what is chosen to the clipboard; the shell makes it printable and says so."""
        raise NotImplementedError

    # ------------------------------------------------------------------ summary and export

    async def action_summarise(self) -> None:
        if self.summary_aside and self._summary_of == self._shown_now():
            self.recall_summary()
            return
        if self.summary is not None:
            again = self.summary_aside
            self.close_summary()
            if not again:
                return
        if self.ready and len(self.investigation.view):
            await self.open_summary()
        else:
            self.say("There is nothing to summarise yet.")

    async def open_summary(self, question: str = "") -> None:
        """Opens the pane over what is shown; it answers the question, or summarises where there is none."""
        from cwtui.ui.widgets.summary import DigestList, SummaryPane

        if self.detail_open and not self.arrangement.both:
            self.close_detail()
        # Known before it stands: a second key must not open a second one.
        chosen, models = self.chosen_ids(), self.shell.models
        pane = self.summary = SummaryPane(
            self.investigation, chosen, self.against, lambda: models.chosen, question
        )
        self._summary_of = self._shown_now()
        await self.query_one("#panes").mount(pane)
        self.arrange_now()
        # Now, not after the next frame: a second key finds the pane in use and closes it.
        self.set_focus(pane.query_one(DigestList))

    def summary_is_current(self) -> bool:
        """Whether the pane is about what is shown now."""
        return self._summary_of == self._shown_now()

    def _shown_now(self) -> object:
        """What a summary depends on, new events aside."""
        chosen = self.chosen_ids()
        span = (int(chosen[0]), int(chosen[-1])) if chosen is not None else None
        return (self.investigation.query, self.filters, span, self.against)

    def chosen_ids(self) -> NDArray[np.int64] | None:
        """The ids of the chosen range, in display order; None where none is chosen."""
        return None

    def recall_summary(self) -> None:
        """Brings a pane back that a jump put aside, as it was left."""
        if self.summary is not None:
            if self.detail_open and not self.arrangement.both:
                self.close_detail()
            self.summary_aside = False
            self.arrange_now()
            self.summary.focus()

    def close_summary(self) -> None:
        """Ends what the pane does and gives its room back."""
        if self.summary is not None:
            pane, self.summary = self.summary, None
            self.summary_aside = False
            pane.remove()
            self.arrange_now()
            self.event_list.focus()

    def on_summary_pane_citation_chosen(self, message: SummaryPane.CitationChosen) -> None:
        message.stop()
        if self.outdated():
            return
        if self.arrangement.side_columns:
            self._jump_to(message.row_id)
            return
        # The list has no height while the pane lies over it, and so no place for the line to go to.
        self.summary_aside = True
        self.arrange_now()
        self.event_list.focus()
        self.call_after_refresh(self._jump_to, message.row_id)

    def outdated(self) -> bool:
        """Whether the summary is of events that were replaced since; says so."""
        if self.summary is None or not self.summary.outdated:
            return False
        self.say("These logs were loaded anew since: a makes the summary again.")
        return True

    def _jump_to(self, row_id: int) -> None:
        if not self.event_list.jump_to_id(row_id):
            self.say("The filters hide that event: take a chip off to see it.")

    def on_summary_pane_closed(self, message: SummaryPane.Closed) -> None:
        message.stop()
        self.close_summary()

    def action_export(self) -> None:
        self.export_to("")

    def export_to(self, target: str) -> None:
        """Opens the export screen over what is shown."""
        if not self.ready or not len(self.investigation.view):
            self.say("There is nothing to export yet.")
            return
        from cwtui.ui.screens.export import ExportScreen

        view = self.investigation.view if self.frozen is None else self.frozen
        chosen = self.chosen_ids()
        ids = view.rows if chosen is None else chosen
        self.app.push_screen(ExportScreen(self.investigation, ids, target))

    # ------------------------------------------------------------------ from the screen

    def arrange_now(self) -> None:
        """Lays the panes out for the present size and for what is open."""
        raise NotImplementedError

    def cursor_moved(self) -> None:
        """The cursor stands on another event."""
        raise NotImplementedError


def joined_event(told: Sequence[LogEvent]) -> LogEvent:
    """An event with the lines that belong to it, as one."""
    if len(told) == 1:
        return told[0]
    return replace(told[0], message="\n".join(event.message.rstrip("\r\n") for event in told))


def event_json(event: LogEvent) -> str:
    """An event record, as `cwtui events -o json` prints it: ASCII only."""
    record = {
        "timestamp": event.timestamp,
        "ingestionTime": event.ingestion_time if has_ingestion(event) else None,
        "logGroup": event.group,
        "logStream": event.stream,
        "message": event.message,
        "eventId": event.event_id,
        "account": event.account,
        "region": event.region,
    }
    return json.dumps(record, indent=2)
