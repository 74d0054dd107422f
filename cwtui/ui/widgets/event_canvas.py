"""The painted part of the list of events: visible rows from a cache, at any length, wrapped or not.

Rows come from a reader given at construction, the visible ones first and then the screens around;
`render_line` never asks anyone. A row that is not there yet is dots for a frame. Who moves the cursor,
and what follows from that, is `EventList`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Row
from cwtui.core.text import printable
from cwtui.ui.widgets.field_columns import columns_of, widened
from cwtui.ui.widgets.fold import folded
from cwtui.ui.widgets.row_cache import RowCache, around
from cwtui.ui.widgets.row_colours import read_styles
from cwtui.ui.widgets.row_look import RowLook, RowPlace, RowStyles
from cwtui.ui.widgets.row_paint import paint, pending
from cwtui.window.view import View

ReadRows = Callable[[NDArray[np.int64]], Awaitable[list[Row]]]
"""Rows of the given ids, in their order."""

_MEASURED = 300
"""Rows at hand that say how wide a new column is; it grows with what is read later."""


class EventCanvas(ScrollView, can_focus=True):
    """Rows of a view with a cursor and a top row; draws only what is visible."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "event-list--muted",
        "event-list--bar",
        "event-list--key",
        "event-list--match",
        "event-list--term2",
        "event-list--term3",
        "event-list--term4",
        "event-list--late",
        "event-list--cursor",
        "event-list--selected",
        "event-list--trace",
        "event-list--info",
        "event-list--warn",
        "event-list--error",
        "event-list--fatal",
    }
    DEFAULT_CSS = """
    EventCanvas {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
        & .event-list--muted { color: $foreground 55%; }
        & .event-list--bar { color: $accent; }
        & .event-list--key { color: $foreground 55%; }
        & .event-list--match { background: $match1; color: $background; }
        & .event-list--term2 { background: $match2; color: $background; }
        & .event-list--term3 { background: $match3; color: $background; }
        & .event-list--term4 { background: $match4; color: $background; }
        & .event-list--late { color: $level-warn; }
        & .event-list--cursor { background: $selection 60%; }
        & .event-list--selected { background: $accent 22%; }
        & .event-list--trace { color: $level-trace; }
        & .event-list--info { color: $level-info; }
        & .event-list--warn { color: $level-warn; }
        & .event-list--error { color: $level-error; text-style: bold; }
        & .event-list--fatal { background: $level-fatal; color: $background; text-style: bold; }
        &:focus .event-list--cursor { background: $primary 38%; }
    }
    """

    class ColumnsChanged(Message):
        """Columns of fields came, went or grew: what stands over them is to follow."""

    @dataclass
    class ReadFailed(Message):
        """Rows could not be read."""

        error: CwtuiError

    def __init__(self, read: ReadRows, view: View, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._read = read
        self.view = view
        self.cursor = 0
        self.following = True
        self._seen_length = 0
        self._look = RowLook()
        self._styles: RowStyles | None = None
        self._epoch = 0
        self._generation = 0
        self._direction = 0
        self._cache = RowCache()
        self._strips: LRUCache[tuple[int, int, RowPlace], list[Strip]] = LRUCache(1_024)
        self.selection: range = range(0)
        """The positions of the chosen range."""
        self.silence_ms = 0
        """How long nothing may come before a row says so; 0: never."""
        self._wanted = asyncio.Event()
        self._lines: list[tuple[int, Strip]] | None = None
        self._screen_row = 0
        self._unfolded: set[int] = set()
        self._placeholder: tuple[str, ...] = ()

    # ------------------------------------------------------------------ what is shown

    @property
    def look(self) -> RowLook:
        """How rows are drawn."""
        return self._look

    def restyle(self, **changes: Any) -> None:
        """Changes fields of the look; the event under the cursor stays where it is."""
        look = replace(self._look, **changes)
        if look != self._look:
            self._look = look
            self._repaint_all()
            self._resize_virtual()
            if len(self.view):
                self._place(self.cursor, self._screen_row)

    @property
    def placeholder(self) -> tuple[str, ...]:
        """What stands in the middle of an empty list: a headline, then what to do; foreign text."""
        return self._placeholder

    @placeholder.setter
    def placeholder(self, lines: tuple[str, ...]) -> None:
        if lines != self._placeholder:
            self._placeholder = lines
            if not len(self.view):
                self.refresh()

    @property
    def top(self) -> int:
        """The position of the first visible row."""
        return self.scroll_offset.y

    @property
    def row_id(self) -> int | None:
        """The id of the event under the cursor."""
        return self.view.row_at(self.cursor) if self.cursor < len(self.view) else None

    @property
    def timestamp(self) -> int | None:
        """The time of the event under the cursor."""
        return self.view.time_at(self.cursor) if self.cursor < len(self.view) else None

    @property
    def visible_ids(self) -> NDArray[np.int64]:
        """The ids on the screen."""
        return self.view.slice(self.top, self.top + self._height)

    # ------------------------------------------------------------------ the top row

    def _bring_into_sight(self, position: int) -> None:
        if position < self.top:
            self._set_top(position)
        elif position >= self.top + self._fits(self.top):
            self._set_top(self._top_ending_at(position))

    def _place(self, position: int, screen_row: int) -> None:
        """Brings an event to a line of the screen, as near as whole events above it allow."""
        screen_row = max(0, min(screen_row, self._height - 1))
        top = min(self._top_with(position, screen_row), self._last_top())
        if self._uneven:
            top = max(top, self._top_ending_at(position))
        self._set_top(min(top, position))
        self._screen_row = self._line_of(position)

    @property
    def _uneven(self) -> bool:
        """Whether an event may take more than one line."""
        return bool(self._look.wrap or self._unfolded)

    def _lines_at(self, position: int) -> int:
        """How many lines the event at a position takes."""
        if self._look.wrap or (self._unfolded and self.view.row_at(position) in self._unfolded):
            return len(self._row_lines(position))
        return 1

    def _line_of(self, position: int) -> int:
        """The line of the screen on which an event begins."""
        if not self._uneven:
            return max(0, position - self.top)
        return sum(self._lines_at(above) for above in range(self.top, min(position, self.top + self._height)))

    def _top_with(self, position: int, screen_row: int) -> int:
        """The top row with which an event begins on a line of the screen, or less far down."""
        if not self._uneven:
            return max(0, position - screen_row)
        while position > 0 and (screen_row := screen_row - self._lines_at(position - 1)) >= 0:
            position -= 1
        return position

    def _set_top(self, top: int) -> None:
        if top != self.top:
            self._lines = None
            self.scroll_to(y=top, animate=False)
            self._wanted.set()

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def _last_top(self) -> int:
        """The top row with which the last event stands at the bottom."""
        return self._top_ending_at(len(self.view) - 1) if len(self.view) else 0

    def _top_ending_at(self, position: int) -> int:
        """The top row with which an event stands whole at the bottom of the screen."""
        if not self._uneven:
            return max(0, position - self._height + 1)
        used, top = self._lines_at(position), position
        while top > 0 and (used := used + self._lines_at(top - 1)) <= self._height:
            top -= 1
        return top

    def _fits(self, top: int) -> int:
        """How many events, at least one, stand whole on the screen below a top row."""
        if not self._uneven:
            return self._height
        used, position = 0, top
        while position < len(self.view):
            used += self._lines_at(position)
            if used > self._height:
                break
            position += 1
        return max(1, position - top)

    def _resize_virtual(self) -> None:
        # Wrapped, the scrollbar still counts events: any of them may be the top row.
        spare = self._height - 1 if self._uneven else 0
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.view) + spare)

    # ------------------------------------------------------------------ painting

    def render_line(self, y: int) -> Strip:
        if not len(self.view):
            return self._placeholder_line(y)
        if self._uneven:
            lines = self._screen_lines
            return lines[y][1] if y < len(lines) else self._blank()
        position = self.top + y
        return self._row_lines(position)[0] if position < len(self.view) else self._blank()

    def _blank(self) -> Strip:
        return Strip.blank(self.scrollable_content_region.width, self._colours.base)

    def _placeholder_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        # A hint is worth reading to its end: what is too long goes on in the next line.
        lines = [
            (text.rstrip(), number == 0)
            for number, line in enumerate(filter(None, self._placeholder))
            for text in (part.text for part in folded(Strip([Segment(printable(line))]), max(10, width - 4)))
        ]
        number = y - max(0, self._height // 3)
        if not 0 <= number < len(lines):
            return self._blank()
        text, headline = lines[number]
        style = self._colours.base + (Style(bold=True) if headline else self._colours.muted)
        pad = max(1, (width - cell_len(text)) // 2)
        return Strip([Segment(" " * pad + text, style)]).adjust_cell_length(width, self._colours.base)

    def _row_lines(self, position: int) -> list[Strip]:
        row_id = self.view.row_at(position)
        on_cursor = position == self.cursor
        place = RowPlace(
            on_cursor, position in self.selection, self._silence_before(position), row_id in self._unfolded
        )
        key = (row_id, self._epoch, place)
        lines = self._strips.get(key)
        if lines is None:
            row = self._cache.get(row_id)
            if row is None:
                return [pending(self._look, self._colours, cursor=on_cursor)]
            lines = self._strips[key] = paint(row, self._look, self._colours, place)
        return lines

    def _silence_before(self, position: int) -> int:
        if not self.silence_ms or not position:
            return 0
        silence = self.view.time_at(position) - self.view.time_at(position - 1)
        return silence if silence >= self.silence_ms else 0

    @property
    def _screen_lines(self) -> list[tuple[int, Strip]]:
        """The lines of the screen with the positions they belong to, where events may take several."""
        if self._lines is None:
            self._lines = self._uneven_screen()
        return self._lines

    def _uneven_screen(self) -> list[tuple[int, Strip]]:
        first, height = self.top, self._height
        lines: list[tuple[int, Strip]] = []
        for position in range(first, len(self.view)):
            lines.extend((position, line) for line in self._row_lines(position))
            if len(lines) >= height:
                return lines[:height]
        # At the end the last event stands at the bottom, and the one above may be cut at the top.
        while len(lines) < height and first > 0:
            first -= 1
            lines = [*((first, line) for line in self._row_lines(first)), *lines]
        return lines[-height:]

    def _refresh_row(self, position: int) -> None:
        if self._uneven:
            lines = [y for y, (place, _) in enumerate(self._screen_lines) if place == position]
            self._lines = None
            if lines:
                self.refresh(Region(0, lines[0], self.size.width, len(lines)))
        elif self.top <= position < self.top + self._height:
            self.refresh(Region(0, position - self.top, self.size.width, 1))

    def _repaint_all(self) -> None:
        self._epoch += 1
        self._strips.clear()
        self._lines = None
        self.refresh()

    @property
    def _colours(self) -> RowStyles:
        if self._styles is None:
            self._styles = read_styles(self)
        return self._styles

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = None
        self._repaint_all()

    # ------------------------------------------------------------------ reading rows

    def on_mount(self) -> None:
        self._keep_reading()

    @work(group="rows", exclusive=True, exit_on_error=False)
    async def _keep_reading(self) -> None:
        """Reads what the screen shows first, then what stands around it."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if await self._read_missing(self.visible_ids):
                self._rows_came()
            if not self._wanted.is_set() and self._runs_short():
                positions = around(self.top, self._height, len(self.view), self._direction)
                await self._read_missing(self.view.slice(positions.start, positions.stop))

    def _runs_short(self) -> bool:
        """Whether a row within half a screen has not been read: one read then fetches screens, not rows."""
        margin = self._height // 2
        near = self.view.slice(max(0, self.top - margin), self.top + self._height + margin)
        return bool(self._cache.missing(int(row_id) for row_id in near))

    async def _read_missing(self, ids: NDArray[np.int64]) -> bool:
        missing = self._cache.missing(int(row_id) for row_id in ids)
        if not missing:
            return False
        generation = self._generation
        try:
            rows = await self._read(np.asarray(missing, dtype=np.int64))
        except CwtuiError as error:
            self.post_message(self.ReadFailed(error))
            return False
        if generation == self._generation:
            self._cache.put(rows)
            if self._look.columns:
                self._widen_columns([row.message for row in rows])
        return True

    def show_columns(self, paths: Iterable[str]) -> None:
        """Gives these fields of the messages, in this order, columns of their own."""
        self.restyle(columns=columns_of(paths), left=0)
        self._widen_columns(self.messages_at_hand(_MEASURED))

    def messages_at_hand(self, count: int) -> list[str]:
        """Messages of rows that were read or shown last, cut as a list cuts them."""
        return [row.message for row in self._cache.newest(count)]

    def _widen_columns(self, messages: Iterable[str]) -> None:
        self.restyle(columns=widened(self._look.columns, messages))
        self.post_message(self.ColumnsChanged())

    def _rows_came(self) -> None:
        self._lines = None
        if self._uneven:
            # Heights are known only now.
            if self.following and len(self.view):
                self._set_top(self._last_top())
            else:
                self._bring_into_sight(self.cursor)
        self.refresh()
