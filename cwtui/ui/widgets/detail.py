"""One event, whole: where it comes from, its times, and its message, JSON laid out or as it came.

A Line API pane over lines that are made as far as they are read: a line of 1 MB stays fluid. All
text in it is foreign and shown literally.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from cwtui.core.models import LogEvent
from cwtui.core.text import middle
from cwtui.ui.keys import bindings_for
from cwtui.ui.widgets.detail_fields import Field, FieldCursor, fields_on
from cwtui.ui.widgets.detail_layout import LONGEST_PART, body_of, facts_of
from cwtui.ui.widgets.fold import folded
from cwtui.ui.widgets.lighting import Light, light_up
from cwtui.ui.widgets.pretty import Laid
from cwtui.ui.widgets.row_paint import WORDS, clock_text

FIRST_CHARACTERS = 65_536
"""How much of a message is laid out before someone scrolls to its end."""
_PARTS = ("key", "text", "number", "word", "mark")
_LIGHTS = ("match", "term2", "term3", "term4")


class DetailText(ScrollView, can_focus=True):
    """The scrolling text of the pane."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("detail", "motion", "text")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "detail--cursor",
        *(f"detail--{part}" for part in (*_PARTS, *_LIGHTS)),
    }
    DEFAULT_CSS = """
    DetailText {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        padding: 0 1;
        background: $background;
        color: $foreground;
        & .detail--key { color: $match2; }
        & .detail--text { color: $foreground; }
        & .detail--number { color: $match4; }
        & .detail--word { color: $match3; }
        & .detail--mark { color: $foreground 55%; }
        & .detail--match { background: $match1; color: $background; }
        & .detail--term2 { background: $match2; color: $background; }
        & .detail--term3 { background: $match3; color: $background; }
        & .detail--term4 { background: $match4; color: $background; }
        & .detail--cursor { background: $selection 60%; }
        &:focus .detail--cursor { background: $primary 38%; }
    }
    """

    @dataclass
    class CopyAsked(Message):
        """The message, or the whole event as JSON, is to be copied."""

        as_json: bool

    @dataclass
    class FieldChosen(Message):
        """Something is to be done with the field under the cursor."""

        field: Field
        verb: str
        """`include`, `exclude`, `find` or `light`."""

    class CloseAsked(Message):
        """The pane has been read."""

    def __init__(self) -> None:
        super().__init__()
        self._event: LogEvent | None = None
        self._zone: tzinfo = UTC
        self._raw = False
        self._wrap = True
        self._limit = FIRST_CHARACTERS
        self._lines: list[Laid] = []
        self._facts_count = 0
        self._strips: list[Strip] = []
        self._searched: re.Pattern[str] | None = None
        self._terms: tuple[re.Pattern[str], ...] = ()
        self._cursor = FieldCursor()

    def show(self, event: LogEvent | None, zone: tzinfo) -> None:
        """Another event, read from its beginning."""
        if event is self._event and zone is self._zone:
            return
        self._event, self._zone, self._limit = event, zone, FIRST_CHARACTERS
        self._lay_out()
        self._cursor.begin()
        field, height = self._cursor.field, max(1, self.size.height)
        below = field is not None and field.first >= height
        self.scroll_to(y=field.first - height // 2 if field is not None and below else 0, animate=False)

    def light(self, searched: re.Pattern[str] | None, terms: tuple[re.Pattern[str], ...]) -> None:
        """Lights up what is searched for, and the terms that stay lit, in the colours of the list."""
        if (searched, terms) != (self._searched, self._terms):
            self._searched, self._terms = searched, terms
            self._fold()

    # ------------------------------------------------------------------ laying out

    def _lay_out(self) -> None:
        self._lines = list(facts_of(self._event, self._zone)) if self._event is not None else []
        self._facts_count = len(self._lines)
        if self._event is not None:
            self._lines.extend(body_of(self._event.message, raw=self._raw, limit=self._limit))
        self._fold()

    def _fold(self) -> None:
        width = max(1, self.scrollable_content_region.width)
        styles = self._styles() if self._lines else {}
        lights = self._lights() if self._lines else []
        self._strips, heights = [], []
        for line in self._lines:
            strip = Strip([Segment(text, styles[part]) for text, part in line.pieces])
            strip = light_up(strip, lights, LONGEST_PART) if lights else strip
            strips = folded(strip, width) if self._wrap else [strip]
            heights.append(len(strips))
            self._strips.extend(strips)
        self._cursor.fields = fields_on(self._lines, heights, self._facts_count)
        self.virtual_size = Size(width, len(self._strips))
        self.refresh()

    def _lights(self) -> list[Light]:
        styles = [self.get_component_rich_style(f"detail--{name}") for name in _LIGHTS]
        blocks = [Style(color=style.color, bgcolor=style.bgcolor) for style in styles]
        lights: list[Light] = [(self._searched, blocks[0])] if self._searched is not None else []
        # The search has the first colour; terms take the others in turn, then begin again.
        colours = (*blocks[1:], blocks[0])
        lights += [(term, colours[place % len(colours)]) for place, term in enumerate(self._terms)]
        return lights

    def _styles(self) -> dict[str, Style]:
        base = self.rich_style
        return {
            part: Style(
                color=self.get_component_rich_style(f"detail--{part}").color,
                bgcolor=base.bgcolor,
            )
            for part in _PARTS
        }

    def render_line(self, y: int) -> Strip:
        width, line = self.scrollable_content_region.width, self.scroll_offset.y + y
        strip = self._strips[line] if line < len(self._strips) else Strip([])
        field, base = self._cursor.field, self.rich_style
        if field is None or not field.first <= line < field.last:
            return strip.crop_extend(0, width, base)
        under = Style(bgcolor=self.get_component_rich_style("detail--cursor").bgcolor)
        lit = Strip([Segment(text, (style or base) + under) for text, style, _ in strip])
        return lit.crop_extend(0, width, base + under)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._fold()

    def on_resize(self) -> None:
        self._fold()

    # ------------------------------------------------------------------ actions

    def action_raw(self) -> None:
        self._raw = not self._raw
        self._lay_out()

    def action_wrap(self) -> None:
        self._wrap = not self._wrap
        self._fold()

    def action_copy(self) -> None:
        self.post_message(self.CopyAsked(as_json=False))

    def action_copy_json(self) -> None:
        self.post_message(self.CopyAsked(as_json=True))

    def action_include(self) -> None:
        self._choose("include")

    def action_exclude(self) -> None:
        self._choose("exclude")

    def action_find_value(self) -> None:
        self._choose("find")

    def action_light_value(self) -> None:
        self._choose("light")

    def _choose(self, verb: str) -> None:
        if (field := self._cursor.field) is not None:
            self.post_message(self.FieldChosen(field, verb))

    def on_click(self, event: events.Click) -> None:
        if self._cursor.at(self.scroll_offset.y + event.y):
            self.refresh()

    def action_close(self) -> None:
        self.post_message(self.CloseAsked())

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_cursor_up(self) -> None:
        self._step(-1)

    def _step(self, direction: int) -> None:
        """To the next field, or a line on where the next is not in sight yet."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if not self._cursor.step(direction, top, height):
            self.scroll_relative(y=direction, animate=False)
            return
        field = self._cursor.field
        if field is not None and not top <= field.first < top + height:
            self.scroll_relative(y=direction, animate=False)
        self.refresh()

    def action_first(self) -> None:
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        if self._event is not None and len(self._event.message) > self._limit:
            self._limit *= 8
            self._lay_out()
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def action_page_down(self) -> None:
        self.scroll_relative(y=self.size.height, animate=False)

    def action_page_up(self) -> None:
        self.scroll_relative(y=-self.size.height, animate=False)

    def action_half_page_down(self) -> None:
        self.scroll_relative(y=max(1, self.size.height // 2), animate=False)

    def action_half_page_up(self) -> None:
        self.scroll_relative(y=-max(1, self.size.height // 2), animate=False)


class DetailPane(Vertical):
    """A title line and the event."""

    DEFAULT_CSS = """
    DetailPane {
        height: 10;
        background: $background;
        & > #detail-title { height: 1; background: $surface; color: $foreground 70%; padding: 0 1; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="detail-title", markup=False)
        yield DetailText()

    @property
    def text(self) -> DetailText:
        """What takes the focus and the keys."""
        return self.query_one(DetailText)

    def show(self, event: LogEvent | None, zone: tzinfo) -> None:
        """Another event, or none."""
        self.text.show(event, zone)
        title = self.query_one("#detail-title", Static)
        if event is None:
            title.update(Content("DETAIL"), layout=False)
            return
        width = max(20, self.size.width - 2)
        name = middle(event.stream, max(8, width - 40))
        left = Content.assemble(
            ("DETAIL ", "bold"), f" {WORDS[event.level]} ", f" {clock_text(event.timestamp, zone)}  ", name
        )
        right = "+ - filter  Enter find  p raw  d close" if width >= 90 else "d close  p raw"
        gap = width - left.cell_length - len(right)
        title.update(Content.assemble(left, " " * gap, right) if gap > 1 else left, layout=False)
