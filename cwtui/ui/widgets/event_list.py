"""The list of events: draws only the visible rows, from a cache, at any length.

The list holds a frozen `View` (row ids in display order), a cursor and a top row; rows themselves
come from a reader given at construction, for the visible rows first and then for the screens
around. Following is a consequence of position: with the cursor on the last row the list stays at
the end, anywhere else it stays where it is and counts what came (`unseen`). When the view changes,
the event under the cursor keeps its line on the screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events, work
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.color import Color
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollTo
from textual.strip import Strip

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Level, Row
from cwtui.core.text import printable
from cwtui.ui.keys import bindings_for
from cwtui.ui.widgets.row_cache import RowCache, around
from cwtui.ui.widgets.row_paint import RowLook, RowStyles, paint, pending
from cwtui.window.view import View

ReadRows = Callable[[NDArray[np.int64]], Awaitable[list[Row]]]
"""Rows of the given ids, in their order."""

WHEEL_ROWS = 3
_HUES = (200, 160, 280, 35, 330, 100, 230, 60)


class EventList(ScrollView, can_focus=True):
    """Events of a window, one a line."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("motion", "text")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "event-list--muted",
        "event-list--bar",
        "event-list--key",
        "event-list--match",
        "event-list--late",
        "event-list--cursor",
        "event-list--trace",
        "event-list--info",
        "event-list--warn",
        "event-list--error",
        "event-list--fatal",
    }
    DEFAULT_CSS = """
    EventList {
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
        & .event-list--late { color: $level-warn; }
        & .event-list--cursor { background: $selection 60%; }
        & .event-list--trace { color: $level-trace; }
        & .event-list--info { color: $level-info; }
        & .event-list--warn { color: $level-warn; }
        & .event-list--error { color: $level-error; text-style: bold; }
        & .event-list--fatal { background: $level-fatal; color: $background; text-style: bold; }
        &:focus .event-list--cursor { background: $primary 38%; }
    }
    """

    @dataclass
    class CursorMoved(Message):
        """The cursor stands on another event; `row_id` is None in an empty list."""

        row_id: int | None

    @dataclass
    class FollowingChanged(Message):
        """The list began or ceased to stay at the end."""

        following: bool

    class Opened(Message):
        """An event was chosen to be read whole."""

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
        self._strips: LRUCache[tuple[int, int, bool], list[Strip]] = LRUCache(1_024)
        self._wanted = asyncio.Event()
        self._lines: list[tuple[int, Strip]] | None = None
        self._screen_row = 0
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
    def unseen(self) -> int:
        """How many events came since the list ceased to follow."""
        return 0 if self.following else max(0, len(self.view) - self._seen_length)

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

    def reset(self, view: View) -> None:
        """Another window: ids mean other events from now on."""
        self._generation += 1
        self._cache.clear()
        self._repaint_all()
        self.view = view
        self._seen_length = len(view)
        self._follow(True)
        self._resize_virtual()
        self._put_cursor(max(0, len(view) - 1))

    def count_from_here(self) -> None:
        """Nothing that is in the view now counts as unseen: its filters have changed."""
        self._seen_length = len(self.view)

    def show(self, view: View) -> None:
        """Another snapshot of the same window."""
        old, before = self.view, self.visible_ids
        self.view = view
        if not len(view):
            self._resize_virtual()
            self._put_cursor(0)
            self._repaint_all()
            return
        if self.following or not len(old):
            position, screen_row = len(view) - 1, self._height - 1
        else:
            position = self._place_in(view, old.row_at(self.cursor), old.time_at(self.cursor))
            screen_row = self._screen_row
        self._resize_virtual()
        was_on = old.row_at(self.cursor) if self.cursor < len(old) else None
        self.cursor = position
        self._place(position, screen_row)
        if not np.array_equal(before, self.visible_ids):
            self._lines = None
            self.refresh()
        self._wanted.set()
        if self.row_id != was_on:
            self.post_message(self.CursorMoved(self.row_id))

    @staticmethod
    def _place_in(view: View, row_id: int, timestamp: int) -> int:
        position = view.position_of(row_id, timestamp)
        return min(view.at_or_after(timestamp), len(view) - 1) if position is None else position

    # ------------------------------------------------------------------ moving

    def move_to(self, position: int, *, middle: bool = False) -> None:
        """Puts the cursor on a row and brings it into sight; `middle`: a third down if it was out of it."""
        if not len(self.view):
            return
        position = max(0, min(position, len(self.view) - 1))
        self._direction = (position > self.cursor) - (position < self.cursor)
        far = middle and not self.top <= position < self.top + self._height
        self._put_cursor(position, self._height // 3 if far else None)
        self._follow(position == len(self.view) - 1)

    def jump_to_id(self, row_id: int) -> bool:
        """Goes to an event of the view; False where the view does not hold it."""
        found = np.flatnonzero(self.view.rows == row_id)
        if len(found):
            self.move_to(int(found[0]), middle=True)
        return len(found) > 0

    def scroll_rows(self, count: int) -> None:
        """Moves the screen over the rows; the cursor goes along so as to stay visible."""
        self._scroll_top(self.top + count)

    def _scroll_top(self, top: int) -> None:
        if not len(self.view):
            return
        self._direction = (top > self.top) - (top < self.top)
        last_top = self._last_top()
        top = max(0, min(top, last_top))
        self._set_top(top)
        bottom = top + self._fits(top) - 1
        if top == last_top and self._direction > 0:
            position = len(self.view) - 1
        else:
            position = max(top, min(self.cursor, bottom))
        self._put_cursor(position)
        self._follow(position == len(self.view) - 1)

    def action_cursor_down(self) -> None:
        self.move_to(self.cursor + 1)

    def action_cursor_up(self) -> None:
        self.move_to(self.cursor - 1)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self.view) - 1)

    def action_page_down(self) -> None:
        self._page(self._fits(self.top))

    def action_page_up(self) -> None:
        self._page(-self._fits(self.top))

    def action_half_page_down(self) -> None:
        self._page(max(1, self._fits(self.top) // 2))

    def action_half_page_up(self) -> None:
        self._page(-max(1, self._fits(self.top) // 2))

    def _page(self, count: int) -> None:
        if not len(self.view):
            return
        self._direction = 1 if count > 0 else -1
        screen_row = self.cursor - self.top
        position = max(0, min(self.cursor + count, len(self.view) - 1))
        self._place(position, screen_row)
        self._put_cursor(position)
        self._follow(position == len(self.view) - 1)

    def _follow(self, following: bool) -> None:
        if following:
            self._seen_length = len(self.view)
        if following != self.following:
            self.following = following
            self._seen_length = len(self.view)
            self.post_message(self.FollowingChanged(following))

    # ------------------------------------------------------------------ cursor and top row

    def _put_cursor(self, position: int, screen_row: int | None = None) -> None:
        old, self.cursor = self.cursor, position
        top = self.top
        if screen_row is not None:
            self._place(position, screen_row)
        else:
            self._bring_into_sight(position)
        self._screen_row = max(0, self.cursor - self.top)
        if self.top == top:
            # Two lines instead of a screen: under 1 KB to the terminal.
            self._refresh_row(old)
            self._refresh_row(position)
        self._wanted.set()
        if old != position:
            self.post_message(self.CursorMoved(self.row_id))

    def _bring_into_sight(self, position: int) -> None:
        if position < self.top:
            self._set_top(position)
        elif position >= self.top + self._fits(self.top):
            self._set_top(self._top_ending_at(position))

    def _place(self, position: int, screen_row: int) -> None:
        top = position - max(0, min(screen_row, self._height - 1))
        top = max(0, min(top, self._last_top()))
        if self._look.wrap:
            top = max(top, self._top_ending_at(position))
        self._set_top(min(top, position))
        self._screen_row = position - self.top

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
        if not self._look.wrap:
            return max(0, position - self._height + 1)
        used, top = len(self._row_lines(position)), position
        while top > 0 and (used := used + len(self._row_lines(top - 1))) <= self._height:
            top -= 1
        return top

    def _fits(self, top: int) -> int:
        """How many events, at least one, stand whole on the screen below a top row."""
        if not self._look.wrap:
            return self._height
        used, position = 0, top
        while position < len(self.view):
            used += len(self._row_lines(position))
            if used > self._height:
                break
            position += 1
        return max(1, position - top)

    def _resize_virtual(self) -> None:
        # Wrapped, the scrollbar still counts events: any of them may be the top row.
        spare = self._height - 1 if self._look.wrap else 0
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.view) + spare)

    # ------------------------------------------------------------------ painting

    def render_line(self, y: int) -> Strip:
        if not len(self.view):
            return self._placeholder_line(y)
        if self._look.wrap:
            if self._lines is None:
                self._lines = self._wrapped_screen()
            lines = self._lines
            return lines[y][1] if y < len(lines) else self._blank()
        position = self.top + y
        return self._row_lines(position)[0] if position < len(self.view) else self._blank()

    def _blank(self) -> Strip:
        return Strip.blank(self.scrollable_content_region.width, self._colours.base)

    def _placeholder_line(self, y: int) -> Strip:
        number = y - max(0, self._height // 3)
        lines = [line for line in self._placeholder if line]
        if not 0 <= number < len(lines):
            return self._blank()
        text = printable(lines[number])
        style = self._colours.base + (Style(bold=True) if number == 0 else self._colours.muted)
        width = self.scrollable_content_region.width
        pad = max(1, (width - cell_len(text)) // 2)
        return Strip([Segment(" " * pad + text, style)]).adjust_cell_length(width, self._colours.base)

    def _row_lines(self, position: int) -> list[Strip]:
        row_id = self.view.row_at(position)
        on_cursor = position == self.cursor
        key = (row_id, self._epoch, on_cursor)
        lines = self._strips.get(key)
        if lines is None:
            row = self._cache.get(row_id)
            if row is None:
                return [pending(self._look, self._colours, cursor=on_cursor)]
            lines = self._strips[key] = paint(row, self._look, self._colours, cursor=on_cursor)
        return lines

    def _wrapped_screen(self) -> list[tuple[int, Strip]]:
        """The lines of the screen with the positions they belong to."""
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
        if self._look.wrap:
            self._lines = None
            self.refresh()
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
            self._styles = self._read_styles()
        return self._styles

    def _read_styles(self) -> RowStyles:
        def ink(name: str) -> Style:
            style = self.get_component_rich_style(f"event-list--{name}")
            return Style(color=style.color, bold=style.bold)

        def block(name: str) -> Style:
            style = self.get_component_rich_style(f"event-list--{name}")
            return Style(color=style.color, bgcolor=style.bgcolor, bold=style.bold)

        base = self.rich_style
        dark = self.app.current_theme.dark
        hues = [Color.from_hsl(hue / 360, 0.35, 0.68 if dark else 0.36).rich_color for hue in _HUES]
        muted, info = ink("muted"), ink("info")
        levels = (muted, ink("trace"), muted, info, ink("warn"), ink("error"), block("fatal"))
        return RowStyles(
            base=Style(color=base.color, bgcolor=base.bgcolor),
            muted=muted,
            bar=ink("bar"),
            key=ink("key"),
            match=block("match"),
            late=ink("late"),
            cursor=Style(bgcolor=self.get_component_rich_style("event-list--cursor").bgcolor),
            levels=levels,
            streams=[Style(color=hue) for hue in hues],
        )

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
        return True

    def _rows_came(self) -> None:
        self._lines = None
        if self._look.wrap:
            # Heights are known only now.
            if self.following and len(self.view):
                self._set_top(self._last_top())
            else:
                self._bring_into_sight(self.cursor)
        self.refresh()

    async def row_at(self, position: int) -> Row | None:
        """The row at a position of the view, from the cache or read; None past its end."""
        if position >= len(self.view):
            return None
        row_id = self.view.row_at(position)
        await self._read_missing(np.array([row_id], dtype=np.int64))
        return self._cache.get(row_id)

    def rows_in_hand(self) -> Sequence[Row]:
        """The visible rows that have been read."""
        return [row for row_id in self.visible_ids if (row := self._cache.get(int(row_id))) is not None]

    # ------------------------------------------------------------------ events

    def on_resize(self) -> None:
        self._lines = None
        width = self.scrollable_content_region.width
        screen_row = self._height - 1 if self.following else self._screen_row
        if width != self._look.width:
            self._look = replace(self._look, width=width)
            self._repaint_all()
        self._resize_virtual()
        if len(self.view):
            self._place(self.cursor, screen_row)
        self._wanted.set()

    def on_click(self, event: events.Click) -> None:
        position = self._position_at(event.y)
        if position is None:
            return
        self.move_to(position)
        if event.chain == 2:
            self.post_message(self.Opened())

    def _position_at(self, y: int) -> int | None:
        if not self._look.wrap:
            position = self.top + y
            return position if position < len(self.view) else None
        lines = self._wrapped_screen() if self._lines is None else self._lines
        return lines[y][0] if y < len(lines) else None

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.prevent_default().stop()
        self.scroll_rows(WHEEL_ROWS)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.prevent_default().stop()
        self.scroll_rows(-WHEEL_ROWS)

    def _on_scroll_to(self, message: ScrollTo) -> None:
        message.prevent_default().stop()
        if message.y is not None:
            self._scroll_top(round(message.y))

    def level_at_cursor(self) -> Level:
        """The level of the event under the cursor, as far as it has been read."""
        row = self._cache.get(self.row_id) if self.row_id is not None else None
        return row.level if row is not None else Level.UNKNOWN
