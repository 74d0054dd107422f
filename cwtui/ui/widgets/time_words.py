"""Stretches of time as a histogram and its chip name them. Pure."""

from __future__ import annotations

from datetime import tzinfo

from cwtui.ui.widgets.row_paint import clock_text

_MINUTE = 60_000
DAY_MS = 86_400_000
_UNITS = (("d", DAY_MS), ("h", 3_600_000), ("min", _MINUTE), ("s", 1_000), ("ms", 1))


def width_words(milliseconds: int) -> str:
    """`15 s`, `2 min`, `500 ms`: a round width in the unit that it is a multiple of."""
    unit, size = next((unit, size) for unit, size in _UNITS if milliseconds % size == 0)
    return f"{milliseconds // size} {unit}"


def moment_words(moment: int, zone: tzinfo, grain_ms: int) -> str:
    """A moment as exactly as its grain asks for: `11-22`, `10:09`, `10:09:30`, `10:09:30.250`."""
    if grain_ms % DAY_MS == 0:
        return clock_text(moment, zone, date=True)[5:10]
    if grain_ms % _MINUTE == 0:
        return clock_text(moment, zone, short=True)[:5]
    return clock_text(moment, zone, short=grain_ms % 1_000 == 0)


def range_words(start: int, end: int, zone: tzinfo, *, ascii_only: bool = False) -> str:
    """`10:00–10:15`, `10:09:38–10:10:02`, with the days where it is longer than one."""
    grain = next(size for size in (_MINUTE, 1_000, 1) if start % size == 0 and end % size == 0)
    words = []
    for moment in (start, end):
        date = f"{clock_text(moment, zone, date=True)[5:10]} " if end - start > DAY_MS else ""
        words.append(date + moment_words(moment, zone, grain))
    return ("-" if ascii_only else "–").join(words)
