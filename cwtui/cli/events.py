"""`events`: the records of a window, of its end, or around one event."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output, say
from cwtui.cli.running import run
from cwtui.cli.selection import query_of, selecting, selection_of
from cwtui.core.errors import InputError
from cwtui.core.models import LogEvent, Progress, Query
from cwtui.core.ports import FileSource
from cwtui.fetch.locate import locate
from cwtui.fetch.ordered import ordered
from cwtui.investigation import Investigation
from cwtui.wiring import Services

if TYPE_CHECKING:
    from cwtui.lang.where import FilterStack


@click.command("events")
@selecting
@click.option("--limit", type=click.IntRange(1), metavar="N", help="The first N events only.")
@click.option("--latest", type=click.IntRange(1), metavar="N", help="The last N events, however old.")
@click.option("--around", metavar="EVENT", help="The lines around an event: its eventId, or STREAM@MS.")
@click.option(
    "--lines",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    metavar="N",
    help="Each way of --around.",
)
@common
@click.pass_context
def events_command(
    context: click.Context,
    /,
    limit: int | None,
    latest: int | None,
    around: str | None,
    lines: int,
    **given: Any,
) -> None:
    """Print the events of GROUP..., oldest first, as records.

    Offline (--mock, --from), GROUP may be left out and means all. --around shows the lines of the
    event's own stream, which no filter hides.
    """
    chosen = selection_of(given)
    remember(context, given)
    settings = settings_of(context)
    if sum(option is not None for option in (limit, latest, around)) > 1:
        raise click.UsageError("--limit, --latest and --around exclude each other.")
    filters = chosen.filters()
    chosen.check_pattern()

    async def work(services: Services) -> None:
        query = await query_of(services, chosen, any_age=latest is not None)
        with Output(settings, context.obj.get("output")) as output:
            output.in_places(lambda: services.context)
            files = None if latest or around else _untouched(services, query, filters)
            if files is not None:
                await _passed_on(files, services, query, limit, output)
                return
            investigation = services.investigation()
            await investigation.set_filters(filters)
            try:
                if around is not None:
                    await _around(services, investigation, query, around, lines, output)
                elif latest is not None:
                    await investigation.open(query, latest=latest)
                    await _print(investigation, query, investigation.view.rows[-latest:], output)
                else:
                    await _from_the_beginning(investigation, query, limit, output)
                if around is None:
                    await _say_why_nothing(investigation)
            finally:
                for sentence in investigation.load_state.partial:
                    say(f"not everything: {sentence}")
                await investigation.aclose()

    run(settings, work)


async def _from_the_beginning(
    investigation: Investigation, query: Query, limit: int | None, output: Output
) -> None:
    left = limit
    async with aclosing(investigation.in_order(query)) as parts:
        async for ids in parts:
            await _print(investigation, query, ids[:left], output)
            left = None if left is None else left - len(ids)
            if left is not None and left <= 0:
                return


async def _say_why_nothing(investigation: Investigation) -> None:
    """A field that is misspelled looks like events that did not happen."""
    if len(investigation.view) or not investigation.loaded:
        return
    if missing := await investigation.missing_fields():
        fields = "field" if len(missing) == 1 else "fields"
        say(f"no event has the {fields} {' or '.join(missing)}, which the filter speaks of.")


def _untouched(services: Services, query: Query, filters: FilterStack) -> FileSource | None:
    """The files whose events come out as they are, or None where something is to be picked out of them."""
    picked = query.pattern or query.streams or query.stream_prefix or filters.condition() is not None
    return None if picked or services.context.live else services.files


async def _passed_on(
    files: FileSource, services: Services, query: Query, limit: int | None, output: Output
) -> None:
    """Prints what `_from_the_beginning` would, without a window."""
    progress = Progress()
    with_levels = output.format == "text"
    try:
        async with aclosing(ordered(files, query, services.clock, limit=limit, levels=with_levels)) as parts:
            async for part in parts:
                if isinstance(part, Progress):
                    progress = part
                else:
                    output.columns(part, with_group=len(query.groups) > 1)
        output.flush()
    finally:
        for sentence in (*progress.partial, *services.reader.notes):
            say(f"not everything: {sentence}")


async def _around(
    services: Services, investigation: Investigation, query: Query, named: str, lines: int, output: Output
) -> None:
    event = _place(query.groups, named) or await locate(services.reader, query, named, services.clock)
    await investigation.open_around(event, before=lines, after=lines)
    view = investigation.view
    first, last = view.at_or_after(event.timestamp), view.after(event.timestamp)
    await _print(investigation, query, view.slice(first - lines, last + lines), output)


def _place(groups: Sequence[str], named: str) -> LogEvent | None:
    """The event that `STREAM@MS` stands for; its text is not known."""
    stream, _, moment = named.rpartition("@")
    if not stream or not moment.isdecimal():
        return None
    if len(groups) != 1:
        raise InputError(f"In which group is {named}?", "Name the one group.", code="around")
    return LogEvent(int(moment), 0, groups[0], stream, "")


async def _print(investigation: Investigation, query: Query, ids: Any, output: Output) -> None:
    async with aclosing(investigation.columns(ids)) as parts:
        async for columns in parts:
            output.columns(columns, with_group=len(query.groups) > 1)
    output.flush()
