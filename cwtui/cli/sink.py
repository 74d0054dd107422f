"""`sink-test`: does what is written to a log group arrive, and how soon?"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import click

from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output, say
from cwtui.cli.running import run
from cwtui.core.aliases import group_named
from cwtui.core.errors import CwtuiError, InputError, NotFound, PermissionDenied
from cwtui.core.text import printable
from cwtui.core.timespec import parse_duration
from cwtui.wiring import Services

if TYPE_CHECKING:
    from cwtui.access.sink_test import Report


@click.command("sink-test")
@click.argument("group", metavar="GROUP")
@click.argument("stream", metavar="[STREAM]", required=False)
@click.option("--create-group", is_flag=True, help="Make the group (and the stream) if there is none.")
@click.option("--create-stream", is_flag=True, help="Make the stream if there is none.")
@click.option("--no-live", is_flag=True, help="Leave the Live Tail out, which is billed by the minute.")
@click.option("--wait", default="60s", metavar="TIME", show_default=True, help="How long to look for it.")
@common
@click.pass_context
def sink_test_command(
    context: click.Context,
    /,
    group: str,
    stream: str | None,
    create_group: bool,
    create_stream: bool,
    no_live: bool,
    wait: str,
    **given: Any,
) -> None:
    """Put a canary into GROUP and read it back by GetLogEvents, FilterLogEvents and Live Tail.

    Writes one event to STREAM (cwtui-sink-test by default) and says how long each way took; so it needs
    --allow-write. Ends with 0 when every way gave the canary, with 5 when one did not within --wait, and
    with the code of the failure when one was refused.
    """
    from cwtui.access.sink_test import DEFAULT_STREAM, Wanted, sink_test

    remember(context, given)
    settings = settings_of(context)
    wanted = Wanted(
        group_named(group, settings.aliases),
        stream or DEFAULT_STREAM,
        create_group,
        create_stream,
        live=not no_live,
        patience_s=parse_duration(wait) / 1000,
    )

    async def work(services: Services) -> None:
        if services.calls is None:
            raise InputError("A recording takes no events.", "Leave --mock and --from out.", code="offline")
        if not settings.allow_write:
            raise PermissionDenied(
                "sink-test writes an event to the log group, and cwtui is read-only here.",
                "Add --allow-write, or set allow_write = true on the context.",
                code="read-only",
            )
        nonce = secrets.token_hex(8)
        report = await sink_test(
            services.calls, services.reader, wanted, nonce, clock=services.clock, tell=say
        )
        with Output(settings, context.obj.get("output")) as output:
            record = report.record()
            output.record(record, tuple(record), _text(report))
        _end(report)

    run(settings, work)


def _text(report: Report) -> str:
    where = f"{printable(report.group)} {printable(report.stream)}"
    lines = [f"{where}: canary {report.nonce}, accepted in {report.put_ms:,} ms"]
    if report.rejected:
        lines.append(f"  not kept: {report.rejected}")
    for way in report.ways:
        if way.delay_ms is not None:
            said = f"after {way.delay_ms / 1000:.1f} s"
        else:
            said = "not seen" if way.error is None else f"failed: {printable(way.error.message)}"
        lines.append(f"  {way.operation:<16} {said}")
    return "\n".join(lines)


def _end(report: Report) -> None:
    """Raises what makes the exit code, where the canary did not come back on every way."""
    failures: list[CwtuiError] = [way.error for way in report.ways if way.error is not None]
    if failures:
        raise failures[0]
    if not report.arrived:
        missing = [way.operation for way in report.ways if way.delay_ms is None]
        said = f"{' and '.join(missing)} did not give it in time"
        if report.rejected:
            said = f"the service did not keep it ({report.rejected})"
        raise NotFound(f"The canary did not come back: {said}.", "Try a longer --wait.", code="canary")
