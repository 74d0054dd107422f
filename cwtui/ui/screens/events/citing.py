"""From what is said of events to the events: lines of the summary, and an event to all that say the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING

from textual import on, work

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.models import Level, Row
from cwtui.explain.values import MAX_EVENTS
from cwtui.investigation.against import REST
from cwtui.lang.where import Filter
from cwtui.ui.screens.events.comparing import Comparing
from cwtui.ui.screens.events.narrowing import Narrowing
from cwtui.ui.screens.pick import Choice, PickScreen
from cwtui.ui.widgets.row_paint import clock_text
from cwtui.ui.widgets.summary import SummaryPane
from cwtui.ui.words import counted

if TYPE_CHECKING:
    from cwtui.investigation.citing import Cited


class Citing(Comparing, Narrowing):
    """What narrows the view to the events of a statement, or hides them."""

    @on(SummaryPane.Narrowed)
    def _narrowed_to(self, message: SummaryPane.Narrowed) -> None:
        message.stop()
        if not self.outdated():
            self._cut_down_to(message)

    @work(group="citing", exclusive=True, exit_on_error=False)
    async def _cut_down_to(self, message: SummaryPane.Narrowed) -> None:
        from cwtui.investigation.citing import filter_of_events, filter_of_patterns

        line, ids = message.line, message.ids
        ends = [line.events[0], line.events[-1]] if line.stretch else []
        if line.patterns and ids is not None and not ends:
            ends = [int(ids[0]), int(ids[-1])]
        try:
            if line.patterns and message.digest is not None:
                times = sorted(row.timestamp for row in await self.investigation.rows(ends)) if ends else []
                stretch = (times[0], times[-1] + 1) if times else None
                found = await filter_of_patterns(self.investigation, message.digest, line.patterns, stretch)
            else:
                found = await filter_of_events(self.investigation, line.events)
                if len(line.events) >= MAX_EVENTS:
                    self.say(f"These are the {MAX_EVENTS} events that the line cites; there may be more.")
        except CwtuiError as error:
            self.say_error(error)
            return
        self._apply(found, hide=message.hide)
        if not message.hide and not self.arrangement.side_columns:
            self.summary_aside = True
            self.arrange_now()
            self.event_list.focus()

    def _apply(self, found: Cited, *, hide: bool) -> None:
        item = Filter(found.expression)
        item = item.inverted() if hide else item
        if item in self.stack.filters:
            self.say("That filter stands already.")
            return
        self.apply_filters(self.stack.add(item))
        if found.strays:
            verb = "hidden" if hide else "shown"
            self.say(
                f"Of other patterns at least {counted(found.strays, 'event')} read the same and are {verb}."
            )

    # ------------------------------------------------------------------ lines of the window compared with

    @on(SummaryPane.BeforeChosen)
    def _before_chosen(self, message: SummaryPane.BeforeChosen) -> None:
        message.stop()
        if not self.outdated():
            self._show_before(message)

    @work(group="citing", exclusive=True, exit_on_error=False)
    async def _show_before(self, message: SummaryPane.BeforeChosen) -> None:
        """Shows them on a sheet of their own: they are in no list here."""
        try:
            rows = await self.investigation.cited_before(message.digest, message.line.before)
        except CwtuiError as error:
            self.say_error(error)
            return
        name = message.digest.scope.baseline.name if message.digest.scope.baseline is not None else ""
        title = f"{counted(len(rows), 'event')} of what was compared with ({name}); Enter copies one"
        chosen = await self.app.push_screen_wait(PickScreen(title, [_told(row, self.zone) for row in rows]))
        if chosen is not None:
            self.shell.copy("the message", rows[chosen].message)

    # ------------------------------------------------------------------ models

    @on(SummaryPane.ModelAsked)
    def _model_asked(self, message: SummaryPane.ModelAsked) -> None:
        message.stop()
        try:
            self.shell.models.pick()
        except InputError as error:
            self.say_error(error)

    def model_changed(self) -> None:
        if self.summary is not None:
            self.summary.speak()

    # ------------------------------------------------------------------ keys of the list

    def action_hide_pattern(self) -> None:
        """Hides the events that say what the one under the cursor says."""
        if self.ready and self.event_list.row_id is not None:
            self._hide_like()

    @work(group="citing", exclusive=True, exit_on_error=False)
    async def _hide_like(self) -> None:
        from cwtui.investigation.citing import filter_of_like

        row_id, timestamp = self.event_list.row_id, self.event_list.timestamp
        if row_id is None or timestamp is None:
            return
        try:
            row = (await self.investigation.rows([row_id]))[0]
            self._apply(await filter_of_like(self.investigation, row_id, timestamp, row.level), hide=True)
        except CwtuiError as error:
            self.say_error(error)

    def action_diff(self) -> None:
        """Compares the chosen range, or what the filters leave, with the rest of what is loaded."""
        try:
            self.against_written(REST)
        except InputError as error:
            self.say_error(error)

    # ------------------------------------------------------------------ commands

    def citing_commands(self) -> Mapping[str, Callable[[str], None]]:
        """The `:` command of this concern."""
        return {"prompt": self._show_prompt}

    def _show_prompt(self, _: str) -> None:
        if self.summary is None:
            raise InputError("There is no summary yet.", "a makes one.", code="prompt")
        self.summary.show_prompt()


def _told(row: Row, zone: tzinfo) -> Choice:
    level = f" {row.level.name}" if row.level is not Level.UNKNOWN else ""
    return Choice(f"{clock_text(row.timestamp, zone, date=True)[5:19]}{level}", row.message)
