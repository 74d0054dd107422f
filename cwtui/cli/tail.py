"""`tail`: follow groups, each event once."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

import click

from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output, say, say_error
from cwtui.cli.running import run, until
from cwtui.cli.selection import query_of, selecting, selection_of
from cwtui.core.errors import CwtuiError
from cwtui.core.models import Query, TimeWindow
from cwtui.core.timespec import iso, parse_duration
from cwtui.investigation import Investigation
from cwtui.wiring import Services


@click.command("tail")
@selecting
@click.option("--for", "duration", metavar="TIME", help="End after 30s, 10m, ...")
@click.option("--live", is_flag=True, help="Use the Live Tail: faster, and billed by the minute.")
@common
@click.pass_context
def tail_command(context: click.Context, /, duration: str | None, live: bool, **given: Any) -> None:
    """Follow GROUP...; --since prints what came before first.

    Polls FilterLogEvents, which costs nothing, unless --live is given. Ends on Ctrl-C, after --for, or
    when its pipe closes.
    """
    chosen = selection_of(given)
    remember(context, given)
    settings = settings_of(context)
    seconds = parse_duration(duration) / 1000 if duration else None
    if chosen.until:
        raise click.UsageError("tail has no end: leave --until out, or use `cwtui events`.")
    filters = chosen.filters()
    chosen.check_pattern()

    async def work(services: Services) -> None:
        query = await query_of(services, chosen)
        if chosen.since is None:
            query = Query(
                query.groups, TimeWindow(services.clock()), query.stream_prefix, pattern=query.pattern
            )
        investigation = services.investigation()
        await investigation.set_filters(filters)
        try:
            with Output(settings, context.obj.get("output")) as output:
                output.in_places(lambda: services.context)
                await until(_while_read(_follow(investigation, query, output, live=live)), seconds)
        finally:
            await investigation.aclose()

    run(settings, work)


async def _follow(investigation: Investigation, query: Query, output: Output, *, live: bool) -> None:
    several = len(query.groups) > 1
    told: set[str] = set()

    def tell_refusal() -> None:
        refused = investigation.follow_state.tail.refused
        if refused is not None and refused.message not in told:
            told.add(refused.message)
            say_error(refused)
            say("followed by polling instead.")

    # While nothing comes there is no update to tell it at.
    investigation.subscribe(tell_refusal)
    try:
        async with aclosing(investigation.in_order(query)) as parts:
            async for ids in parts:
                async for events in investigation.events(ids):
                    output.events(events, with_group=several)
                output.flush()
        _tell(investigation.load_state.partial, told)
        async with aclosing(investigation.updates(live=live)) as updates:
            async for ids in updates:
                async for events in investigation.events(ids):
                    output.events(events, with_group=several)
                output.flush()
                _tell(investigation.follow_state.tail.failed, told)
    except CwtuiError:
        say(f"resume with --since {iso(investigation.resume_from)}")
        raise
    except asyncio.CancelledError:
        output.flush()
        raise


async def _while_read(work: Coroutine[Any, Any, None]) -> None:
    """Awaits the work; BrokenPipeError ends it when nobody reads our pipe any more.

    Writing would tell, too; but where nothing comes nothing is written, and a Live Tail costs.
    """
    following, pipe, loop = asyncio.ensure_future(work), _pipe(), asyncio.get_running_loop()
    left = False

    def leave() -> None:
        nonlocal left
        left = True
        loop.remove_reader(pipe)
        following.cancel()

    if pipe >= 0:
        # The end of a pipe that is written to is never readable: what is told is that its reader has gone.
        loop.add_reader(pipe, leave)
    try:
        await following
    except asyncio.CancelledError:
        if left:
            raise BrokenPipeError from None
        raise
    finally:
        if pipe >= 0:
            loop.remove_reader(pipe)


def _pipe() -> int:
    """The file descriptor of our output where that is a pipe; -1 where not."""
    try:
        number = sys.stdout.fileno()
        return number if stat.S_ISFIFO(os.fstat(number).st_mode) else -1
    except (OSError, ValueError):
        return -1


def _tell(sentences: tuple[str, ...], told: set[str]) -> None:
    for sentence in sentences:
        if sentence not in told:
            told.add(sentence)
            say(f"not followed: {sentence}")
