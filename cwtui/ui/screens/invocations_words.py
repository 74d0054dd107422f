"""What the invocations view says of runs, and how they are ordered. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from textual.content import Content

from cwtui.access.run_finding import run_name
from cwtui.access.run_table import Rows, Run, RunTable, Status, took
from cwtui.access.stream_names import stream_name
from cwtui.core.models import Context
from cwtui.core.naming import Place
from cwtui.core.places import labels_of
from cwtui.core.text import middle, printable
from cwtui.investigation.invocations import RunState
from cwtui.ui.widgets.name_list import Cell
from cwtui.ui.widgets.row_paint import clock_text
from cwtui.ui.words import counted

_BACK = Content.assemble(("Esc ", "bold $accent"), ("all again", "$muted"))


_WORTH = 2
"""Events of a run, on the average, from which on it is worth saying that runs share a stream."""


class RunOrder(NamedTuple):
    """One order of runs."""

    name: str
    sort: Callable[[RunTable, Rows], Rows]
    """Of a table and keys in the order in which they began."""


ORDERS = (
    RunOrder("newest first", lambda table, keys: keys[::-1]),
    RunOrder("longest first", lambda table, keys: keys[np.argsort(-table.durations[keys], kind="stable")]),
    RunOrder(
        "failed first",
        lambda table, keys: keys[
            np.lexsort((-keys, -table.errors[keys], -_gravity(table)[table.statuses[keys]]))
        ],
    ),
)


def _gravity(table: RunTable) -> Rows:
    graver = {Status.OK: 0, Status.OPEN: 1, Status.ERROR: 2, Status.TIMEOUT: 3}
    return np.array([graver[status] for status in Status], np.int64)


def failed(table: RunTable) -> NDArray[np.bool_]:
    """Which runs are to look at, by their keys."""
    return np.isin(table.statuses, (Status.ERROR, Status.TIMEOUT)) | (table.errors > 0)


def cells(run: Run, zone: tzinfo = UTC) -> list[Cell]:
    """Start, duration, status, errors, events, memory and stream."""
    report = run.report
    memory = f"{report.memory_used}/{report.memory_size} MB" if report is not None else ""
    near = report is not None and report.memory_size and report.memory_used >= 0.9 * report.memory_size
    one = len(run.streams) == 1
    places = stream_name(run.streams[0], run.group).short if one else counted(len(run.streams), "stream")
    return [
        (clock_text(run.start, zone, short=False), "$secondary"),
        (took(run.duration) if report is not None or run.events > 1 else "", "$foreground"),
        status_words(run),
        (f"{run.errors:,}" if run.errors else "", "$error"),
        (f"{run.events:,}", "$muted"),
        (memory, "$warning" if near else "$muted"),
        (places, "$muted"),
    ]


def whose_words(table: RunTable, run: Run, context: Context, width: int) -> str:
    """The group of a run in a narrow column, as far as it tells the runs apart: `checkout prod·euw1`."""
    places = dict.fromkeys(Place(*each[:2]) for each in table.places)
    where = dict(labels_of(context, tuple(places), width)).get(Place(run.account, run.region), "")
    if len({each.group for each in table.places}) < 2 and where:
        return where
    room = width - len(where) - 1 if where else width
    return f"{middle(run.group.rpartition('/')[2] or run.group, max(4, room))} {where}".strip()


def status_words(run: Run) -> Cell:
    """`ok cold`, `timeout`."""
    tones = {Status.OK: "$success", Status.OPEN: "$warning", Status.ERROR: "$error", Status.TIMEOUT: "$error"}
    return run.status.name.lower() + (" cold" if run.cold else ""), tones[run.status]


def figures(run: Run, where: str = "") -> Content:
    """One line of what is known of a run, its REPORT above all; `where` tells it from those of others."""
    status, tone = status_words(run)
    parts: list[tuple[str, str]] = [(printable(run_name(run)), "bold"), (status, tone)]
    parts += [(str(printable(where)), "$secondary")] if where else []
    words = [took(run.duration)]
    report = run.report
    if report is not None:
        words[0] += f" (billed {took(report.billed)})" if report.billed else ""
        if report.init:
            words.append(f"init {took(report.init)}")
        if report.restore:
            words.append(f"restore {took(report.restore)}")
        if report.memory_size:
            words.append(f"{report.memory_used} of {report.memory_size} MB")
    words.append(counted(run.events, "event"))
    if run.errors:
        words.append(counted(run.errors, "error"))
    if len(run.streams) > 1:
        words.append(counted(len(run.streams), "stream"))
    if run.bracketed:
        words.append(f"{run.bracketed:,} by their place")
    if report is not None and report.error_type:
        words.append(str(printable(report.error_type)))
    if report is not None and report.trace:
        words.append(f"X-Ray {printable(report.trace)}")
    said = [Content.styled(text, style) for text, style in parts]
    return Content("  ").join([*said, Content.styled(" · ".join(words), "$foreground"), _BACK])


def banner(table: RunTable, whole: bool, key: str) -> Content | None:
    """The line that says that runs share what is shown; None where none do."""
    # Where every line names a request of its own there is nothing to put together.
    if len(table) < 2 or not table.mixed or table.counts.mean() < _WORTH:
        return None
    number = f"{len(table):,}" if whole else f"{len(table):,} of the newest"
    where = "this stream" if table.mixed == 1 else f"{table.mixed:,} streams"
    return Content.assemble(
        (f"{number} {table.by}s", "bold"), f" share {where}",
        (f"   {key} ", "bold $accent"), ("splits them", "$muted"),
    )  # fmt: skip


def summary(state: RunState | None, listed: int, order: int) -> list[Content]:
    """The right of the filter line."""
    if state is None:
        return [Content.styled("looking …", "$muted")]
    table = state.table
    parts = [Content.styled(ORDERS[order].name, "$muted")]
    if not state.whole:
        parts.insert(0, Content.styled(f"looking at {state.looked:,} of {state.loaded:,}", "$muted"))
    total = counted(len(table), table.by)
    parts.append(Content.styled(total if listed == len(table) else f"{listed:,} of {total}", "$secondary"))
    if table.alone:
        parts.append(Content.styled(f"{counted(table.alone, 'event')} of no run", "$muted"))
    return parts


def empty_words(state: RunState | None, lit: str) -> Content:
    """What stands where no run is listed."""
    if state is None or not state.whole:
        return Content.styled("Looking for runs …", "$muted")
    if lit:
        return Content.assemble("No run is called like ", (str(printable(lit)), "bold"), ".")
    if len(state.table):
        return Content.assemble(("The filters show no event of any run.", "bold"))
    return Content.assemble(
        ("No run was found.", "bold"),
        "\n\nNo line names a request, job, session or trace, and no stream is one run's.   ",
        ("q", "bold $accent"), " goes back.",
    )  # fmt: skip
