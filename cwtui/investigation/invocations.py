"""The runs of what is loaded, kept up with it: as it loads, as it is followed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from cwtui.access.invocations import Runs
from cwtui.access.run_finding import Finding, run_expression
from cwtui.access.run_table import By, Run, RunTable
from cwtui.core.errors import InputError
from cwtui.explain.apart import THREAD_EVENTS
from cwtui.investigation.patterns import UPDATE_EVERY, arrived_after
from cwtui.lang.where import Filter

if TYPE_CHECKING:
    from cwtui.investigation.session import Investigation

GLANCE = 4_000
"""Events, the newest, at which `glance` looks."""
_MORE = 1.25
_IDLE = 3
"""Times as long as a table took nothing is asked for another."""


@dataclass(frozen=True, slots=True)
class RunState:
    """The runs, and of how much of what is loaded."""

    table: RunTable
    loaded: int
    """Events that are loaded: more than `table.events` until all were looked at."""
    looked: int = 0
    """Events that were looked at, or are about to be."""
    narrowed: bool = False
    """Filters hide events; `table.shown` says how many of each run they leave."""

    @property
    def whole(self) -> bool:
        return self.table.events == self.loaded


class ShownRuns:
    """The runs of all that an investigation has loaded, filters or not: a run is one thing, shown or hidden.

    Use it on one event loop; end it with `aclose`.
    """

    def __init__(self, investigation: Investigation, by: By | None = None) -> None:
        self._investigation = investigation
        self._by = by
        self._finding = Finding(apart=False)
        self._table = RunTable()
        self._made_of: object = None
        self._fed = 0
        self._last_id = -1
        self._generation = -1
        self._changed = asyncio.Event()
        self._changed.set()
        self._forget: Callable[[], None] = investigation.subscribe(self._changed.set)

    def split(self, by: By) -> None:
        """Tells runs apart by another kind of id from now on."""
        self._by = by
        self._changed.set()

    async def states(self) -> AsyncGenerator[RunState, None]:
        """The runs as they come to be known, at most every `UPDATE_EVERY` seconds; ends when cancelled.

        Raises DataError where the process that looks for them ended.
        """
        while True:
            await self._changed.wait()
            self._changed.clear()
            due = monotonic() + UPDATE_EVERY
            caught_up = await self._catch_up(due)
            investigation = self._investigation
            narrowed = investigation.filters.condition() is not None
            made_of = (self._by, self._fed, investigation.view if narrowed else None)
            if made_of != self._made_of and (caught_up or self._fed >= _MORE * self._table.events):
                began = monotonic()
                shown = investigation.view.rows if narrowed else None
                self._table = await self._finding.table(self._by, investigation.everything.rows, shown)
                self._made_of = made_of
                # Of a million events a table takes seconds: not all the time for every few of them.
                due = max(due, monotonic() + _IDLE * (monotonic() - began))
            yield RunState(self._table, investigation.loaded, self._fed, narrowed)
            if not caught_up:
                self._changed.set()
            await asyncio.sleep(max(0.0, due - monotonic()))

    async def filter_of(self, run: Run) -> Filter:
        """The filter that shows the events of a run, and nothing else.

        Raises InputError where it is gone, because its first events came only now or a window was loaded.
        """
        generation = self._generation
        rows, known = await self._finding.rows_of(run)
        if not len(rows) or generation != self._investigation.generation:
            raise InputError("The run is being looked at again.", "Try again in a moment.", code="runs")
        return Filter(run_expression(run, rows, known))

    async def aclose(self) -> None:
        """Ends the finding."""
        self._forget()
        await self._finding.aclose()

    async def _catch_up(self, due: float) -> bool:
        """Feeds what is loaded and was not looked at until `due`; False where there is more."""
        investigation = self._investigation
        view = investigation.everything
        apart = len(view) > THREAD_EVENTS
        if self._generation != investigation.generation or (apart and not self._finding.apart):
            await self._begin_again(investigation.generation, apart=apart)
        fresh = await asyncio.to_thread(arrived_after, view, self._last_id)
        at = 0
        async for columns in investigation.columns(fresh):
            await self._finding.add(columns)
            at += len(columns)
            self._fed += len(columns)
            self._last_id = int(columns.ids[-1])
            if monotonic() > due:
                break
        return at == len(fresh) and self._generation == investigation.generation

    async def _begin_again(self, generation: int, *, apart: bool) -> None:
        await self._finding.aclose()
        self._finding = Finding(apart=apart)
        self._table, self._made_of = RunTable(), None
        self._generation, self._fed, self._last_id = generation, 0, -1


async def glance(investigation: Investigation) -> tuple[RunTable, bool]:
    """The runs of the newest events that are loaded, for a word about them, and whether those are all."""
    rows = investigation.everything.rows[-GLANCE:]
    runs = Runs()
    async for columns in investigation.columns(rows):
        await asyncio.to_thread(runs.add, columns)
    table = await asyncio.to_thread(runs.table)
    return table, len(rows) == investigation.loaded


async def all_runs(investigation: Investigation, by: By | None = None) -> RunTable:
    """The runs of all that is loaded, once: for a command, which keeps nobody's keys waiting."""
    runs, rows = Runs(), investigation.everything.rows
    async for columns in investigation.columns(rows):
        await asyncio.to_thread(runs.add, columns)
    return await asyncio.to_thread(runs.table, by, rows, investigation.view.rows)
