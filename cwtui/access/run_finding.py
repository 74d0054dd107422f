"""The finding of runs off the event loop, and the filter that shows one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from cwtui.access.invocations import Runs
from cwtui.access.run_table import By, Rows, Run, RunTable
from cwtui.access.stream_names import StreamKind, shortened
from cwtui.core.models import Columns, Context
from cwtui.core.places import place_words
from cwtui.explain.apart import Apart
from cwtui.lang.expression import And, Chosen, Contains, Expression, Or, TimeIs
from cwtui.lang.where import in_place, in_stream


class Finding(Apart):
    """One `Runs` and what is asked of it."""

    def __init__(self, *, apart: bool) -> None:
        """`apart`: in a process of its own."""
        super().__init__(Runs, apart=apart, purpose="looks for runs", code="runs")

    async def add(self, events: Columns) -> None:
        """Takes events; what tells of no run is not sent."""
        await self.ask("add", replace(events, ingestion_times=(), event_ids=(), raws=()))

    async def table(self, by: By | None, order: Rows | None, shown: Rows | None) -> RunTable:
        """As `Runs.table`."""
        return cast(RunTable, await self.ask("table", by, order, shown))

    async def rows_of(self, run: Run) -> tuple[Rows, int]:
        """As `Runs.rows_of`: another table may have been made since the run was listed."""
        return cast("tuple[Rows, int]", await self.ask("rows_of", run))


def run_name(run: Run) -> str:
    """`request 81a0ba05`: foreign text."""
    again = f" #{run.attempt}" if run.attempt > 1 else ""
    return f"{run.by} {shortened(run.id)}{again}"


def places_of(table: RunTable, context: Context) -> Callable[[Run], str]:
    """What tells the groups of runs apart, and where they lie; nothing where all are of one group.

    Foreign text.
    """
    sources = {place[:3] for place in table.places}
    several = len({source[:2] for source in sources}) > 1

    def whose(run: Run) -> str:
        where = place_words(context, run.account, run.region) if several else ""
        return f"{run.group} {where}".strip() if len(sources) > 1 else ""

    return whose


def run_expression(run: Run, rows: Rows, known: int) -> Expression:
    """Exactly `rows` of those up to `known`; of what comes later what names the run or falls within it."""
    return Chosen(run_name(run), tuple(rows.tolist()), known, _told(run))


def _told(run: Run) -> Expression:
    # A run is of one group, whichever others have one of its name, or name its id.
    group = in_place(run.account, run.region, run.group)
    streams = tuple(map(in_stream, run.streams))
    within = streams[0] if len(streams) == 1 else Or(streams)
    if run.by is By.STREAM:
        return And((*group, within))
    if run.by is By.REQUEST and (run.kind is StreamKind.LAMBDA or run.report is not None or run.bracketed):
        between = And((TimeIs(">=", run.start), TimeIs("<=", run.end)))
        return And((*group, within, Or((between, Contains(run.id)))))
    return And((*group, Contains(run.id)))
