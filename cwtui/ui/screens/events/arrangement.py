"""What the events view shows at which size: pure, from knowledge/viewers.md 6.4."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_EVENTS = 72
"""Columns that the list keeps beside a side pane; else the pane lies over it."""
NAVIGATION = 32
WRAPPED_LINES = 40
"""Most lines of the list that one wrapped event takes; Enter shows the rest."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The parts of the view, for one size of the terminal."""

    histogram_rows: int
    chips: bool
    footer: bool
    column_titles: bool
    short_time: bool
    level_letter: bool
    stream_cells: int
    place_cells: int
    """Of the label of an account and region, where events of several are shown."""
    detail_rows: int
    """0: the detail lies over the list."""
    side_columns: int
    """0: the summary lies over the list."""
    both: bool
    """Detail and summary may be open together."""
    navigation: bool


def arrange(width: int, height: int) -> Arrangement:
    """The arrangement for a terminal of that many columns and rows."""
    navigation = width >= 160
    centre = width - NAVIGATION if navigation else width
    side = max(38, centre * 32 // 100)
    roomy = height >= 36 and width >= 110
    return Arrangement(
        histogram_rows=0 if height < 16 else 1 if height < 28 else 3 if height < 50 else 5,
        chips=height >= 16,
        footer=height >= 16 and width >= 60,
        column_titles=height >= 28,
        short_time=width < 60,
        level_letter=width < 60,
        stream_cells=0 if width < 60 else 2 if width < 80 else 4,
        place_cells=0 if width < 60 else 9 if width < 100 else 14,
        detail_rows=0 if height < 28 else max(12, height // 4) if roomy else 8,
        side_columns=side if height >= 28 and centre - side >= LEAST_EVENTS else 0,
        both=roomy,
        navigation=navigation,
    )
