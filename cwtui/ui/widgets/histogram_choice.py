"""Which bars of a histogram are chosen, and which part of the window it looks at. No screen, no events.

What is chosen is kept as moments (ms UTC) rather than as bars: it outlives other bars.
"""

from __future__ import annotations

import numpy as np

from cwtui.ui.widgets.histogram_chart import Chart
from cwtui.window.bars import closer, shifted

_LEAST_MS = 4
"""No less is looked at: bars of one ms go no closer."""


class BarChoice:
    """One bar or a stretch of bars, from where it was begun (`anchor`) to where it was led (`at`)."""

    def __init__(self) -> None:
        self.chart: Chart | None = None
        self.cursor: int | None = None
        """The moment at which the list's cursor stands."""
        self.at: int | None = None
        self.anchor: int | None = None
        self.lenses: list[tuple[int, int]] = []
        """The parts looked at, each closer than the one before; none: all that the filters leave."""

    @property
    def bars(self) -> range:
        """The chosen bars; empty when none is."""
        if self.at is None or self.chart is None:
            return range(0)
        ends = sorted(
            self.chart.bar_of(self.at if moment is None else moment) for moment in (self.at, self.anchor)
        )
        return range(ends[0], ends[1] + 1)

    @property
    def stretch(self) -> tuple[int, int] | None:
        """The time that the chosen bars show."""
        return self.chart.stretch(self.bars) if self.chart is not None and self.bars else None

    @property
    def place(self) -> int:
        """The chosen moment, or where the list's cursor is."""
        return self.at if self.at is not None else self.cursor or 0

    def begin(self) -> None:
        """Chooses the bar of the list's cursor, where none is chosen."""
        if self.at is None and self.chart is not None:
            self.choose(self.chart.bar_of(self.place))

    def clear(self) -> None:
        self.at = self.anchor = None

    def choose(self, bar: int, *, extend: bool = False) -> None:
        """Chooses the nearest bar to a number, or all from where the choice was begun to there."""
        if self.chart is None:
            return
        if not extend:
            self.anchor = None
        elif self.anchor is None:
            self.anchor = self.place
        self.at = self.chart.start_of(max(0, min(bar, len(self.chart.totals) - 1)))

    def step(self, step: int, *, extend: bool) -> bool:
        """Chooses a bar beside; at the edge of a closer look, looks on: True where that changed the lens."""
        chart = self.chart
        if chart is None:
            return False
        here = chart.bar_of(self.place)
        if self.lenses and not 0 <= here + step < len(chart.totals):
            aside = shifted(self.lenses[-1], chart.within, step)
            if aside != self.lenses[-1]:
                self.lenses[-1] = aside
                self.anchor, self.at = None, self.place + step * chart.counts.width_ms
                return True
        self.choose(here + step, extend=extend)
        return False

    def step_error(self, step: int) -> bool:
        """Chooses the next bar with errors; False where there is none."""
        if self.chart is None:
            return False
        bars, here = np.flatnonzero(self.chart.errors), self.chart.bar_of(self.place)
        further = bars[bars > here] if step > 0 else bars[bars < here][::-1]
        if len(further):
            self.choose(int(further[0]))
        return len(further) > 0

    def zoom_in(self) -> bool:
        """Looks at the chosen stretch, or at the half around a chosen bar; False where it is close enough."""
        chart = self.chart
        if chart is None or (target := self.stretch) is None:
            return False
        if len(self.bars) == 1:
            target = closer(chart.shown, self.place)
        if target[1] - target[0] < _LEAST_MS or target == chart.shown:
            return False
        self.lenses.append(target)
        self.anchor = None
        return True
