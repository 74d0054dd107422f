"""Events over time, split by level: one, three or five rows over the list, counting the whole window.

Errors stand at the bottom of a bar, so that a thin red line is never hidden; the column of the
list's cursor is lit. A click or Enter on a bar goes there; a range of bars can be loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cwtui.core.models import Level
from cwtui.core.timespec import human_duration
from cwtui.ui.keys import bindings_for
from cwtui.ui.widgets.row_paint import RowLook, clock_text
from cwtui.window.histogram import Histogram

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII = " .::-==##"
_PARTS = ("error", "warn", "info")
_LEGEND_CELLS = 34
_SHORT_LEGEND_CELLS = 28
_LABEL_CELLS = 7
_DAY_MS = 86_400_000
_YEAR_MS = 365 * _DAY_MS


_STEPS = ((1_000, 50), (10_000, 500), (60_000, 2_000), (600_000, 10_000), (3_600_000, 60_000))


def bars_of(start: int, end: int, room: int) -> tuple[int, int, int]:
    """The start, the width of a bar and the number of bars that show `[start, end)` in so many cells.

    Bars have round widths and stand on multiples of them: while time goes on they stay where they are.
    """
    least = max(1, -(-(end - start) // room))
    while True:
        step = next((size for limit, size in _STEPS if least <= limit), 600_000)
        width = -(-least // step) * step if least > 50 else least
        first = start // width * width
        count = -(-(end - first) // width)
        if count <= room:
            return first, width, max(1, count)
        least = width + 1


class HistogramBar(Widget, can_focus=True):
    """Counts by time and level."""

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
        """A moment, in ms UTC, was chosen."""

        timestamp: int

    @dataclass
    class RangeChosen(Message):
        """A stretch of time, ms `[start, end)`, was chosen to be loaded alone."""

        start: int
        end: int

    class Left(Message):
        """The focus wants to go back to the events."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._histogram: Histogram | None = None
        self._look = RowLook()
        self._lit: int | None = None
        self._chosen: int | None = None
        self._chosen_from: int | None = None
        self._styles: dict[str, Style] | None = None

    @property
    def buckets(self) -> int:
        """How many bars fit."""
        return max(10, self.size.width - self._left - self._right)

    def show(self, histogram: Histogram, look: RowLook) -> None:
        """Draws other counts; `look` gives the zone and whether to keep to ASCII."""
        old = self._histogram
        same = (
            old is not None
            and (old.start, old.width_ms) == (histogram.start, histogram.width_ms)
            and np.array_equal(old.counts, histogram.counts)
        )
        if not same or look.zone is not self._look.zone or look.ascii_only != self._look.ascii_only:
            self.refresh()
        self._histogram, self._look = histogram, look

    def mark(self, timestamp: int | None) -> None:
        """Lights the column of the list's cursor."""
        counts = self._histogram
        bucket = counts.bucket_of(timestamp) if counts is not None and timestamp is not None else None
        if bucket != self._lit:
            for column in (self._lit, bucket):
                if column is not None:
                    self.refresh(Region(self._left + column, 0, 1, self.size.height))
            self._lit = bucket

    # ------------------------------------------------------------------ choosing

    def action_next_bucket(self) -> None:
        self._choose(1, extend=False)

    def action_previous_bucket(self) -> None:
        self._choose(-1, extend=False)

    def action_extend_right(self) -> None:
        self._choose(1, extend=True)

    def action_extend_left(self) -> None:
        self._choose(-1, extend=True)

    def action_apply(self) -> None:
        counts, chosen = self._histogram, self._chosen_range
        if counts is None or chosen is None:
            return
        start = counts.start + chosen[0] * counts.width_ms
        if chosen[0] == chosen[1]:
            self.post_message(self.Jumped(start))
        else:
            self.post_message(self.RangeChosen(start, counts.start + (chosen[1] + 1) * counts.width_ms))

    def action_leave(self) -> None:
        self.post_message(self.Left())

    @property
    def _chosen_range(self) -> tuple[int, int] | None:
        if self._chosen is None:
            return None
        other = self._chosen if self._chosen_from is None else self._chosen_from
        return (min(self._chosen, other), max(self._chosen, other))

    def _choose(self, step: int, *, extend: bool) -> None:
        if self._histogram is None:
            return
        now = self._chosen if self._chosen is not None else self._lit or 0
        if not extend:
            self._chosen_from = None
        elif self._chosen_from is None:
            self._chosen_from = now
        self._chosen = max(0, min(now + step, len(self._histogram.counts) - 1))
        self.refresh()

    def on_focus(self) -> None:
        self._chosen = self._lit if self._lit is not None else 0
        self._chosen_from = None
        self.refresh()

    def on_blur(self) -> None:
        self._chosen = self._chosen_from = None
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        counts = self._histogram
        if counts is not None and 0 <= (bucket := event.x - self._left) < len(counts.counts):
            self.post_message(self.Jumped(counts.start + bucket * counts.width_ms))

    # ------------------------------------------------------------------ painting

    @property
    def _left(self) -> int:
        return _LABEL_CELLS if self.size.width >= 60 else 1

    @property
    def _right(self) -> int:
        if self.size.width < 60:
            return 1
        return _LEGEND_CELLS if self.size.height >= 3 else _SHORT_LEGEND_CELLS

    def render_line(self, y: int) -> Strip:
        styles = self._colours
        base = styles["base"]
        if self._histogram is None:
            return Strip.blank(self.size.width, base)
        rows = max(1, self.size.height)
        heights = self._heights(rows)
        segments = [
            Segment(self._label(y, rows).rjust(self._left - 1)[: self._left - 1] + " ", styles["muted"])
        ]
        blocks = _ASCII if self._look.ascii_only else _BLOCKS
        floor = (rows - 1 - y) * 8
        run, run_style = "", base
        chosen = self._chosen_range
        for column in range(len(heights)):
            glyph, style = _cell(heights[column], floor, blocks, styles)
            if chosen is not None and chosen[0] <= column <= chosen[1]:
                style = style + styles["chosen"]
            elif column == self._lit:
                style = style + styles["cursor"]
            if style != run_style and run:
                segments.append(Segment(run, run_style))
                run = ""
            run, run_style = run + glyph, style
        segments.append(Segment(run, run_style))
        segments.append(Segment(" " * max(0, self.buckets - len(heights)), base))
        segments.extend(self._legend(y, rows, styles))
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _heights(self, rows: int) -> NDArray[np.int64]:
        """Per bucket the tops, in eighths of a row, of errors, of warnings on them, of the rest on those."""
        assert self._histogram is not None
        counts = self._histogram.counts
        errors = counts[:, Level.ERROR :].sum(axis=1)
        warnings = counts[:, Level.WARN]
        rest = counts.sum(axis=1) - errors - warnings
        peak = max(1, int(counts.sum(axis=1).max(initial=1)))
        scale = rows * 8 / peak
        # What is there at all is seen: at least an eighth, an error at least two.
        parts = [
            np.where(part > 0, np.maximum(np.round(part * scale), least), 0)
            for part, least in ((errors, 2), (warnings, 1), (rest, 1))
        ]
        tops: NDArray[np.int64] = np.minimum(np.cumsum(np.stack(parts, axis=1), axis=1), rows * 8)
        return tops.astype(np.int64)

    def _label(self, y: int, rows: int) -> str:
        assert self._histogram is not None
        if rows == 1:
            return self._time(self._histogram.start)
        if y == 0:
            return _short(int(self._histogram.totals.max(initial=0)))
        return "0" if y == rows - 1 else ""

    def _legend(self, y: int, rows: int, styles: dict[str, Style]) -> list[Segment]:
        counts = self._histogram
        assert counts is not None
        muted = styles["muted"]
        if self._right == 1:
            return []
        totals = counts.totals
        peak_at = counts.start + int(totals.argmax()) * counts.width_ms if len(totals) else counts.start
        peak = f"peak {_short(int(totals.max(initial=0)))} @ {self._time(peak_at)}"
        if rows == 1:
            return [Segment(f" {self._time(counts.end)}  {peak}", muted)]
        by_level = counts.counts.sum(axis=0)
        line = y - (rows - 3) // 2
        if line == 0:
            return [Segment(f"  {peak}", muted)]
        if line == 1:
            numbers = (
                ("error", "ERR", int(by_level[Level.ERROR :].sum())),
                ("warn", "WRN", int(by_level[Level.WARN])),
                ("info", "other", int(by_level[: Level.WARN].sum())),
            )
            return [
                segment
                for part, word, number in numbers
                for segment in (Segment(f"  {word} ", styles[part]), Segment(_short(number), styles["base"]))
            ]
        if line == 2:
            span = f"{self._time(counts.start)}–{self._time(counts.end)}"
            if self._look.ascii_only:
                span = span.replace("–", "-")
            return [Segment(f"  {span}  bar {human_duration(counts.width_ms)}", muted)]
        return []

    def _time(self, timestamp: int) -> str:
        assert self._histogram is not None
        span = self._histogram.end - self._histogram.start
        if span > 2 * _DAY_MS:
            date = clock_text(timestamp, self._look.zone, date=True)
            return date[:4] if span > 3 * _YEAR_MS else date[5:10]
        return clock_text(timestamp, self._look.zone, short=True)[:5]

    @property
    def _colours(self) -> dict[str, Style]:
        if self._styles is None:
            base = Style(color=self.rich_style.color, bgcolor=self.rich_style.bgcolor)
            self._styles = {"base": base}
            for part in (*_PARTS, "muted"):
                colour = self.get_component_rich_style(f"histogram--{part}").color
                self._styles[part] = base + Style(color=colour)
            for part in ("cursor", "chosen"):
                colour = self.get_component_rich_style(f"histogram--{part}").bgcolor
                self._styles[part] = Style(bgcolor=colour)
        return self._styles

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = None


def _cell(tops: NDArray[np.int64], floor: int, blocks: str, styles: dict[str, Style]) -> tuple[str, Style]:
    """The glyph of a bar in the row whose lower edge is `floor` eighths up.

    A cell has two colours at most: what lies lowest, up to its own height, and the rest as ground; a
    cell that the bar does not fill has one, that of the gravest thing in it.
    """
    filled = max(0, min(8, int(tops[2]) - floor))
    if not filled:
        return " ", styles["base"]
    inside = []
    below = floor
    for part, top in zip(_PARTS, tops.tolist(), strict=True):
        share = min(floor + 8, top) - max(floor, below)
        if share > 0:
            inside.append((part, share))
        below = max(below, top)
    lowest, share = inside[0]
    if filled < 8 or len(inside) == 1 or blocks is _ASCII:
        return blocks[filled], styles[lowest]
    ground = max(inside[1:], key=lambda item: item[1])[0]
    return blocks[share], styles[lowest] + Style(bgcolor=styles[ground].color)


def _short(count: int) -> str:
    """`412`, `17,381`, `2.3 M`."""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1_000_000:.1f} M"
