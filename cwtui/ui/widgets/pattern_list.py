"""The list of patterns, one a line: draws only what is visible, and keeps the cursor on its pattern.

Rows come in the order they are shown in. While events come in counts change and rows move; the one under
the cursor keeps its line on the screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from cwtui.explain.pattern_table import PatternRow
from cwtui.ui.keys import bindings_for
from cwtui.ui.widgets.cursor_moves import CursorMoves
from cwtui.ui.widgets.pattern_paint import line, look_for, titles


@dataclass(frozen=True, slots=True, eq=False)
class PatternLine:
    """A pattern with what the list draws beside it."""

    row: PatternRow
    counts: NDArray[np.int64]
    share: float
    """Of all events, 0..1."""


class PatternTitles(Widget):
    """The line of column titles above the list."""

    DEFAULT_CSS = """
    PatternTitles { height: 1; color: $faint; }
    """

    def render(self) -> Content:
        # The list keeps a column for its scrollbar.
        return titles(look_for(self.size.width - 1), self.size.width)


class PatternList(CursorMoves, can_focus=True, inherit_bindings=False):
    """Patterns; `show` gives it others."""

    BINDINGS = bindings_for("motion")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"pattern-list--cursor"}
    DEFAULT_CSS = """
    PatternList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & .pattern-list--cursor { background: $selection; color: $foreground; }
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor stands on another pattern, or on none, or its figures changed."""

        line: PatternLine | None

    class Opened(Message):
        """A pattern was chosen with the mouse."""

    def __init__(self, *, zone: tzinfo = UTC, ascii_only: bool = False) -> None:
        super().__init__()
        self.cursor = 0
        self._lines: Sequence[PatternLine] = ()
        self._lit = ""
        self._chosen = False
        """Somebody put the cursor where it is; before that it stands at the top, whatever comes there."""
        self._zone = zone
        self._ascii = ascii_only
        self._strips: dict[tuple[int, int, bool], Strip] = {}

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def current(self) -> PatternLine | None:
        """The pattern under the cursor."""
        return self._lines[self.cursor] if 0 <= self.cursor < len(self._lines) else None

    def show(
        self, lines: Sequence[PatternLine], *, lit: str = "", key: int | None = None, to_top: bool = False
    ) -> None:
        """Shows other patterns, or other figures; the cursor stays on its pattern and its line.

        `lit` stands out in the templates; `key` is the pattern that the cursor shall stand on.
        """
        line_on_screen = self.cursor - self.scroll_offset.y
        before = self.current
        self._lines, self._lit = lines, lit
        self._strips.clear()
        self._chosen = self._chosen or key is not None
        if to_top or not self._chosen:
            self.cursor = line_on_screen = 0
        else:
            place = self._place_of(before, key)
            self.cursor = min(self.cursor, max(0, len(lines) - 1)) if place is None else place
        self.virtual_size = Size(self.size.width, len(lines))
        self.scroll_to(y=max(0, self.cursor - line_on_screen), animate=False, force=True)
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved(self.current))

    def go_to(self, place: int) -> None:
        """Puts the cursor on a row, as near as there is one."""
        place = max(0, min(place, len(self._lines) - 1))
        self._chosen = True
        if place != self.cursor:
            self.refresh_line(self.cursor)
            self.cursor = place
            self.refresh_line(place)
            self.post_message(self.Moved(self.current))
        self._keep_in_sight()

    def places(self) -> Sequence[PatternLine]:
        """The lines in their order."""
        return self._lines

    def _place_of(self, before: PatternLine | None, key: int | None) -> int | None:
        if key is None and before is None:
            return None
        wanted = before.row.key if key is None and before is not None else key
        for place, each in enumerate(self._lines):
            if each.row.key == wanted:
                return place
        if before is None:
            return None
        # Patterns that turned out to say the same have become one, by the key of the earlier.
        alike = (before.row.level, before.row.text)
        return next(
            (place for place, each in enumerate(self._lines) if (each.row.level, each.row.text) == alike),
            None,
        )

    # ------------------------------------------------------------------ drawing

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._lines))
        self._keep_in_sight()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = self.scroll_offset.y + y
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        key = (place, width, place == self.cursor)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(*key)
        return strip

    def _draw(self, place: int, width: int, on_cursor: bool) -> Strip:
        each = self._lines[place]
        look = look_for(width, ascii_only=self._ascii)
        drawn = line(
            each.row, each.counts, each.share, look, self._zone, lit=self._lit, on_cursor=on_cursor
        ).truncate(width, ellipsis=True)
        style = self.visual_style
        if on_cursor:
            style = style + self.get_visual_style("pattern-list--cursor")
        strips = Visual.to_strips(self, drawn, width, 1, style, pad=True)
        return strips[0].crop_extend(0, width, style.rich_style)

    # ------------------------------------------------------------------ moving

    def on_click(self, event: events.Click) -> None:
        place = self.scroll_offset.y + event.y
        if 0 <= place < len(self._lines):
            self.go_to(place)
            if event.chain == 2:
                self.post_message(self.Opened())

    def _keep_in_sight(self) -> None:
        if self.size.height:
            self.scroll_to_region(
                Region(0, self.cursor, 1, 1), animate=False, force=True, x_axis=False, immediate=True
            )
