"""What a histogram shows, as values: the room, the counts with what lies around them, the marks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Level
from cwtui.window.histogram import Histogram

_LEGEND_CELLS = 34
_SHORT_LEGEND_CELLS = 27
_LABEL_CELLS = 7


class Frame(NamedTuple):
    """The room that there is: labels at the left, bars, the legend at the right."""

    width: int
    rows: int

    @property
    def left(self) -> int:
        return _LABEL_CELLS if self.width >= 60 else 1

    @property
    def right(self) -> int:
        if self.width < 60:
            return 1
        return _LEGEND_CELLS if self.rows >= 3 else _SHORT_LEGEND_CELLS

    @property
    def room(self) -> int:
        """Columns for bars."""
        return max(10, self.width - self.left - self.right)

    @property
    def bar_rows(self) -> int:
        """Rows of bars: where there is more than one row, the last is the axis."""
        return max(1, self.rows - 1)


@dataclass(frozen=True, eq=False)
class Chart:
    """What is drawn, and what lies around it. Stretches are ms UTC `[start, end)`."""

    counts: Histogram
    cells: int
    """Columns of a bar."""
    shown: tuple[int, int]
    """What the bars show, as it was asked for: they may reach further to a round time."""
    within: tuple[int, int]
    """What the filters on time leave of the window."""
    span: tuple[int, int]
    """The whole window."""
    covered: tuple[int, int]
    """The part of the window of which all events are loaded."""
    zone: tzinfo = UTC
    plain: bool = False

    @property
    def more(self) -> tuple[bool, bool]:
        """Whether the window goes on to the left and to the right of what is shown."""
        return (self.span[0] < self.shown[0], self.span[1] > self.shown[1])

    @cached_property
    def totals(self) -> NDArray[np.int64]:
        return self.counts.totals

    @cached_property
    def errors(self) -> NDArray[np.int64]:
        """Errors and worse, one number a bar."""
        errors: NDArray[np.int64] = self.counts.counts[:, Level.ERROR :].sum(axis=1)
        return errors

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Bars of which not everything is loaded."""
        starts = self.counts.start + np.arange(len(self.totals)) * self.counts.width_ms
        first, last = self.covered
        asked = (starts + self.counts.width_ms > self.within[0]) & (starts < self.within[1])
        missing: NDArray[np.bool_] = asked & ((starts < first) | (starts >= last))
        return missing

    @property
    def reach(self) -> tuple[int, int]:
        """From the beginning of the first bar to the end of the last."""
        return (self.counts.start, self.counts.end)

    def bar_of(self, moment: int) -> int:
        """The bar of a moment, or the nearest to one outside."""
        return max(0, min((moment - self.counts.start) // self.counts.width_ms, len(self.totals) - 1))

    def start_of(self, bar: int) -> int:
        """The moment at which a bar begins."""
        return self.counts.start + bar * self.counts.width_ms

    def stretch(self, bars: range) -> tuple[int, int]:
        """The time that some bars show, cut to what is there."""
        start, end = self.start_of(bars.start), self.start_of(bars.stop)
        return (max(start, self.shown[0]), max(min(end, self.shown[1]), self.shown[0] + 1))

    def same_as(self, other: Chart | None) -> bool:
        """Whether both are drawn alike."""
        return (
            other is not None
            and (self.cells, self.zone, self.plain, self.more, self.covered)
            == (other.cells, other.zone, other.plain, other.more, other.covered)
            and (self.counts.start, self.counts.width_ms) == (other.counts.start, other.counts.width_ms)
            and np.array_equal(self.counts.counts, other.counts.counts)
        )


class Marks(NamedTuple):
    """What is marked of the bars, by their numbers."""

    cursor: int | None = None
    """Where the cursor of the list stands."""
    seen: range = range(0)
    """What the list shows of the time."""
    chosen: range = range(0)
