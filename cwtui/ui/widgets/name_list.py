"""A list of names with a few columns: draws only what is visible, at any length.

The list holds which names are shown, a cursor and marks. What stands in the columns is asked for
the visible rows only. When the names change, the one under the cursor keeps its line on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from cwtui.core.text import middle, printable
from cwtui.ui.keys import bindings_for
from cwtui.ui.narrowing import Found, cut_offsets, narrow
from cwtui.ui.widgets.cursor_moves import CursorMoves
from cwtui.ui.widgets.headings import Headings


@dataclass(frozen=True, slots=True)
class Column:
    """One column right of the name."""

    title: str
    width: int
    from_width: int = 0
    """The width of the list from which the column is shown."""


Cell = tuple[str, str]
"""Text (foreign or not) and a style, such as `$warning`."""

Cells = Callable[[int], Sequence[Cell]]
"""The cells of the name at an index, one for each column."""

_GUTTER = 4
_NAME_MIN = 16


def layout(columns: Sequence[Column], width: int) -> tuple[int, list[int]]:
    """Width of the name, and which columns are shown."""
    shown = [index for index, column in enumerate(columns) if width >= column.from_width]
    while shown and width - _GUTTER - sum(columns[i].width + 2 for i in shown) < _NAME_MIN:
        shown.pop()
    return max(1, width - _GUTTER - 1 - sum(columns[index].width + 2 for index in shown)), shown


class NameTitles(Widget):
    """The line of column titles above a list."""

    DEFAULT_CSS = """
    NameTitles { height: 1; color: $faint; }
    """

    def __init__(self, title: str, columns: Sequence[Column]) -> None:
        super().__init__()
        self._title = title
        self._columns = columns

    def show(self, columns: Sequence[Column]) -> None:
        """Takes other columns."""
        if columns != self._columns:
            self._columns = columns
            self.refresh()

    def render(self) -> Content:
        name_width, shown = layout(self._columns, self.size.width)
        line = " " * _GUTTER + self._title.ljust(name_width)
        for index in shown:
            line += "  " + self._columns[index].title.rjust(self._columns[index].width)
        return Content(line).truncate(self.size.width)


class NameList(CursorMoves, can_focus=True, inherit_bindings=False):
    """Names, one a line."""

    BINDINGS = bindings_for("motion")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"name-list--cursor", "name-list--heading"}
    DEFAULT_CSS = """
    NameList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & .name-list--cursor { background: $selection; color: $foreground; }
        & .name-list--heading { color: $secondary; text-style: bold; }
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor stands on another name, or on none; told by its key."""

        name: str | None

    @dataclass
    class Scrolled(Message):
        """Other rows are in sight."""

    @dataclass
    class Opened(Message):
        """A name was chosen with the mouse; told by its key."""

        name: str

    def __init__(
        self,
        columns: Sequence[Column],
        cells: Cells,
        *,
        beside: Callable[[int], str] = lambda index: "",
        badge: Callable[[int], str] = lambda index: "",
        ascii_only: bool = False,
    ) -> None:
        """`beside` is said dimly behind a name where there is room, `badge` one cell before it."""
        super().__init__()
        self._beside = beside
        self._badge = badge
        self.cursor = 0
        self.marked: set[str] = set()
        self._columns = columns
        self._cells = cells
        self._names: Sequence[str] = ()
        self._keys: Sequence[str] = ()
        self._shown: Found = narrow((), "")
        self._headings = Headings()
        self._generation = 0
        self._strips: LRUCache[tuple[int, int, int, bool, bool], Strip] = LRUCache(512)
        self._cursor_glyph, self._mark_glyph = (">", "*") if ascii_only else ("▌", "●")

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Takes other columns, for which `cells` has cells from now on."""
        if columns != self._columns:
            self._columns = columns
            self.repaint()

    def __len__(self) -> int:
        return len(self._shown)

    @property
    def current(self) -> str | None:
        """What the cursor stands on, by its key."""
        return self._key_at(self.cursor)

    @property
    def current_name(self) -> str | None:
        """The name under the cursor."""
        return self._names[self._shown.rows[self.cursor]] if self.cursor < len(self._shown) else None

    @property
    def current_row(self) -> int | None:
        """Where the name under the cursor stands among the names that `show` was given."""
        return self.row_at(self.cursor) if 0 <= self.cursor < len(self._shown) else None

    def row_at(self, place: int) -> int:
        """Where the name of a listed row stands among the names that `show` was given."""
        return self._shown.rows[place]

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of the marked names, in their order, or else the current one."""
        marked = tuple(key for key in self._keys if key in self.marked)
        return marked or ((self.current,) if self.current is not None else ())

    def show(
        self,
        names: Sequence[str],
        shown: Found,
        *,
        keys: Sequence[str] | None = None,
        headings: Sequence[tuple[int, str]] = (),
        to_top: bool = False,
    ) -> None:
        """Shows other names; the cursor stays on its name and its line, unless it shall go to the top.

        `keys` are what tells the names apart, where a name may stand twice; by default the names.
        `headings` stand each before a place in `shown`, ascending.
        """
        current, line = self.current, self._headings.line_of(self.cursor) - self.scroll_offset.y
        self._names, self._shown, self._headings = names, shown, Headings(headings)
        self._keys = names if keys is None else keys
        self._generation += 1
        if self.marked:
            self.marked.intersection_update(self._keys)
        place = None if to_top or current is None else self._place_of(current)
        self.cursor = 0 if to_top else min(self.cursor, max(0, len(shown) - 1)) if place is None else place
        self.virtual_size = Size(self.size.width, len(shown) + len(headings))
        line = self._headings.line_of(self.cursor) - line
        self.scroll_to(y=max(0, line), animate=False, force=True, immediate=True)
        self._keep_in_sight()
        self.refresh()
        if self.current != current:
            self.post_message(self.Moved(self.current))

    def go_to(self, place: int) -> None:
        """Puts the cursor on a row, as near as there is one."""
        place = max(0, min(place, len(self._shown) - 1))
        if place != self.cursor:
            self.refresh_line(self._headings.line_of(self.cursor))
            self.cursor = place
            self.refresh_line(self._headings.line_of(place))
            self.post_message(self.Moved(self.current))
        self._keep_in_sight()

    def rows_in_sight(self) -> list[int]:
        """Where the names that can be seen stand among those that `show` was given."""
        first = self.scroll_offset.y
        lines = range(first, first + self.size.height)
        places = (self._headings.place_at(line) for line in lines)
        return [self._shown.rows[place] for place in places if place is not None and place < len(self._shown)]

    def repaint(self) -> None:
        """Draws what stands beside the names anew; names and order are as they were."""
        self._generation += 1
        self.refresh()

    def toggle_mark(self) -> None:
        """Marks or unmarks the current name, and goes on to the next."""
        if (key := self.current) is not None:
            self.marked ^= {key}
            self.refresh_line(self._headings.line_of(self.cursor))
            self.go_to(self.cursor + 1)

    def toggle_all(self) -> None:
        """Marks every shown name, or unmarks them where all are marked."""
        keys = {self._keys[row] for row in self._shown.rows}
        self.marked = self.marked - keys if keys <= self.marked else self.marked | keys
        self.refresh()

    def unmark_all(self) -> None:
        self.marked.clear()
        self.refresh()

    # ------------------------------------------------------------------ drawing

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._shown) + len(self._headings))
        self._keep_in_sight()
        self.post_message(self.Scrolled())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        line = self.scroll_offset.y + y
        place = self._headings.place_at(line)
        if place is None:
            return self._draw_heading(self._headings.text_at(line), width)
        if place >= len(self._shown):
            return Strip.blank(width, self.rich_style)
        on_cursor = place == self.cursor
        marked = self._keys[self._shown.rows[place]] in self.marked
        key = (self._generation, place, width, on_cursor, marked)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._draw(place, width, on_cursor, marked)
            self._strips[key] = strip
        return strip

    def _draw_heading(self, text: str, width: int) -> Strip:
        style = self.visual_style + self.get_visual_style("name-list--heading")
        line = Content.assemble("  ", str(middle(text, max(1, width - 2))))
        strips = Visual.to_strips(self, line, width, 1, style, pad=True)
        return strips[0].crop_extend(0, width, style.rich_style)

    def _draw(self, place: int, width: int, on_cursor: bool, marked: bool) -> Strip:
        row = self._shown[place]
        name = self._names[row.row]
        name_width, shown = layout(self._columns, width)
        cut = str(middle(name, name_width))
        text = Content(cut)
        if len(printable(name)) == len(name):
            for offset in cut_offsets(row.offsets, len(name), name_width):
                text = text.stylize("bold $match1", offset, offset + 1)
        if on_cursor:
            text = text.stylize("bold")
        beside = str(printable(self._beside(row.row)))
        room = name_width - cell_len(cut)
        beside = f"  {beside}" if beside and cell_len(beside) + 2 <= room else ""
        badge = self._badge(row.row)
        parts: list[Content | str | tuple[str, str]] = [
            (f"{self._cursor_glyph if on_cursor else ' '} ", "$accent"),
            (f"{self._mark_glyph if marked else badge or ' '} ", "$match1" if marked else "$warning"),
            text,
            (beside, "$muted"),
            " " * (room - cell_len(beside)),
        ]
        cells = self._cells(row.row)
        for index in shown:
            column = self._columns[index].width
            value = str(middle(cells[index][0], column))
            parts += ["  ", " " * (column - cell_len(value)), (value, cells[index][1])]
        line = Content.assemble(*parts)
        style = self.visual_style
        if on_cursor:
            style = style + self.get_visual_style("name-list--cursor")
        strips = Visual.to_strips(self, line, width, 1, style, pad=True)
        return strips[0].crop_extend(0, width, style.rich_style)

    # ------------------------------------------------------------------ moving

    def on_click(self, event: events.Click) -> None:
        place = self._headings.place_at(self.scroll_offset.y + event.y)
        if place is not None and place < len(self._shown):
            self.go_to(place)
            if event.chain == 2 and (name := self.current) is not None:
                self.post_message(self.Opened(name))

    def _keep_in_sight(self) -> None:
        if self.size.height:
            line = self._headings.line_of(self.cursor)
            headed = line > 0 and self._headings.place_at(line - 1) is None
            region = Region(0, line - 1, 1, 2) if headed else Region(0, line, 1, 1)
            self.scroll_to_region(region, animate=False, force=True, x_axis=False, immediate=True)

    def _key_at(self, place: int) -> str | None:
        return self._keys[self._shown.rows[place]] if 0 <= place < len(self._shown) else None

    def _place_of(self, key: str) -> int | None:
        keys = self._keys
        return next((place for place, row in enumerate(self._shown.rows) if keys[row] == key), None)
