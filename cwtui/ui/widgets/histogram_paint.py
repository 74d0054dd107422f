"""How a histogram becomes lines of cells: bars, axis and legend. Pure; who chooses bars is `HistogramBar`.

Errors stand at the bottom of a bar, so that a thin red line is never hidden. The plain form, for
terminals with ASCII or without colours, tells the levels by glyphs: `!` errors, `+` warnings, `:` others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style

from cwtui.core.models import Level
from cwtui.core.timespec import human_duration
from cwtui.ui.widgets.histogram_chart import Chart, Frame, Marks
from cwtui.ui.widgets.time_words import DAY_MS, moment_words, range_words, width_words
from cwtui.window.bars import Bars, marks_of

_BLOCKS = " ▁▂▃▄▅▆▇█"
_PARTS = ("error", "warn", "info")
_PLAIN = {"error": "!", "warn": "+"}


class LegendPart(NamedTuple):
    """A piece of the legend; a click on one with a level makes that the floor."""

    text: str
    style: str = "base"
    level: Level | None = None


Styles = Mapping[str, Style]
"""`base`, `muted`, `error`, `warn`, `info`; `cursor` and `chosen` are laid over."""


def paint(y: int, chart: Chart, marks: Marks, frame: Frame, styles: Styles) -> list[Segment]:
    """The line `y` of a histogram; the caller cuts or fills it to the width."""
    axis = frame.rows > 1 and y == frame.rows - 1
    label = _label(y, chart, frame).rjust(frame.left - 1)[: frame.left - 1]
    arrows = _arrows(chart) if axis or frame.rows == 1 else ("", "")
    line = [Segment(label, styles["muted"]), Segment(arrows[0] or " ", styles["base"])]
    line += _axis(chart, marks, frame, styles) if axis else _bars(y, chart, marks, frame, styles)
    line.append(Segment(arrows[1] or " ", styles["base"]))
    line += [Segment(part.text, styles[part.style]) for part in legend(y, chart, marks, frame)]
    return line


def _arrows(chart: Chart) -> tuple[str, str]:
    left, right = ("<", ">") if chart.plain else ("‹", "›")
    before, after = chart.more
    return (left if before else "", right if after else "")


def _label(y: int, chart: Chart, frame: Frame) -> str:
    if frame.rows == 1:
        return moment_words(chart.shown[0], chart.zone, _label_grain(chart))
    if y == 0:
        return short(int(chart.totals.max(initial=0)))
    return "0" if y == frame.bar_rows - 1 else ""


def _label_grain(chart: Chart) -> int:
    return DAY_MS if chart.shown[1] - chart.shown[0] > 2 * DAY_MS else 60_000


# ---------------------------------------------------------------------- bars


def heights(chart: Chart, rows: int) -> NDArray[np.int64]:
    """Per bar the tops, in eighths of a row, of errors, of warnings on them, of the rest on those."""
    counts = chart.counts.counts
    warnings = counts[:, Level.WARN]
    rest = chart.totals - chart.errors - warnings
    scale = rows * 8 / max(1, int(chart.totals.max(initial=1)))
    # What is there at all is seen: at least an eighth, an error at least two.
    parts = [
        np.where(part > 0, np.maximum(np.round(part * scale), least), 0)
        for part, least in ((chart.errors, 2), (warnings, 1), (rest, 1))
    ]
    tops: NDArray[np.int64] = np.minimum(np.cumsum(np.stack(parts, axis=1), axis=1), rows * 8)
    return tops.astype(np.int64)


def _bars(y: int, chart: Chart, marks: Marks, frame: Frame, styles: Styles) -> Iterator[Segment]:
    floor = (frame.bar_rows - 1 - y) * 8
    bottom = floor == 0
    run, run_style = "", styles["base"]
    # A full bar hides what lies under it: a chosen one is brighter as well.
    bright = {**styles, "info": styles["base"]}
    for bar, tops in enumerate(heights(chart, frame.bar_rows).tolist()):
        glyph, style = (_plain_cell if chart.plain else _cell)(
            tops, floor, bright if bar in marks.chosen else styles
        )
        if glyph == " " and bottom and chart.missing[bar]:
            glyph, style = "?" if chart.plain else "·", styles["muted"]
        if bottom and bar in marks.seen:
            style += Style(underline=True)
            glyph = "_" if chart.plain and glyph == " " else glyph
        if bar in marks.chosen:
            style += styles["chosen"]
        elif bar == marks.cursor:
            style += styles["cursor"]
            glyph = "|" if chart.plain and frame.rows == 1 else glyph
        if style != run_style and run:
            yield Segment(run, run_style)
            run = ""
        run, run_style = run + glyph * chart.cells, style
    yield Segment(run, run_style)
    yield Segment(" " * max(0, frame.room - len(chart.totals) * chart.cells), styles["base"])


def _shares(tops: list[int], floor: int) -> list[tuple[str, int]]:
    """The parts of a bar that lie in the row whose lower edge is `floor` eighths up, lowest first."""
    shares = []
    below = floor
    for part, top in zip(_PARTS, tops, strict=True):
        share = min(floor + 8, top) - max(floor, below)
        if share > 0:
            shares.append((part, share))
        below = max(below, top)
    return shares


def _cell(tops: list[int], floor: int, styles: Styles) -> tuple[str, Style]:
    """A cell has two colours at most: what lies lowest, up to its own height, and the rest as ground.

    A cell that the bar does not fill has one: that of errors, which nothing hides, or of most of it.
    """
    shares = _shares(tops, floor)
    if not shares:
        return " ", styles["base"]
    filled = min(8, tops[2] - floor)
    lowest, share = shares[0]
    if filled < 8 or len(shares) == 1:
        most = lowest if lowest == "error" else max(shares, key=lambda item: item[1])[0]
        return _BLOCKS[filled], styles[most]
    ground = max(shares[1:], key=lambda item: item[1])[0]
    return _BLOCKS[share], styles[lowest] + Style(bgcolor=styles[ground].color)


def _plain_cell(tops: list[int], floor: int, styles: Styles) -> tuple[str, Style]:
    shares = _shares(tops, floor)
    if not shares:
        return " ", styles["base"]
    gravest = shares[0][0]
    return _PLAIN.get(gravest) or (":" if tops[2] - floor > 4 else "."), styles[gravest]


# ---------------------------------------------------------------------- axis and legend


def _axis(chart: Chart, marks: Marks, frame: Frame, styles: Styles) -> Iterator[Segment]:
    bars = Bars(chart.counts.start, chart.counts.width_ms, len(chart.totals), chart.cells)
    tick = "'" if chart.plain else "╵"
    line = [" "] * frame.room
    label_cells = 16 if bars.width_ms < 1_000 else 12 if bars.width_ms < 20_000 else 9
    found = marks_of(bars, chart.zone, -(-label_cells // chart.cells))
    grain = min((later.moment - mark.moment for mark, later in pairwise(found)), default=bars.width_ms)
    here = None if marks.cursor is None else marks.cursor * chart.cells + chart.cells // 2
    for mark in found:
        words = moment_words(mark.moment, chart.zone, grain)
        if words == "00:00":
            words = moment_words(mark.moment, chart.zone, DAY_MS)
        column = mark.bar * chart.cells
        if here is not None and column <= here <= column + len(words):
            words = ""
        if column + len(words) < frame.room:
            line[column : column + len(words) + 1] = tick + words
    chosen = range(marks.chosen.start * chart.cells, marks.chosen.stop * chart.cells)
    for column, glyph in enumerate(line):
        if column == here:
            glyph = "^" if chart.plain else "▲"
        style = styles["base" if column == here else "muted"]
        yield Segment(glyph, style + styles["chosen"] if column in chosen else style)


def legend(y: int, chart: Chart, marks: Marks, frame: Frame) -> list[LegendPart]:
    """What stands to the right of the bars in line `y`: of the chosen bars, or of all."""
    if frame.right == 1:
        return []
    width = f"bar {width_words(chart.counts.width_ms)}"
    if frame.rows == 1:
        if marks.chosen:
            return [LegendPart(_chosen_words(chart, marks.chosen), "base")]
        end = moment_words(chart.shown[1], chart.zone, _label_grain(chart))
        peak = f"peak {short(int(chart.totals.max(initial=0)))}"
        whole = f"{end}  {width}  {peak}"
        # A number that is cut is another number: the width of a bar gives way first.
        return [LegendPart(whole if len(whole) <= frame.right else f"{end}  {peak}", "muted")]
    match y - (frame.rows - 3) // 2:
        case 0 if marks.chosen:
            return [LegendPart(f" {_chosen_words(chart, marks.chosen)}")]
        case 0:
            at = chart.counts.start + int(chart.totals.argmax()) * chart.counts.width_ms
            when = moment_words(at, chart.zone, min(60_000, chart.counts.width_ms))
            return [LegendPart(f" peak {short(int(chart.totals.max(initial=0)))} @ {when}", "muted")]
        case 1:
            return list(_levels(chart))
        case 2:
            words = range_words(*_rounded(chart.shown), chart.zone, ascii_only=chart.plain)
            return [LegendPart(f" {words}  {width}", "muted")]
    return []


def _rounded(shown: tuple[int, int]) -> tuple[int, int]:
    """Long stretches are told by the minute, shorter ones by the second; only splinters by the ms."""
    length = shown[1] - shown[0]
    grain = 60_000 if length >= 900_000 else 1_000 if length >= 5_000 else 1
    return (shown[0] // grain * grain, -(-shown[1] // grain) * grain)


def _levels(chart: Chart) -> Iterator[LegendPart]:
    by_level = chart.counts.counts.sum(axis=0)
    for part, word, level, number in (
        ("error", "ERR", Level.ERROR, int(chart.errors.sum())),
        ("warn", "WRN", Level.WARN, int(by_level[Level.WARN])),
        ("info", "other", Level.UNKNOWN, int(by_level[: Level.WARN].sum())),
    ):
        sign = f"{_PLAIN.get(part, ':')}" if chart.plain else ""
        yield LegendPart(f" {sign}{word} ", part, level)
        yield LegendPart(short(number), "base", level)


def _chosen_words(chart: Chart, chosen: range) -> str:
    """`10:09:30 +15 s  412  ERR 12`"""
    start, end = chart.stretch(chosen)
    total, errors = (int(counts[chosen.start : chosen.stop].sum()) for counts in (chart.totals, chart.errors))
    when = moment_words(start, chart.zone, min(chart.counts.width_ms, 60_000))
    told = f"  ERR {short(errors)}" if errors else ""
    # What is chosen ends with the events, which is seldom a round moment.
    length = end - start
    width = human_duration(length) if length > 1_000 and length % 1_000 else width_words(length)
    return f"{when} +{width}  {short(total)}{told}"


def short(count: int) -> str:
    """`412`, `17,381`, `2.3 M`."""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1_000_000:.1f} M"
