"""The painted part of the list of events: visible rows, marks between them, and a cursor.

Rows are at hand (`row_reading`) and have their places (`row_layout`); `render_line` never asks anyone.
A row that is not there yet is dots for a frame. Who moves the cursor, and what follows from that, is
`EventList`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Region
from textual.strip import Strip

from cwtui.core.text import printable
from cwtui.ui.widgets.fold import folded
from cwtui.ui.widgets.row_body import whole_cells
from cwtui.ui.widgets.row_colours import read_styles
from cwtui.ui.widgets.row_layout import RowLayout
from cwtui.ui.widgets.row_look import RowPlace, RowStyles
from cwtui.ui.widgets.row_markers import rule
from cwtui.ui.widgets.row_paint import paint, pending


class _Line(NamedTuple):
    """A line of the screen."""

    position: int
    """The event that it belongs to; of a mark the one below, of a mark at the end the last."""
    strip: Strip


class EventCanvas(RowLayout, can_focus=True):
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor = 0
        self.following = True
        self._seen_length = 0
        self._styles: RowStyles | None = None
        self._epoch = 0
        self._strips: LRUCache[tuple[int, int, RowPlace], list[Strip]] = LRUCache(1_024)
        self.selection: range = range(0)
        """The positions of the chosen range."""
        self._lines: list[_Line] | None = None
        self._screen_row = 0
        self._placeholder: tuple[str, ...] = ()

    # ------------------------------------------------------------------ what is shown

    def restyle(self, **changes: Any) -> None:
        """Changes fields of the look; the event under the cursor stays where it is."""
        look = replace(self._look, **changes)
        if look != self._look:
            self._look = look
            self._places_now = None
            self._heights_changed()

    def _heights_changed(self) -> None:
        self._places_now = None
        self._repaint_all()
        self._resize_virtual()
        if len(self.view):
            self.cursor = self._places.nearest(self.cursor)
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
    def row_id(self) -> int | None:
        """The id of the event under the cursor."""
        return self.view.row_at(self.cursor) if self.cursor < len(self.view) else None

    @property
    def timestamp(self) -> int | None:
        """The time of the event under the cursor."""
        return self.view.time_at(self.cursor) if self.cursor < len(self.view) else None

    @property
    def widest(self) -> int:
        """Cells of the longest message on the screen, its columns included."""
        rows = (self._cache.get(int(row_id)) for row_id in self.visible_ids)
        return max((whole_cells(row, self._look) for row in rows if row is not None), default=0)

    def _place(self, position: int, screen_row: int) -> None:
        """Brings an event to a line of the screen, as near as whole events above it allow."""
        screen_row = max(0, min(screen_row, self._height - 1))
        top = min(self._top_with(position, screen_row), self._last_top())
        self._set_top(min(max(top, self._top_ending_at(position)), position))
        self._screen_row = self._line_of(position)

    # ------------------------------------------------------------------ painting

    def render_line(self, y: int) -> Strip:
        if not len(self.view):
            return self._empty_line(y)
        lines = self._screen_lines
        return lines[y].strip if y < len(lines) else self._blank()

    def _blank(self) -> Strip:
        return Strip.blank(self.scrollable_content_region.width, self._colours.base)

    def _empty_line(self, y: int) -> Strip:
        marks = self._places.trailing
        if y < len(marks):
            return rule(marks[y], self._look, self._colours)
        width = self.scrollable_content_region.width
        # A hint is worth reading to its end: what is too long goes on in the next line.
        lines = [
            (text.rstrip(), number == 0)
            for number, line in enumerate(filter(None, self._placeholder))
            for text in (part.text for part in folded(Strip([Segment(printable(line))]), max(10, width - 4)))
        ]
        number = y - max(len(marks), self._height // 3)
        if not 0 <= number < len(lines):
            return self._blank()
        text, headline = lines[number]
        style = self._colours.base + (Style(bold=True) if headline else self._colours.muted)
        pad = max(1, (width - cell_len(text)) // 2)
        return Strip([Segment(" " * pad + text, style)]).adjust_cell_length(width, self._colours.base)

    def _lines_of(self, position: int) -> list[_Line]:
        """All lines that go with an event: marks, its own if it is drawn, at the end marks again."""
        marks = self._places.above(position)
        lines = [_Line(position, rule(mark, self._look, self._colours)) for mark in marks]
        if not self._places.hidden(position):
            lines.extend(_Line(position, strip) for strip in self._row_lines(position))
        if position == len(self.view) - 1:
            below = (rule(mark, self._look, self._colours) for mark in self._places.trailing)
            lines.extend(_Line(position, strip) for strip in below)
        return lines

    def _body_height(self, position: int) -> int:
        return len(self._row_lines(position))

    def _row_lines(self, position: int) -> list[Strip]:
        row_id = self._places.row_id(position)
        whole = self._unfolded.get(row_id)
        on_cursor = position == self.cursor
        place = RowPlace(
            on_cursor,
            position in self.selection,
            whole is not None,
            self.joined_count(row_id) if whole is None else 0,
        )
        key = (row_id, self._epoch, place)
        lines = self._strips.get(key)
        if lines is None:
            row = whole or self._cache.get(row_id)
            if row is None:
                return [pending(self._look, self._colours, cursor=on_cursor)]
            values = self._values.get(row_id)
            lines = self._strips[key] = paint(row, self._look, self._colours, place, values)
        return lines

    @property
    def _screen_lines(self) -> list[_Line]:
        """The lines of the screen."""
        if self._lines is None:
            self._lines = self._screen()
        return self._lines

    def _screen(self) -> list[_Line]:
        first, height = self.top, self._height
        lines: list[_Line] = []
        for position in range(first, len(self.view)):
            lines.extend(self._lines_of(position))
            if len(lines) >= height:
                return lines[:height]
        # At the end the last event stands at the bottom, and the one above may be cut at the top.
        while len(lines) < height and first > 0:
            first -= 1
            lines = [*self._lines_of(first), *lines]
        return lines[-height:]

    def _refresh_rows(self, *positions: int) -> None:
        """Paints events anew that stand where they stood."""
        lines = self._screen_lines
        for position in positions:
            own = [y for y, line in enumerate(lines) if line.position == position]
            if own:
                self.refresh(Region(0, own[0], self.size.width, len(own)))
        self._lines = None

    def _lines_moved(self) -> None:
        self._lines = None

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

    def _rows_came(self) -> None:
        self._lines = None
        if self._uneven:
            # Heights are known only now.
            if self.following and len(self.view):
                self._set_top(self._last_top())
            else:
                self._bring_into_sight(self.cursor)
        self.refresh()
