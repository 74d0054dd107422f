"""The histogram over the list: when it counts, what its bars narrow, and the jumps along the time.

Two things are kept apart. A *range* is a filter on time, a chip like any other: Enter on bars makes it,
`[` and `]` go through the ranges there have been. A *lens* is what the histogram alone looks at.
"""

from __future__ import annotations

import asyncio
from typing import Any

from textual import on, work

from cwtui.core.models import Level
from cwtui.core.timespec import human_duration
from cwtui.lang.time_range import range_in, with_range
from cwtui.lang.where import FilterStack
from cwtui.ui.screens.events.base import EventsBase
from cwtui.ui.screens.events.words import Asked
from cwtui.ui.widgets.histogram import HistogramBar
from cwtui.ui.widgets.histogram_chart import Chart
from cwtui.window.bars import bars_of, overlap
from cwtui.window.rhythm import next_turn

COUNT_EVERY = 0.25
LEAST_HEIGHT = 16
"""Rows of a terminal that has room for a histogram."""

Range = tuple[int, int] | None


class Timeline(EventsBase):
    """What the time of events is good for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.histogram_hidden = False
        self._ranges_before: list[Range] = []
        self._ranges_after: list[Range] = []
        self._ranges_of: Asked | None = None

    @property
    def histogram(self) -> HistogramBar:
        return self.query_one(HistogramBar)

    def on_mount(self) -> None:
        # The list may scroll while its cursor stays.
        self.watch(self.event_list, "scroll_y", self.mark_place)

    # ------------------------------------------------------------------ counting

    @work(group="histogram", exclusive=True, exit_on_error=False)
    async def count_over_time(self) -> None:
        bar = self.histogram
        while True:
            await self._counts_wanted.wait()
            self._counts_wanted.clear()
            if bar.display:
                if (chart := await self._chart()) is None:
                    bar.clear()
                else:
                    bar.show(chart)
                    self.mark_place()
            await asyncio.sleep(COUNT_EVERY)

    async def _chart(self) -> Chart | None:
        """The counts of what the histogram looks at, or None where there is no time to show."""
        investigation, bar = self.investigation, self.histogram
        span, loaded = investigation.span, investigation.everything.span
        if self.asked.latest is not None and loaded is not None:
            # Whatever their age, the window reaches far beyond the newest events.
            span = (loaded[0], loaded[1] + 1)
        within = overlap(span, range_in(investigation.filters) or span) or span
        if within[0] >= within[1]:
            return None
        if bar.lens is not None and overlap(bar.lens, within) is None:
            bar.forget_lens()
        shown = overlap(bar.lens or within, within) or within
        bars = bars_of(*shown, bar.frame.room, self.zone)
        counts = await investigation.histogram(bars.start, bars.end, bars.count)
        plain = self.settings.ascii_only or self.app.no_color
        return Chart(counts, bars.cells, shown, within, span, investigation.covered, self.zone, plain)

    def mark_place(self) -> None:
        """Marks in the histogram where the cursor stands and what the list shows."""
        events = self.event_list
        last = events.in_sight.stop - 1
        seen = (events.view.time_at(events.top), events.view.time_at(last)) if last >= events.top else None
        self.histogram.mark(events.timestamp, seen)

    # ------------------------------------------------------------------ the histogram's wishes

    @on(HistogramBar.Jumped)
    def _bar_chosen(self, message: HistogramBar.Jumped) -> None:
        self.goto_time(message.timestamp)
        if not message.stay:
            self.event_list.focus()

    @on(HistogramBar.RangeChosen)
    def _range_chosen(self, message: HistogramBar.RangeChosen) -> None:
        self.show_range((message.start, message.end))
        self.event_list.focus()

    @on(HistogramBar.LevelChosen)
    def _level_chosen(self, message: HistogramBar.LevelChosen) -> None:
        self.set_floor(message.level)

    @on(HistogramBar.Looked)
    def _looked(self) -> None:
        self._counts_wanted.set()

    @on(HistogramBar.Refused)
    def _bar_refused(self, message: HistogramBar.Refused) -> None:
        self.say(message.why)

    @on(HistogramBar.ZoomedOut)
    def _zoomed_out(self) -> None:
        if self._ranges_before:
            self.action_range_before()
        elif range_in(self.filters) is not None:
            self.show_range(None)
        else:
            self.say("This is the whole window: 7 loads 3 hours, 8 a day, 9 asks for another.")

    @on(HistogramBar.Left)
    def _bar_left(self) -> None:
        self.event_list.focus()

    def action_histogram(self) -> None:
        if self.size.height < LEAST_HEIGHT:
            self.say(f"The histogram needs a terminal of {LEAST_HEIGHT} rows.")
            return
        self.histogram_hidden = False
        self.arrange_now()
        self._counts_wanted.set()
        if self.histogram.display:
            self.histogram.focus()

    def action_toggle_histogram(self) -> None:
        if self.histogram.has_focus:
            self.event_list.focus()
        self.histogram_hidden = not self.histogram_hidden
        self.arrange_now()
        self._counts_wanted.set()

    # ------------------------------------------------------------------ ranges

    def show_range(self, wanted: Range) -> None:
        """Narrows the list to a range of time, or to none; `[` takes that back."""
        self._ranges_before.append(range_in(self.filters))
        self._ranges_after.clear()
        self._narrow_to(wanted)

    def action_range_before(self) -> None:
        self._go_back(self._ranges_before, self._ranges_after, "There was no range of time before this one.")

    def action_range_after(self) -> None:
        self._go_back(self._ranges_after, self._ranges_before, "There is no later range of time.")

    def _go_back(self, there: list[Range], here: list[Range], none: str) -> None:
        if not there:
            self.say(none)
            return
        here.append(range_in(self.filters))
        self._narrow_to(there.pop())

    def _narrow_to(self, wanted: Range) -> None:
        self.histogram.forget_lens()
        self.apply_filters(with_range(self.filters, wanted))

    async def forget_ranges(self) -> None:
        """Takes the range off before another window is loaded: it was one of the old window."""
        if self._ranges_of not in (None, self.asked):
            self.histogram.forget_lens()
            self._ranges_before.clear()
            self._ranges_after.clear()
            if range_in(self.filters) is not None:
                await self.investigation.set_filters(with_range(self.filters, None))
        self._ranges_of = self.asked

    # ------------------------------------------------------------------ gaps and bursts

    def action_next_turn(self) -> None:
        self.go_to_turn(1)

    def action_previous_turn(self) -> None:
        self.go_to_turn(-1)

    @work(group="turn", exclusive=True, exit_on_error=False)
    async def go_to_turn(self, direction: int) -> None:
        """Goes to the next place where the rhythm of the events breaks, and says how."""
        if not self.ready:
            return
        events = self.event_list
        turn = next_turn(await self.investigation.turns(events.view), events.aim, direction)
        if turn is None:
            self.say(f"No gap and no burst further {'down' if direction > 0 else 'up'}.")
            return
        events.move_to(turn.position, middle=True)
        if turn.is_gap:
            self.say(f"Nothing for {human_duration(turn.silence_ms)} before this event.")
        else:
            self.say(f"A burst: {turn.count:,} events in {human_duration(turn.length_ms)}.")

    # ------------------------------------------------------------------ from the other concerns

    def apply_filters(self, filters: FilterStack) -> object:
        """Narrows the list by other filters."""
        raise NotImplementedError

    def set_floor(self, floor: Level) -> None:
        """Shows that level and graver ones only."""
        raise NotImplementedError

    def goto_time(self, timestamp: int) -> None:
        """Moves the cursor to the first event at or after a moment."""
        raise NotImplementedError

    def arrange_now(self) -> None:
        """Lays the panes out for the present size and for what is open."""
        raise NotImplementedError
