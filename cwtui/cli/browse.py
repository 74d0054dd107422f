"""`groups` and `streams`: what there is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from datetime import tzinfo
from typing import Any

import click

from cwtui.access.stream_names import by_activity, lags, stream_name
from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output, say
from cwtui.cli.running import run
from cwtui.core.aliases import MARK, group_named, groups_named
from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.models import Context, LogGroup, LogStream, StreamsRequest
from cwtui.core.naming import name_of
from cwtui.core.places import account_label
from cwtui.core.ports import LogReader
from cwtui.core.text import human_bytes, printable
from cwtui.core.timespec import iso
from cwtui.fetch.group_facts import facts_of
from cwtui.fetch.paging import all_groups, all_streams
from cwtui.fetch.together import resolved
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
    "kmsKeyId",
    "masking",
    "metricFilters",
)
STREAM_KEYS = (
    "logStreamName",
    "logGroupName",
    "firstEventTimestamp",
    "lastEventTimestamp",
    "lastIngestionTime",
    "creationTime",
    "kind",
    "day",
    "version",
    "run",
    "session",
    "container",
)


@click.command("groups")
@click.argument("pattern", default="")
@click.option(
    "--never-expires", is_flag=True, help="Only groups whose events are kept, and paid for, for ever."
)
@common
@click.pass_context
def groups_command(context: click.Context, /, pattern: str, never_expires: bool, **given: Any) -> None:
    """List log groups whose name holds PATTERN (case-sensitive), with their facts; @ALIAS: those it means."""
    remember(context, given)
    settings = settings_of(context)
    called = groups_named([pattern], settings.aliases) if pattern.startswith(MARK) else ()

    async def work(services: Services) -> None:
        refused: dict[str, CwtuiError] = {}
        with Output(settings, context.obj.get("output")) as output:
            wanted = frozenset(await resolved(services.reader, called))
            for name in sorted({name_of(each) for each in wanted}) or [pattern]:
                async with aclosing(all_groups(services.reader, name, refused)) as pages:
                    async for page in pages:
                        if called:
                            page = [each for each in page if wanted & {each.identifier, each.arn, each.name}]
                        for group in await _with_facts(services.reader, page):
                            if never_expires and not (group.described and group.retention_days is None):
                                continue
                            line = _group_line(group, _place(services.context, group, linked=settings.linked))
                            output.record(_group_record(group), GROUP_KEYS, line)
                        output.flush()
        for label, error in refused.items():
            say(f"not listed: {label}: {error.message}", error.hint)

    run(settings, work)


async def _with_facts(reader: LogReader, groups: Sequence[LogGroup]) -> list[LogGroup]:
    """The groups with what a listing by a pattern leaves out. Raises CwtuiError."""
    unknown = [group for group in groups if not group.described]
    told: dict[str, LogGroup] = {}
    async with aclosing(facts_of(reader, unknown)) as pages:
        async for page in pages:
            told.update((group.identifier, group) for group in page)
    return [told.get(group.identifier, group) for group in groups]


@click.command("streams")
@click.argument("group")
@click.argument("prefix", default="")
@common
@click.pass_context
def streams_command(context: click.Context, /, group: str, prefix: str, **given: Any) -> None:
    """List the log streams of GROUP, or those that begin with PREFIX: the one written to last comes first.

    `lastEventTimestamp` lags, by an hour and more: where events came in since, "or later" stands behind it.
    """
    remember(context, given)
    settings = settings_of(context)

    async def work(services: Services) -> None:
        found = await resolved(services.reader, [group_named(group, settings.aliases)])
        if len(found) > 1:
            raise InputError(
                f"{group} stands for {len(found)} log groups, and one is wanted here.",
                "Name one of them:\n" + "\n".join(found),
                code="group",
            )
        request = StreamsRequest(found[0], prefix, newest_first=not prefix)
        with Output(settings, context.obj.get("output")) as output:
            named: list[LogStream] = []
            async with aclosing(all_streams(services.reader, request)) as pages:
                async for page in pages:
                    if prefix:
                        named += page  # the service gives these by name only
                        continue
                    for stream in by_activity(page):
                        output.record(*_stream_row(stream, settings.tzinfo))
                    output.flush()
            for stream in by_activity(named):
                output.record(*_stream_row(stream, settings.tzinfo))

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
        group.kms_key or None,
        group.masking or None,
        group.metric_filters,
    )
    return dict(zip(GROUP_KEYS, values, strict=True))


def _place(context: Context, group: LogGroup, *, linked: bool) -> str:
    """Account and region in two columns, where there are several."""
    if not (context.members or linked):
        return ""
    return f"{printable(account_label(context, group.account)):<12}  {group.region:<14}  "


def _group_line(group: LogGroup, place: str) -> str:
    size = "-" if group.stored_bytes is None else human_bytes(group.stored_bytes)
    kept = "never expires" if group.retention_days is None else f"{group.retention_days} d"
    kept = kept if group.described else "-"
    return f"{place}{size:>10}  {kept:>13}  {printable(group.name)}"


def _stream_row(stream: LogStream, zone: tzinfo) -> tuple[dict[str, Any], tuple[str, ...], str]:
    """The record of a stream, its keys and its line."""
    parsed = stream_name(stream.name, stream.group)
    values = (
        stream.name,
        stream.group,
        stream.first_event,
        stream.last_event,
        stream.last_ingestion,
        stream.creation_time,
        str(parsed.kind),
        parsed.day,
        parsed.version,
        parsed.run,
        parsed.session,
        parsed.container,
    )
    last = "-" if stream.last_event is None else iso(stream.last_event, zone)
    later = "or later" if lags(stream) else ""
    line = f"{last:<24} {later:<8}  {printable(parsed.what):<20}  {printable(stream.name)}"
    return dict(zip(STREAM_KEYS, values, strict=True)), STREAM_KEYS, line
