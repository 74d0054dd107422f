"""The runs of what is loaded: when, how long, how they ended; Enter shows one alone, as a timeline.

Five states: loading (nothing looked at yet), empty, partial (not all events looked at), stale (events came
and are being looked at), error. What is listed stays while it is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import ClassVar, Protocol

import numpy as np
from textual import on, work
from textual.binding import BindingType
from textual.content import Content

from cwtui.access.run_table import By, Rows, Run, RunTable
from cwtui.core.errors import CwtuiError, InputError
from cwtui.investigation import Investigation
from cwtui.investigation.invocations import RunState, ShownRuns
from cwtui.lang.where import Filter
from cwtui.ui.keys import bindings_for
from cwtui.ui.screens.failure import FailureCard
from cwtui.ui.screens.invocations_words import ORDERS, cells, empty_words, failed, summary, whose_words
from cwtui.ui.screens.names import NamesScreen
from cwtui.ui.widgets.header import Crumbs
from cwtui.ui.widgets.name_list import Cell, Column, NameList
from cwtui.wiring import Services


@dataclass(slots=True)
class RunsMemory:
    """How the list was left, for when it is opened again."""

    order: int = 0
    by: By | None = None
    current: str | None = None


class RunsOwner(Protocol):
    """The events view, as far as its runs go."""

    services: Services
    zone: tzinfo

    @property
    def investigation(self) -> Investigation: ...
    def show_run(self, run: Run, item: Filter) -> None: ...
    def crumb_path(self) -> tuple[str, ...]: ...
    def window_words(self) -> str: ...


class InvocationsScreen(NamesScreen):
    """One run a line."""

    KEY_PANES: ClassVar[tuple[str, ...]] = ("runs", "motion", "global")
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("runs")
    COLUMNS = (
        Column("START", 12, 40),
        Column("DURATION", 9, 50),
        Column("STATUS", 12, 60),
        Column("ERRORS", 6, 72),
        Column("EVENTS", 7, 84),
        Column("MEMORY", 12, 100),
        Column("STREAM", 20, 132),
    )
    WHOSE = Column("GROUP", 18, 78)
    """Where several groups are looked at: which one, and where it lies."""
    TITLE_OF_NAMES = "RUN"
    PLACEHOLDER = "narrows the list by id"

    def __init__(self, owner: RunsOwner, memory: RunsMemory) -> None:
        query, places = owner.investigation.query, owner.investigation.places
        self._several = len(places) > 1 or (query is not None and len(query.groups) > 1)
        super().__init__(owner.services)
        self._owner = owner
        self._memory = memory
        self._source: ShownRuns | None = None
        self._state: RunState | None = None
        self._order: Rows = np.zeros(0, np.int64)
        """The keys of the listed runs, as they are listed."""
        self._labels: list[str] = []
        self._failure: CwtuiError | None = None

    def on_mount(self) -> None:
        self.names.focus()
        self.reload()

    async def on_unmount(self) -> None:
        self.workers.cancel_node(self)
        if self._source is not None:
            await self._source.aclose()

    # ------------------------------------------------------------------ looking for runs

    def reload(self) -> None:
        """Looks anew."""
        self._look()

    @work(group="runs", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        if self._source is not None:
            await self._source.aclose()
        self._failure = None
        self._source = ShownRuns(self._owner.investigation, self._memory.by)
        self.show_names()
        try:
            async with aclosing(self._source.states()) as states:
                async for state in states:
                    self._take(state)
        except CwtuiError as error:
            self._failure = error
            self.query_one(FailureCard).tell(error)
            self.show_names()

    def _take(self, state: RunState) -> None:
        before, self._state = self._state, state
        if before is not None and before.table is state.table:
            self.show_counts()
        else:
            self._arrange(to_top=before is None or before.table.by is not state.table.by)

    def _arrange(self, *, to_top: bool = False) -> None:
        table = self._table
        self._order = ORDERS[self._memory.order].sort(table, np.flatnonzero(table.shown))
        self._labels = [
            f"{table.ids[key]} #{table.attempts[key]}" if table.attempts[key] > 1 else table.ids[key]
            for key in self._order.tolist()
        ]
        self.show_names(to_top=to_top)

    @property
    def _table(self) -> RunTable:
        return self._state.table if self._state is not None else RunTable()

    # ------------------------------------------------------------------ what the list says of itself

    def crumbs(self) -> Crumbs:
        owner = self._owner
        path = (*owner.crumb_path(), "invocations")
        return Crumbs(owner.services.context, path, "", owner.window_words())

    @property
    def columns(self) -> tuple[Column, ...]:
        if not self._several:
            return self.COLUMNS
        start, duration, status, *others = self.COLUMNS
        wider = (replace(each, from_width=each.from_width + self.WHOSE.width + 2) for each in others)
        return (start, duration, status, self.WHOSE, *wider)

    def all_names(self) -> Sequence[str]:
        return self._labels

    def keys(self) -> Sequence[str]:
        table = self._table
        # A run is known by where and when it began: its number changes as others are found.
        columns = zip(table.starts.tolist(), table.ids, table.attempts, table.streams, strict=True)
        keys = [f"{start} {name} {attempt} {streams[0]}" for start, name, attempt, streams in columns]
        return [keys[key] for key in self._order.tolist()]

    def cells(self, index: int) -> list[Cell]:
        run = self._table.at(int(self._order[index]))
        start, duration, status, *others = cells(run, self._owner.zone)
        whose = [(whose_words(self._table, run, self.services.context, self.WHOSE.width), "$secondary")]
        return [start, duration, status, *(whose if self._several else []), *others]

    def summary(self, shown: int) -> list[Content]:
        return summary(self._state, shown, self._memory.order)

    def body_without_rows(self) -> Content | None:
        return None if self._failure is not None else empty_words(self._state, self.field.value)

    def run_under_cursor(self) -> Run | None:
        """The run that the cursor stands on."""
        place = self.names.current_row
        return None if place is None else self._table.at(int(self._order[place]))

    # ------------------------------------------------------------------ keys

    @on(NameList.Opened)
    def action_open(self) -> None:
        """Back to the events, those of the run alone."""
        self._open()

    @work(group="open-run", exclusive=True, exit_on_error=False)
    async def _open(self) -> None:
        run, source = self.run_under_cursor(), self._source
        if run is None or source is None:
            return
        item = await source.filter_of(run)
        self._owner.show_run(run, item)
        self.dismiss()

    def action_sort(self) -> None:
        self._memory.order = (self._memory.order + 1) % len(ORDERS)
        self._arrange(to_top=True)

    def action_split(self) -> None:
        """By the next kind of id that lines name."""
        choices = [by for by, _ in self._table.choices]
        if len(choices) < 2:
            self.shell.say("The lines name one kind of id only.")
            return
        place = choices.index(self._table.by) if self._table.by in choices else -1
        self._split(choices[(place + 1) % len(choices)])

    def _split(self, by: By) -> None:
        self._memory.by = by
        if self._source is not None:
            self._source.split(by)

    def action_next_error(self) -> None:
        self._to_error(1)

    def action_previous_error(self) -> None:
        self._to_error(-1)

    def _to_error(self, direction: int) -> None:
        listed = failed(self._table)[self._order].tolist()
        place = self.names.cursor + direction
        while 0 <= place < len(self.names):
            if listed[self.names.row_at(place)]:
                self.names.go_to(place)
                return
            place += direction
        self.shell.say("No run further on failed.")

    def action_copy(self) -> None:
        if (run := self.run_under_cursor()) is not None:
            self.shell.copy("the id", run.id)

    def commands(self) -> Mapping[str, Callable[[str], None]]:
        return {**super().commands(), "invocations": lambda _: None, "by": self._split_written}

    def _split_written(self, text: str) -> None:
        if text.strip() not in set(By):
            raise InputError(f"'{text}' tells no runs apart.", f"Write one of {', '.join(By)}.", code="by")
        self._split(By(text.strip()))
