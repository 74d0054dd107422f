"""How a pattern becomes cells: its columns, its template with dim slots, its events over time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from textual.content import Content

from cwtui.core.models import Level
from cwtui.core.text import printable
from cwtui.explain.masks import WILDCARD
from cwtui.explain.pattern_table import PatternRow, resampled
from cwtui.ui.widgets.row_paint import clock_text

GUTTER = 2
_BLOCKS = " ▁▂▃▄▅▆▇█"
_PLAIN = " .:-=+*#@"
_DAY_MS = 86_400_000
_LEVEL_STYLES = {
    Level.FATAL: "$level-fatal",
    Level.ERROR: "$level-error",
    Level.WARN: "$level-warn",
    Level.INFO: "$level-info",
    Level.DEBUG: "$level-debug",
    Level.TRACE: "$level-trace",
}


@dataclass(frozen=True, slots=True)
class PatternLook:
    """Which columns there is room for, and how they are drawn."""

    spark: int = 12
    """Cells of the counts over time; 0 for none."""
    share: bool = True
    level: int = 5
    """Cells of the level: its name, or its letter."""
    times: bool = False
    ascii_only: bool = False


def look_for(width: int, *, ascii_only: bool = False) -> PatternLook:
    """The columns of a list of that width: the template keeps most of it."""
    if width >= 150:
        return PatternLook(40, times=True, ascii_only=ascii_only)
    if width >= 100:
        return PatternLook(24, times=True, ascii_only=ascii_only)
    if width >= 70:
        return PatternLook(12, ascii_only=ascii_only)
    if width >= 48:
        return PatternLook(8, share=False, level=1, ascii_only=ascii_only)
    return PatternLook(0, share=False, level=1, ascii_only=ascii_only)


def titles(look: PatternLook, width: int) -> Content:
    """The line above the list."""
    cells = [f"{'COUNT':>7}"]
    if look.share:
        cells.append(f"{'SHARE':>6}")
    cells.append("LEVEL" if look.level > 1 else "L")
    if look.spark:
        cells.append(("OVER TIME" if look.spark > 8 else "TIME").ljust(look.spark))
    if look.times:
        cells += ["FIRST".ljust(8), "LAST".ljust(8)]
    return Content(" " * GUTTER + "  ".join([*cells, "WHAT IT SAYS"])).truncate(width)


def line(
    row: PatternRow,
    counts: NDArray[np.int64],
    share: float,
    look: PatternLook,
    zone: tzinfo,
    *,
    lit: str = "",
    on_cursor: bool = False,
) -> Content:
    """One pattern in one line, not cut to a width. `lit` is what the list is narrowed by."""
    tone = level_style(row.level)
    cursor = (">" if look.ascii_only else "▌") if on_cursor else " "
    parts: list[Content | str | tuple[str, str]] = [
        (cursor, "$accent"),
        " ",
        (f"{short_count(row.count):>7}", "bold" if on_cursor else "$foreground"),
    ]
    if look.share:
        parts.append((f"  {share_words(share):>6}", "$muted"))
    parts.append(("  " + level_word(row.level)[: look.level].ljust(look.level), tone))
    if look.spark:
        parts += ["  ", (spark(counts, look.spark, ascii_only=look.ascii_only), spark_style(row.level))]
    if look.times:
        parts.append((f"  {time_word(row.first, zone)}  {time_word(row.last, zone)}", "$muted"))
    parts += ["  ", template(row.text, lit)]
    return Content.assemble(*parts)


def template(text: str, lit: str = "") -> Content:
    """A template with its slots dim; what it is narrowed by stands out."""
    shown = str(printable(text))
    content = Content(shown)
    start = shown.find(WILDCARD)
    while start >= 0:
        content = content.stylize("$faint", start, start + len(WILDCARD))
        start = shown.find(WILDCARD, start + len(WILDCARD))
    for word in lit.lower().split():
        lowered = shown.lower()
        at = lowered.find(word) if len(lowered) == len(shown) else -1
        while at >= 0:
            content = content.stylize("bold $match1", at, at + len(word))
            at = lowered.find(word, at + len(word))
    return content


def spark(counts: NDArray[np.int64], cells: int, *, ascii_only: bool = False) -> str:
    """Counts over time in one line; what is there at all is seen. It keeps clear of the line above."""
    return chart(counts, cells, 1, ascii_only=ascii_only, eighths=7)[0]


def chart(
    counts: NDArray[np.int64], cells: int, rows: int, *, ascii_only: bool = False, eighths: int = 0
) -> list[str]:
    """Counts over time as bars, so many lines high; the highest fills them, or so many eighths of a line."""
    parts = resampled(counts, min(cells, len(counts)))
    wide = np.repeat(parts, -(-cells // len(parts)))[:cells] if len(parts) < cells else parts
    glyphs = _PLAIN if ascii_only else _BLOCKS
    tops = np.ceil(wide / max(1, int(wide.max(initial=0))) * (eighths or rows * 8)).astype(np.int64)
    return [
        "".join(glyphs[min(8, max(0, int(top) - floor * 8))] for top in tops)
        for floor in range(rows - 1, -1, -1)
    ]


def slot_names(text: str) -> list[str]:
    """How each slot of a template is called: what it is the value of, or the word before it."""
    names: list[str] = []
    before = ""
    for token in text.split(" "):
        pieces = token.split(WILDCARD)
        for place in range(len(pieces) - 1):
            key = pieces[place].strip("\"'([{<,;=: ")
            names.append(key or before)
        if len(pieces) == 1:
            before = token.strip("\"'([{<>)]},;=: ")
        elif pieces[-1].strip(",.;:)]}\"'"):
            before = pieces[-1].strip("\"'([{<>)]},;=: ")
        else:
            before = ""
    return names


def level_style(level: Level) -> str:
    return _LEVEL_STYLES.get(level, "$muted")


def spark_style(level: Level) -> str:
    """Quiet where nothing is wrong: there is much of it."""
    tone = level_style(level)
    return tone if level >= Level.WARN else f"{tone} 60%"


def level_word(level: Level) -> str:
    return "-" if level is Level.UNKNOWN else level.name


def short_count(count: int) -> str:
    """At most seven cells: `1,204`, `999,999`, `1.20M`."""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1_000_000:.2f}M"


def share_words(share: float) -> str:
    """`12.4%`, and `<0.1%` for what is there at all."""
    return "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"


def time_word(moment: int, zone: tzinfo) -> str:
    return clock_text(moment, zone, short=True)


def moment_words(first: int, last: int, zone: tzinfo) -> tuple[str, str]:
    """Two moments, with their days where those differ."""
    date = first // _DAY_MS != last // _DAY_MS
    return (
        clock_text(first, zone, date=date, short=True),
        clock_text(last, zone, date=date, short=True),
    )


def fitted(text: str, cells: int) -> str:
    """Text padded to so many cells."""
    return text + " " * max(0, cells - cell_len(text))
