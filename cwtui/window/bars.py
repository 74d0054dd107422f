"""Which bars show a stretch of time: round widths, where they stand, and the moments an axis names.

Pure. Moments are ms UTC, stretches `[start, end)`; what is round is so in the zone that is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import count
from typing import NamedTuple

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_SIXTIETHS = (1, 2, 3, 5, 10, 15, 20, 30)

WIDTHS = (
    *(size * power for power in (1, 10, 100) for size in (1, 2, 5)),
    *(size * unit for unit in (_SECOND, _MINUTE) for size in _SIXTIETHS),
    *(hours * _HOUR for hours in (1, 2, 3, 4, 6, 8, 12)),
    *(size * power * _DAY for power in (1, 10, 100, 1_000) for size in (1, 2, 5)),
)
"""The round widths, ascending: each bar tells a time that people would name."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one width, side by side."""

    start: int
    width_ms: int
    count: int
    cells: int
    """Columns that each bar takes."""

    @property
    def end(self) -> int:
        return self.start + self.width_ms * self.count


class Mark(NamedTuple):
    """A round time that an axis names: in which bar it falls."""

    bar: int
    moment: int


def bars_of(start: int, end: int, room: int, zone: tzinfo = UTC) -> Bars:
    """The finest bars of a round width that show `[start, end)` in `room` columns.

    They stand on round times: while time goes on, or the screen is scrolled, they stay where they are.
    A stretch with few bars has wider ones, not emptier ones.
    """
    offset, room = offset_of(start, zone), max(2, room)
    for width in _widths():
        first = (start + offset) // width * width - offset
        bars = max(1, -(-(end - first) // width))
        if bars <= room:
            return Bars(first, width, bars, room // bars)
    raise AssertionError("widths do not end")


def _widths() -> Iterator[int]:
    yield from WIDTHS
    yield from (WIDTHS[-1] << doubled for doubled in count(1))


def marks_of(bars: Bars, zone: tzinfo, apart: int) -> list[Mark]:
    """Round times at least `apart` bars from each other, each with the bar in which it falls."""
    least = bars.width_ms * max(1, apart)
    step = next((width for width in WIDTHS if width >= least), WIDTHS[-1])
    marks: list[Mark] = []
    for bar in range(bars.count):
        begins = bars.start + bar * bars.width_ms
        # Asked for each bar: the clocks may change within the window.
        moment = begins + (-(begins + offset_of(begins, zone))) % step
        if moment < begins + bars.width_ms and (not marks or bar - marks[-1].bar >= apart):
            marks.append(Mark(bar, moment))
    return marks


def closer(shown: tuple[int, int], at: int) -> tuple[int, int]:
    """The half of a stretch that lies around a moment of it."""
    start, end = shown
    half = max(1, (end - start) // 2)
    first = max(start, min(at - half // 2, end - half))
    return (first, first + half)


def shifted(shown: tuple[int, int], span: tuple[int, int], direction: int) -> tuple[int, int]:
    """A stretch moved by half its length, not past the ends of `span`."""
    length = shown[1] - shown[0]
    start = max(span[0], min(shown[0] + direction * max(1, length // 2), span[1] - length))
    return (start, start + length)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int] | None:
    """What two stretches share, or None."""
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start < end else None


def offset_of(moment: int, zone: tzinfo) -> int:
    """What local time is ahead of UTC at a moment, in ms; 0 where no calendar reaches."""
    if zone is UTC:
        return 0
    try:
        ahead = datetime.fromtimestamp(moment // 1000, tz=zone).utcoffset()
    except (OverflowError, ValueError, OSError):
        return 0
    return round(ahead.total_seconds() * 1000) if ahead is not None else 0
