from __future__ import annotations

import numpy as np
import pytest
from textual.app import App, ComposeResult

from cwtui.ui.themes import LOG_COLORS
from cwtui.ui.widgets.histogram import HistogramBar
from cwtui.ui.widgets.row_paint import RowLook
from cwtui.window.histogram import Histogram
from tests.ui.event_rows import START

DAY = 86_400_000


class BarApp(App[None]):
    """A bar alone, one row high."""

    CSS = "HistogramBar { height: 1; }"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(LOG_COLORS)

    def compose(self) -> ComposeResult:
        yield HistogramBar()


@pytest.mark.parametrize(
    ("width_ms", "legend"),
    [(60_000, "peak 12,345 @ 10:10"), (DAY, "peak 12,345 @ 12-02"), (400 * DAY, "peak 12,345 @ 2036")],
)
async def test_one_row_says_whole_where_the_peak_is_at_any_span(width_ms: int, legend: str) -> None:
    counts = np.zeros((40, 7), np.int64)
    counts[10, 3] = 12_345
    app = BarApp()
    async with app.run_test(size=(80, 3)) as pilot:
        bar = app.query_one(HistogramBar)
        bar.show(Histogram(START, width_ms, counts), RowLook())
        await pilot.pause()
        assert bar.render_line(0).text.rstrip().endswith(legend)
