"""Going elsewhere: to a time, to the lines around an event, along the trail of a request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from textual import on, work

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.models import LogEvent, TimeWindow
from cwtui.core.timespec import iso, parse_duration, parse_instant
from cwtui.fetch.paging import all_groups
from cwtui.lang.envelope import ids_of
from cwtui.lang.filter_pattern import parse_pattern, phrase
from cwtui.ui.screens.events.loading import Loading
from cwtui.ui.screens.events.reading import Reading
from cwtui.ui.widgets.prompt import Prompt

TRACE = "trace"
"""The prompt's sigil while it asks for an id."""
_WIDENED_MS = 5 * 60_000
"""How far a trace looks before and after what is shown: a request does not end where a window does."""


class Going(Loading, Reading):
    """What leads away from the events that are shown, and back."""

    # ------------------------------------------------------------------ to a time

    def goto_written(self, text: str) -> None:
        """Moves to `end`, `+5m` or `-5m` from the cursor, or a moment as people write it. Raises InputError.

        A moment outside of what is loaded is not gone to: the prompt offers to load what is around it.
        """
        events, word = self.event_list, text.strip().lower()
        if word in ("end", "start"):
            events.move_to(len(events.view) - 1 if word == "end" else 0)
            return
        now = self.reference or self.services.clock()
        if word[:1] in ("+", "-") and events.timestamp is not None:
            away = parse_duration(word[1:])
            moment = events.timestamp + (away if word[0] == "+" else -away)
        else:
            moment = parse_instant(text, now, self.zone)
        if self.ready and self.is_loaded(moment):
            self.goto_time(moment)
        else:
            self.offer_window(moment)

    def is_loaded(self, moment: int) -> bool:
        """Whether a moment (ms UTC) lies in what is loaded, so that going there makes sense."""
        start, end = self.investigation.span
        return start <= moment < end

    def offer_window(self, moment: int) -> None:
        """Asks whether to load the events around a moment that lies outside of the window."""
        half = self.settings.default_window_ms // 2
        # Whole seconds, in UTC: short, and it means the same whatever zone is shown.
        around = (iso((moment + away) // 1000 * 1000, UTC).replace(".000", "") for away in (-half, half))
        note = "That is not loaded. Enter loads this window, Esc stays"
        self.call_later(self.open_prompt, "time", text=" ".join(around), note=note)

    # ------------------------------------------------------------------ the lines around an event

    def action_context(self) -> None:
        self.show_context()

    @work(group="go", exclusive=True, exit_on_error=False)
    async def show_context(self) -> None:
        """Opens the lines around the event under the cursor, or around the one that a summary cites."""
        if (event := await self._chosen_event()) is not None:
            from cwtui.ui.screens.events.context import ContextScreen

            self.app.push_screen(ContextScreen(self.services, event, *self.traced()))

    async def _chosen_event(self) -> LogEvent | None:
        cited = self.summary.cited if self.summary is not None and self.pane() == "summary" else None
        row_id = self.event_list.row_id if cited is None else cited
        if row_id is None:
            self.say("There is no event under the cursor.")
            return None
        try:
            return await self.investigation.event(row_id)
        except CwtuiError as error:
            self.say_error(error)
            return None

    # ------------------------------------------------------------------ the trail of a request

    def action_trace(self) -> None:
        self.find_trace()

    @work(group="go", exclusive=True, exit_on_error=False)
    async def find_trace(self) -> None:
        """Follows the one id of the event under the cursor; asks where there are several, or none."""
        if (event := await self._chosen_event()) is None:
            return
        ids = ids_of(event.message)
        if len(ids) == 1:
            await self._show_trace(ids[0])
            return
        for found in reversed(ids):
            self.remember(TRACE, found)
        note = f"{len(ids)} ids: ↑ for the next, Enter follows it" if ids else "No id found: write a value"
        await self.open_prompt(TRACE, text=ids[0] if ids else "", note=note)

    def trace_written(self, text: str) -> None:
        """Follows a value through every group; nothing means what the event under the cursor names."""
        if text.strip():
            self.show_trace(text.strip())
        else:
            self.find_trace()

    @on(Prompt.Submitted)
    def _trace_entered(self, message: Prompt.Submitted) -> None:
        if message.sigil == TRACE:
            self.close_prompt()
            if message.text.strip():
                self.remember(TRACE, message.text.strip())
                self.show_trace(message.text.strip())

    @on(Prompt.Cancelled)
    def _trace_cancelled(self, message: Prompt.Cancelled) -> None:
        if message.sigil == TRACE:
            self.close_prompt()

    @work(group="go", exclusive=True, exit_on_error=False)
    async def show_trace(self, value: str) -> None:
        """Opens every event that holds the value, over all groups in question."""
        try:
            await self._show_trace(value)
        except CwtuiError as error:
            self.say_error(error)

    async def _show_trace(self, value: str) -> None:
        if not self.ready:
            raise InputError("There is nothing to trace yet.", "Wait for the first events.", code="trace")
        from cwtui.ui.screens.events.trace import TraceScreen

        # Refused here in words: the service says only that it is invalid.
        parse_pattern(phrase(value))
        groups, window = self.traced()
        if self.services.offline:
            pages = all_groups(self.services.reader, names_first=True)
            groups = tuple([group.identifier async for page in pages for group in page])
        self.app.push_screen(TraceScreen(self.services, groups, value, window))

    def traced(self) -> tuple[tuple[str, ...], TimeWindow]:
        """The groups and the window in which a trace looks: those shown, and a little around them."""
        start, end = self.investigation.span
        query = self.investigation.query
        still_open = query is not None and query.window.end is None
        return self.groups, TimeWindow(max(0, start - _WIDENED_MS), None if still_open else end + _WIDENED_MS)

    def going_commands(self) -> dict[str, Callable[[str], None]]:
        """The `:` commands of this concern."""
        return {"goto": self.goto_written, "trace": self.trace_written}

    # ------------------------------------------------------------------ from the screen

    async def open_prompt(self, sigil: str, *, text: str = "", note: str = "") -> None:
        """Opens the one-line prompt, in place of one that is open."""
        raise NotImplementedError

    def close_prompt(self) -> None:
        """Takes the prompt away and gives the list the focus."""
        raise NotImplementedError

    def remember(self, sigil: str, text: str) -> None:
        """Keeps an entry for the prompt's history."""
        raise NotImplementedError
