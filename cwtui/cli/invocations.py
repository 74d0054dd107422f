"""`invocations`: the runs that log streams hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cwtui.cli.explain import over_a_window
from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output, say
from cwtui.cli.selection import selecting, selection_of
from cwtui.core.text import printable
from cwtui.core.timespec import iso

if TYPE_CHECKING:
    from datetime import tzinfo

    from cwtui.access.run_table import Run, RunTable
    from cwtui.investigation import Investigation

RUN_KEYS = (
    "id",
    "by",
    "kind",
    "start",
    "end",
    "durationMs",
    "billedMs",
    "initMs",
    "memoryMb",
    "maxMemoryMb",
    "events",
    "errors",
    "status",
    "coldStart",
    "attempt",
    "traceId",
    "logGroup",
    "stream",
    "streams",
    "account",
    "region",
)
_SORTS = ("start", "duration", "errors")


@click.command("invocations")
@selecting
@click.option(
    "--by",
    type=click.Choice(["request", "job", "session", "trace", "stream"]),
    help="What tells runs apart; by default what suits the lines.",
)
@click.option("--sort", type=click.Choice(_SORTS), default="start", help="Oldest, longest or worst first.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="The first N only.")
@common
@click.pass_context
def invocations_command(
    context: click.Context, /, by: str | None, sort: str, limit: int | None, **given: Any
) -> None:
    """List the runs in GROUP...: Lambda invocations with their REPORT, requests, jobs, sessions, tasks.

    With --where, --grep or --exclude only runs of which an event passes; each is counted whole.
    """
    chosen = selection_of(given)
    remember(context, given)
    settings = settings_of(context)

    async def list_runs(investigation: Investigation) -> None:
        from cwtui.access.run_finding import places_of
        from cwtui.access.run_table import By
        from cwtui.investigation.invocations import all_runs

        table = await all_runs(investigation, By(by) if by else None)
        whose = places_of(table, investigation.reader.context)
        with Output(settings, context.obj.get("output")) as output:
            for key in _sorted(table, sort)[:limit]:
                each = table.at(key)
                output.record(_record(each), RUN_KEYS, _line(each, settings.tzinfo, whose(each)))
        _say_rest(table)

    over_a_window(settings, chosen, list_runs)


def _sorted(table: RunTable, sort: str) -> list[int]:
    import numpy as np

    keys = np.flatnonzero(table.shown)
    if sort == "duration":
        keys = keys[np.argsort(-table.durations[keys], kind="stable")]
    elif sort == "errors":
        keys = keys[np.argsort(-table.errors[keys], kind="stable")]
    return [int(key) for key in keys]


def _record(run: Run) -> dict[str, Any]:
    report = run.report
    return {
        "id": run.id,
        "by": str(run.by),
        "kind": str(run.kind),
        "start": run.start,
        "end": run.end,
        "durationMs": run.duration,
        "billedMs": report.billed if report else None,
        "initMs": report.init if report and report.cold else None,
        "memoryMb": report.memory_size if report else None,
        "maxMemoryMb": report.memory_used if report else None,
        "events": run.events,
        "errors": run.errors,
        "status": run.status.name.lower(),
        "coldStart": run.cold,
        "attempt": run.attempt,
        "traceId": report.trace if report else "",
        "logGroup": run.group,
        "stream": run.streams[0],
        "streams": list(run.streams),
        "account": run.account,
        "region": run.region,
    }


def _line(run: Run, zone: tzinfo, where: str) -> str:
    from cwtui.access.run_table import took

    report = run.report
    memory = f"{report.memory_used}/{report.memory_size} MB" if report else "-"
    status = run.status.name.lower() + (" cold" if run.cold else "")
    errors = f"{run.errors} err" if run.errors else ""
    return (
        f"{iso(run.start, zone)}  {took(run.duration):>8}  {status:<12}  {memory:>12}  "
        f"{run.events:>6}  {errors:>7}  {printable(run.id)}  {printable(run.streams[0])}"
        + (f"  {printable(where)}" if where else "")
    )


def _say_rest(table: RunTable) -> None:
    """How lines without an id were given to runs, and how many were not."""
    if bracketed := int(table.bracketed.sum()):
        say(f"{bracketed:,} of the events name no id: they belong to the run they stand in.")
    if table.alone:
        say(f"{table.alone:,} of {table.events:,} events belong to no run.")
