"""`groups` and `streams`: what there is."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import click

from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output
from cwtui.cli.running import run
from cwtui.core.models import LogGroup, LogStream, StreamsRequest
from cwtui.core.text import human_bytes, printable
from cwtui.core.timespec import iso
from cwtui.fetch.paging import all_groups, all_streams
from cwtui.wiring import Services

GROUP_KEYS = (
    "logGroupName",
    "arn",
    "storedBytes",
    "retentionInDays",
    "creationTime",
    "logGroupClass",
    "account",
    "region",
)
STREAM_KEYS = (
    "logStreamName",
    "logGroupName",
    "firstEventTimestamp",
    "lastEventTimestamp",
    "lastIngestionTime",
    "creationTime",
)


@click.command("groups")
@click.argument("pattern", default="")
@common
@click.pass_context
def groups_command(context: click.Context, /, pattern: str, **given: Any) -> None:
    """List log groups whose name holds PATTERN (case-sensitive)."""
    remember(context, given)
    settings = settings_of(context)

    async def work(services: Services) -> None:
        with Output(settings, context.obj.get("output")) as output:
            async with aclosing(all_groups(services.reader, pattern)) as pages:
                async for page in pages:
                    for group in page:
                        output.record(_group_record(group), GROUP_KEYS, _group_line(group))
                    output.flush()

    run(settings, work)


@click.command("streams")
@click.argument("group")
@click.argument("prefix", default="")
@common
@click.pass_context
def streams_command(context: click.Context, /, group: str, prefix: str, **given: Any) -> None:
    """List the log streams of GROUP, newest first, or by name those that begin with PREFIX."""
    remember(context, given)
    settings = settings_of(context)

    async def work(services: Services) -> None:
        request = StreamsRequest(group, prefix, newest_first=not prefix)
        with Output(settings, context.obj.get("output")) as output:
            async with aclosing(all_streams(services.reader, request)) as pages:
                async for page in pages:
                    for stream in page:
                        last = "-" if stream.last_event is None else iso(stream.last_event, settings.tzinfo)
                        line = f"{last:<24} {printable(stream.name)}"
                        output.record(_stream_record(stream), STREAM_KEYS, line)
                    output.flush()

    run(settings, work)


def _group_record(group: LogGroup) -> dict[str, Any]:
    values = (
        group.name,
        group.arn,
        group.stored_bytes,
        group.retention_days,
        group.creation_time,
        group.log_class,
        group.account,
        group.region,
    )
    return dict(zip(GROUP_KEYS, values, strict=True))


def _group_line(group: LogGroup) -> str:
    size = "-" if group.stored_bytes is None else human_bytes(group.stored_bytes)
    kept = "never expires" if group.retention_days is None else f"{group.retention_days} d"
    return f"{size:>10}  {kept:>13}  {printable(group.name)}"


def _stream_record(stream: LogStream) -> dict[str, Any]:
    values = (
        stream.name,
        stream.group,
        stream.first_event,
        stream.last_event,
        stream.last_ingestion,
        stream.creation_time,
    )
    return dict(zip(STREAM_KEYS, values, strict=True))
