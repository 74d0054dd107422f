"""Marking and taking along: bookmarks with notes, a chosen range, other programs, the AWS console."""

from __future__ import annotations

import math
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import SuspendNotSupported

from cwtui.access.console import console_url
from cwtui.core.models import LogEvent
from cwtui.core.text import printable_block
from cwtui.ui.screens.bookmarks import Bookmark, BookmarkLine, BookmarksScreen
from cwtui.ui.screens.events.reading import Reading, event_json
from cwtui.ui.widgets.event_list import EventList
from cwtui.ui.widgets.row_paint import clock_text
from cwtui.window.rhythm import SILENCE_MS, SILENCE_SPACINGS
from cwtui.window.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COPIED_EVENTS = 5_000
"""Events that one copy takes at most; the rest belongs into an export."""
_AROUND_MS = 60_000


class Marking(Reading):
    """What a reader marks in a window, and carries out of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bookmarks: dict[int, Bookmark] = {}
        self._anchor: tuple[int, int] | None = None
        """Row id and timestamp of the event where the range begins."""

    def marking_commands(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "note": self.note,
            "marks": self._list_bookmarks,
            "console": self._copy_console_link,
        }

    def _list_bookmarks(self, _: str) -> None:
        self.list_bookmarks()

    def _copy_console_link(self, _: str) -> None:
        self.copy_console_link()

    def view_changed(self) -> None:
        super().view_changed()
        # Between the lines that a filter leaves, others may stand: that is no silence.
        narrowed = self.filters.condition() is not None
        self.event_list.silence_ms = 0 if narrowed else _silence_worth_a_word(self.event_list.view)
        if self._anchor is not None:
            self._show_range()

    # ------------------------------------------------------------------ bookmarks

    def action_mark(self) -> None:
        row_id = self.event_list.row_id
        if row_id is None:
            return
        if self.bookmarks.pop(row_id, None) is None:
            self.bookmarks[row_id] = Bookmark(row_id, self.event_list.timestamp or 0)
        self._show_marks()

    def note(self, text: str) -> None:
        """Bookmarks the event under the cursor with a note (`:note TEXT`)."""
        row_id = self.event_list.row_id
        if row_id is not None:
            self.bookmarks[row_id] = Bookmark(row_id, self.event_list.timestamp or 0, text.strip())
            self._show_marks()

    def action_next_mark(self) -> None:
        self._to_mark(1)

    def action_previous_mark(self) -> None:
        self._to_mark(-1)

    def _to_mark(self, direction: int) -> None:
        events = self.event_list
        places = [events.view.position_of(mark.row_id, mark.timestamp) for mark in self.bookmarks.values()]
        found = sorted(place for place in places if place is not None)
        beyond = [place for place in found if (place - events.aim) * direction > 0]
        if beyond:
            events.move_to(beyond[0] if direction > 0 else beyond[-1], middle=True)
        else:
            self.say("No bookmark further on: m sets one." if found else "No bookmark here: m sets one.")

    @work(group="bookmarks", exclusive=True, exit_on_error=False)
    async def list_bookmarks(self) -> None:
        """Shows all bookmarks to choose from (`:marks`)."""
        if not self.bookmarks:
            self.say("No bookmark yet: m sets one, :note TEXT says why.")
            return
        marks = sorted(self.bookmarks.values(), key=lambda mark: mark.timestamp)
        rows = {row.id: row for row in await self.investigation.rows([mark.row_id for mark in marks])}
        lines = [
            BookmarkLine(mark, clock_text(mark.timestamp, self.zone, date=True), rows[mark.row_id].message)
            for mark in marks
            if mark.row_id in rows
        ]
        chosen = await self.app.push_screen_wait(BookmarksScreen(lines))
        if chosen is not None and not self.event_list.jump_to_id(chosen):
            self.say("The filters hide that event: take a chip off to see it.")

    def window_replaced(self) -> None:
        super().window_replaced()
        self.bookmarks.clear()
        self._anchor = None
        self._show_marks()
        self._show_range()

    def _show_marks(self) -> None:
        self.event_list.restyle(marked=frozenset(self.bookmarks))

    # ------------------------------------------------------------------ a range

    def action_select(self) -> None:
        events = self.event_list
        row_id, timestamp = events.row_id, events.timestamp
        if self._anchor is not None or row_id is None or timestamp is None:
            self._anchor = None
        else:
            self._anchor = (row_id, timestamp)
            self.say("Range begun: move, then y copies, a summarises, X exports; v or Esc ends it.")
        self._show_range()

    @on(EventList.CursorMoved)
    def _range_follows(self) -> None:
        if self._anchor is not None:
            self._show_range()

    def _show_range(self) -> None:
        self.event_list.select(self._range())

    def _range(self) -> range:
        if self._anchor is None:
            return range(0)
        events = self.event_list
        place = events.view.position_of(*self._anchor)
        if place is None:
            return range(0)
        return range(min(place, events.cursor), events.with_lines(max(place, events.cursor)) + 1)

    def end_range(self) -> bool:
        """Gives the chosen range up; whether there was one."""
        had = self._anchor is not None
        self._anchor = None
        self._show_range()
        return had

    def chosen_ids(self) -> NDArray[np.int64] | None:
        chosen = self._range()
        return self.event_list.view.slice(chosen.start, chosen.stop) if len(chosen) else None

    # ------------------------------------------------------------------ taking along

    async def _chosen_events(self) -> list[LogEvent]:
        ids = self.chosen_ids()
        if ids is None:
            return await self._told_here()
        chosen: list[LogEvent] = []
        async for events in self.investigation.events(ids[:COPIED_EVENTS]):
            chosen.extend(events)
        return chosen

    @work(group="copy", exclusive=True, exit_on_error=False)
    async def copy_event(self, *, as_json: bool) -> None:
        """Hands the event under the cursor, or the chosen range, to the clipboard."""
        events = await self._chosen_events()
        if not events:
            return
        many = "events" if self.chosen_ids() is not None or as_json else "lines"
        what = f"{len(events):,} {many}" if len(events) > 1 else "the event" if as_json else "the message"
        self.shell.copy(f"{what} as JSON" if as_json else what, _text(events, as_json=as_json))

    @work(group="outside", exclusive=True, exit_on_error=False)
    async def action_open_outside(self) -> None:
        events = await self._chosen_events()
        if not events:
            return
        # Inert, not exact: what a pager or an editor makes of control characters is not in our hands.
        self._show_outside(printable_block(_text(events, as_json=False)))

    def _show_outside(self, text: str) -> None:
        """Gives the terminal to $EDITOR, $PAGER or less until that ends."""
        program = os.environ.get("EDITOR") or os.environ.get("PAGER") or "less"
        with tempfile.TemporaryDirectory(prefix="cwtui-") as folder:
            path = Path(folder) / "events.log"
            path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
            try:
                with self.app.suspend():
                    subprocess.run([*shlex.split(program), str(path)], check=False)
            except (OSError, ValueError, SuspendNotSupported) as error:
                self.say(f"{program} could not be started: {error}. Set EDITOR or PAGER.")
        self.app.refresh()

    @work(group="outside", exclusive=True, exit_on_error=False)
    async def copy_console_link(self) -> None:
        """Copies the address of the event under the cursor in the AWS console (`:console`)."""
        event = await self._event()
        if event is None:
            return
        region = event.region or self.services.context.region
        start, end = event.timestamp - _AROUND_MS, event.timestamp + _AROUND_MS
        self.shell.copy("the console's address", console_url(region, event.group, event.stream, start, end))


def _text(events: Sequence[LogEvent], *, as_json: bool) -> str:
    if as_json:
        return "\n".join(event_json(event) for event in events)
    return "\n".join(event.message.rstrip("\r\n") for event in events)


def _silence_worth_a_word(view: View) -> int:
    """Milliseconds: a minute, or twenty times the usual distance between events, on a ladder.

    The ladder keeps the measure, and so every painted row, the same while events come in.
    """
    span = view.span
    if span is None or len(view) < 2:
        return 0
    usual = (span[1] - span[0]) / (len(view) - 1)
    least = max(SILENCE_MS, usual * SILENCE_SPACINGS)
    return int(60_000 * 2 ** math.ceil(math.log2(least / 60_000)))
