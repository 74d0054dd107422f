"""The runs that log streams hold: invocations, requests, jobs, sessions; each line to the run it belongs to.

Lambda brackets an invocation by START and REPORT, and runs one at a time in a stream: what names no request
there belongs to the run it stands in. Elsewhere a line belongs to the run whose id it names, or whose id is
always named together with another that it does name. What belongs to none is counted as such.
"""

from __future__ import annotations

import numpy as np

from cwtui.access.run_events import NAMED, RunEvents
from cwtui.access.run_split import Split
from cwtui.access.run_table import By, Rows, Run, RunTable
from cwtui.core.models import Columns

_MOSTLY = 0.8
"""Of the lines that the most frequent kind of id is on: a kind on so many of them may come before it."""
_SELDOM = 0.1
"""Ids on fewer of the lines than this do not tell runs apart, where the streams themselves do."""


class Runs:
    """Collects events, and finds the runs in them. Not thread-safe."""

    def __init__(self) -> None:
        self._events = RunEvents()
        self._order: Rows = np.zeros(0, np.int64)
        self._owners: Rows = np.zeros(0, np.int64)
        self._table = RunTable()
        self._known = -1

    def add(self, events: Columns) -> None:
        """Takes events, in any order if `table` is told theirs."""
        self._events.add(events)

    def table(self, by: By | None = None, order: Rows | None = None, shown: Rows | None = None) -> RunTable:
        """The runs, told apart by what is asked for, or by what suits the lines best.

        `order` holds row ids in display order, by default that of `add`; `shown` those that the view shows,
        by default all.
        """
        events = self._events
        self._order = events.positions(order)
        requests = Split(events, self._order)
        chosen = by or self._best(requests)
        split = requests if chosen is By.REQUEST else Split(events, self._order, chosen, requests)
        visible = self._order if shown is None else events.positions(shown)
        table = split.table(self._choices(requests), visible)
        self._owners, self._table = split.owners, table
        self._known = max(events.ids, default=-1)
        return table

    def rows(self, key: int) -> Rows:
        """The row ids of a run of the last table, by time."""
        return self._events.rows(self._order[self._owners[self._order] == key])

    def rows_of(self, run: Run) -> tuple[Rows, int]:
        """The same of a run of any table, by what it is and not by its number; none where it is gone.

        And the greatest row id that the last table knew of.
        """
        table = self._table
        for key, name in enumerate(table.ids):
            if name == run.id and table.starts[key] == run.start:
                again = table.at(key)
                if again.place == run.place and (again.by, again.attempt) == (run.by, run.attempt):
                    return self.rows(key), self._known
        return np.zeros(0, np.int64), self._known

    def _best(self, requests: Split) -> By:
        events = self._events
        named = {by: int(np.count_nonzero(events.column(by))) for by in NAMED}
        named[By.REQUEST] = max(named[By.REQUEST], int(np.count_nonzero(requests.owners >= 0)))
        most = max(named.values())
        if most < _SELDOM * len(events) and any(place.parsed.run for place in events.places):
            return By.STREAM
        return next((by for by in NAMED if named[by] and named[by] >= _MOSTLY * most), By.STREAM)

    def _choices(self, requests: Split) -> tuple[tuple[By, int], ...]:
        events = self._events
        counted = [(By.REQUEST, len(requests.names))]
        sources = events.sources()[events.streams]
        for by in NAMED[1:]:
            named = events.column(by)
            pairs = sources[named > 0] * len(events.names) + named[named > 0]
            counted.append((by, len(np.unique(pairs))))
        counted.append((By.STREAM, len(events.places)))
        return tuple((by, count) for by, count in counted if count)
