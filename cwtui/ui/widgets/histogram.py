"""Events over time, split by level: one, three or five rows over the list, and the choosing of bars.

The keys and the mouse choose bars; Enter, a double click or a drag narrows the list to them. `z` only
looks closer, at the part of the window around them, and lasts while the histogram has the focus. How it
is drawn is `histogram_paint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cwtui.core.models import Level
from cwtui.ui.keys import bindings_for
from cwtui.ui.widgets.histogram_chart import Chart, Frame, Marks
from cwtui.ui.widgets.histogram_choice import BarChoice
from cwtui.ui.widgets.histogram_paint import legend, paint
from cwtui.window.bars import overlap


class HistogramBar(Widget, can_focus=True):
    """Counts by time and level. Moments are ms UTC."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("histogram")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "histogram--error",
        "histogram--warn",
        "histogram--info",
        "histogram--muted",
        "histogram--cursor",
        "histogram--chosen",
    }
    DEFAULT_CSS = """
    HistogramBar {
        height: 3;
        background: $background;
        color: $foreground;
        & .histogram--error { color: $level-error; }
        & .histogram--warn { color: $level-warn; }
        & .histogram--info { color: $level-info 70%; }
        & .histogram--muted { color: $foreground 50%; }
        & .histogram--cursor { background: $selection; }
        & .histogram--chosen { background: $primary 40%; }
    }
    """

    @dataclass
    class Jumped(Message):
        """A moment was chosen to go to; `stay` keeps the focus here."""

        timestamp: int
        stay: bool

    @dataclass
    class RangeChosen(Message):
        """The stretch `[start, end)` was chosen: only its events are wanted."""

        start: int
        end: int

    @dataclass
    class LevelChosen(Message):
        """A count of the legend was clicked: that level and graver ones are wanted."""

        level: Level

    class ZoomedOut(Message):
        """More of the window is wanted than the filters leave."""

    class Looked(Message):
        """Another part of the window is looked at: `lens` changed."""

    @dataclass
    class Refused(Message):
        """What was asked for cannot be done; a sentence."""

        why: str

    class Left(Message):
        """The focus wants to go back to the events."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._choice = BarChoice()
        self._seen: tuple[int, int] | None = None
        self._pressed_at: int | None = None
        self._styles: dict[str, Style] | None = None

    # ------------------------------------------------------------------ what is shown

    @property
    def frame(self) -> Frame:
        return Frame(self.size.width, self.size.height)

    @property
    def lens(self) -> tuple[int, int] | None:
        """The part of the window looked at; None for all that the filters leave."""
        return self._choice.lenses[-1] if self._choice.lenses else None

    def forget_lens(self) -> None:
        """Looks at all that the filters leave."""
        self._choice.lenses.clear()

    def show(self, chart: Chart) -> None:
        """Draws other counts; nothing is repainted where nothing changed."""
        if not chart.same_as(self._choice.chart):
            self.refresh()
        self._choice.chart = chart

    def clear(self) -> None:
        """Draws no counts: there is no time to show."""
        if self._choice.chart is not None:
            self._choice.chart = None
            self.refresh()

    def mark(self, cursor: int | None, seen: tuple[int, int] | None) -> None:
        """Marks the place of the list's cursor, and what the list shows: its first and last moment."""
        before = self._marks
        self._choice.cursor, self._seen = cursor, seen
        after = self._marks
        changed = set(before.seen) ^ set(after.seen)
        if before.cursor != after.cursor:
            changed |= {bar for bar in (before.cursor, after.cursor) if bar is not None}
        self._refresh_bars(sorted(changed))

    def _refresh_bars(self, bars: list[int]) -> None:
        if bars and self._choice.chart is not None:
            cells = self._choice.chart.cells
            left = self.frame.left + bars[0] * cells
            self.refresh(Region(left, 0, (bars[-1] - bars[0] + 1) * cells, self.size.height))

    @property
    def _marks(self) -> Marks:
        chart, cursor = self._choice.chart, self._choice.cursor
        if chart is None:
            return Marks()
        seen = range(0)
        if self._seen is not None and overlap((self._seen[0], self._seen[1] + 1), chart.reach):
            seen = range(chart.bar_of(self._seen[0]), chart.bar_of(self._seen[1]) + 1)
        at = chart.counts.bucket_of(cursor) if cursor is not None else None
        return Marks(at, seen, self._choice.bars)

    # ------------------------------------------------------------------ keys

    def action_next_bucket(self) -> None:
        self._step(1, extend=False)

    def action_previous_bucket(self) -> None:
        self._step(-1, extend=False)

    def action_extend_right(self) -> None:
        self._step(1, extend=True)

    def action_extend_left(self) -> None:
        self._step(-1, extend=True)

    def _step(self, step: int, *, extend: bool) -> None:
        if self._choice.step(step, extend=extend):
            self.post_message(self.Looked())
        self.refresh()

    def action_first_bucket(self) -> None:
        self._choice.choose(0)
        self.refresh()

    def action_last_bucket(self) -> None:
        self._choice.choose(self.size.width)
        self.refresh()

    def action_next_error_bucket(self) -> None:
        self._step_error(1)

    def action_previous_error_bucket(self) -> None:
        self._step_error(-1)

    def _step_error(self, step: int) -> None:
        if not self._choice.step_error(step):
            side = "right" if step > 0 else "left"
            self.post_message(self.Refused(f"No errors further {side} in what the histogram shows."))
        self.refresh()

    def action_apply(self) -> None:
        if (stretch := self._choice.stretch) is not None:
            self.post_message(self.RangeChosen(*stretch))

    def action_go(self) -> None:
        self._go(stay=False)

    def _go(self, *, stay: bool) -> None:
        if (stretch := self._choice.stretch) is not None:
            self.post_message(self.Jumped(stretch[0], stay))

    def action_zoom_in(self) -> None:
        if self._choice.zoom_in():
            self.post_message(self.Looked())
        else:
            self.post_message(self.Refused("Closer than this there is nothing to see."))

    def action_zoom_out(self) -> None:
        if self._choice.lenses:
            self._choice.lenses.pop()
            self.post_message(self.Looked())
        else:
            self.post_message(self.ZoomedOut())

    def action_leave(self) -> None:
        self.post_message(self.Left())

    # ------------------------------------------------------------------ focus and mouse

    def on_focus(self) -> None:
        self._choice.begin()
        self.refresh()

    def on_blur(self) -> None:
        self._choice.clear()
        if self._choice.lenses:
            self.forget_lens()
            self.post_message(self.Looked())
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if (bar := self._bar_at(event.x)) is not None:
            self.capture_mouse()
            self._pressed_at = bar
            self._choice.choose(bar)
            self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        chart = self._choice.chart
        if self._pressed_at is not None and chart is not None:
            self._choice.choose(self._pressed_at)
            self._choice.choose((event.x - self.frame.left) // chart.cells, extend=True)
            self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._pressed_at is not None:
            self._pressed_at = None
            self.release_mouse()
            if len(self._choice.bars) > 1:
                self.action_apply()
            else:
                self._go(stay=True)

    def on_click(self, event: events.Click) -> None:
        if (level := self._level_at(event.x, event.y)) is not None:
            self.post_message(self.LevelChosen(level))
        elif event.chain == 2 and self._bar_at(event.x) is not None:
            self.action_apply()

    def _bar_at(self, x: int) -> int | None:
        chart = self._choice.chart
        if chart is None:
            return None
        bar = (x - self.frame.left) // chart.cells
        return bar if 0 <= bar < len(chart.totals) else None

    def _level_at(self, x: int, y: int) -> Level | None:
        if self._choice.chart is None:
            return None
        column = self.frame.left + self.frame.room + 1
        for part in legend(y, self._choice.chart, self._marks, self.frame):
            if column <= x < column + len(part.text):
                return part.level
            column += len(part.text)
        return None

    # ------------------------------------------------------------------ painting

    def render_line(self, y: int) -> Strip:
        styles = self._colours
        if self._choice.chart is None:
            return Strip.blank(self.size.width, styles["base"])
        line = paint(y, self._choice.chart, self._marks, self.frame, styles)
        return Strip(line).adjust_cell_length(self.size.width, styles["base"])

    @property
    def _colours(self) -> dict[str, Style]:
        if self._styles is None:
            base = Style(color=self.rich_style.color, bgcolor=self.rich_style.bgcolor)
            self._styles = {"base": base}
            for part in ("error", "warn", "info", "muted"):
                colour = self.get_component_rich_style(f"histogram--{part}").color
                self._styles[part] = base + Style(color=colour)
            for part in ("cursor", "chosen"):
                colour = self.get_component_rich_style(f"histogram--{part}").bgcolor
                self._styles[part] = Style(bgcolor=colour)
            if self._choice.chart is not None and self._choice.chart.plain:
                self._styles["chosen"] = Style(reverse=True)
        return self._styles

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = None
