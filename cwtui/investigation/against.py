"""What a window is compared with: named moments turned into a window, and its events loaded like any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING

from cwtui.core.errors import InputError
from cwtui.core.models import Columns, Query, Row, TimeWindow
from cwtui.core.timespec import parse_instant
from cwtui.lang.where import FilterStack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cwtui.explain.values import Baseline
    from cwtui.investigation.session import Investigation
    from cwtui.window.window import Window

REST = "rest"
_DAY = 86_400_000
_SHIFTS = {"yesterday": _DAY, "last-week": 7 * _DAY}
NAMES = ("previous", *_SHIFTS, REST)
"""What a baseline may be called; besides them, `SINCE[,UNTIL]`."""


class Against:
    """The baseline of an Investigation: another window of the same query, or the rest of its own."""

    def __init__(self) -> None:
        self.name = ""
        """As it was asked for; empty while there is none."""
        self._window = TimeWindow(0, 0)
        self._other: Investigation | None = None

    async def load(
        self,
        what: str,
        query: Query,
        filters: FilterStack,
        span: tuple[int, int],
        other: Investigation,
        zone: tzinfo,
    ) -> None:
        """Loads the baseline that `what` names for the window `span` of a query, with the same filters."""
        await self.forget()
        try:
            if what == REST:
                await other.aclose()
            else:
                await self._load(what, query, filters, span, other, zone)
        except BaseException:
            self._other = None
            await other.aclose()
            raise
        self.name = what

    async def _load(
        self,
        what: str,
        query: Query,
        filters: FilterStack,
        span: tuple[int, int],
        other: Investigation,
        zone: tzinfo,
    ) -> None:
        extent = await other.reader.extent(query.groups)
        window = baseline_window(what, span, extent[1] if extent else other.clock(), zone)
        self._window, self._other = window, other
        if extent is not None and window.end is not None:
            # A recording says nothing about what was before it.
            self._window = TimeWindow(min(max(window.start, extent[0]), window.end), window.end)
            if self._window.start == window.end:
                return
        await other.set_filters(filters)
        await other.open(replace(query, window=self._window))

    async def forget(self) -> None:
        """Frees the baseline."""
        other, self.name, self._other, self._window = self._other, "", None, TimeWindow(0, 0)
        if other is not None:
            await other.aclose()

    async def events(
        self, filters: FilterStack, own: Window, chosen: NDArray[np.int64]
    ) -> tuple[Baseline, Iterator[Columns], int]:
        """What `chosen` of the own window is compared with: in words, as events told apart, and how many."""
        import numpy as np

        from cwtui.explain.beside import marked
        from cwtui.explain.values import Baseline

        other = self._other
        if other is None:
            every = own.everything.rows
            rest = every[~np.isin(every, chosen)]
            return Baseline(self.name), marked(own.columns(rest)), len(rest)
        if other.filters != filters:
            await other.set_filters(filters)
        window, rows = await other.opened(), other.view.rows
        baseline = Baseline(self.name, self._window.start, self._window.end or 0, other.load_state.partial)
        return baseline, marked(window.columns(rows)), len(rows)

    async def rows(self, baseline: Baseline, ids: list[int]) -> dict[int, Row]:
        """Events of the baseline that a digest cites, by `~id`. Raises InputError when it was replaced."""
        if self._other is None or self._window != TimeWindow(baseline.start, baseline.end):
            raise InputError(
                "The window that this summary compares with has been replaced.",
                "Make the summary again.",
                code="against",
            )
        return {~row.id: row for row in await self._other.rows([~row for row in ids])}


def baseline_window(what: str, span: tuple[int, int], now: int, zone: tzinfo) -> TimeWindow:
    """The window that `what` names for a window `[start, end)` in ms. It never reaches into that window.

    Raises InputError where it names none.
    """
    start, end = span
    if what == "previous":
        return TimeWindow(max(0, start - max(1, end - start)), start)
    if what in _SHIFTS:
        return TimeWindow(max(0, start - _SHIFTS[what]), min(end - _SHIFTS[what], start))
    since, _, until = what.partition(",")
    try:
        first = parse_instant(since, now, zone)
        last = parse_instant(until, now, zone) if until.strip() else start
    except InputError as error:
        raise InputError(
            f"'{what}' is no baseline: {error.message}",
            f"Write one of {', '.join(NAMES)}, or SINCE,UNTIL.",
            code="against",
        ) from error
    last = min(last, start) if first < start else last
    if first >= last:
        raise InputError(
            f"The baseline '{what}' is empty: it begins at or after its end.",
            "Give SINCE an earlier moment than UNTIL, and than the beginning of the window.",
            code="against",
        )
    return TimeWindow(first, last)
