"""Each feature tried by its cheapest real call: the answer itself is not looked at, only that there is one.

Nothing is written and nothing billed, unless a live tail is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial

from cwtui.access.doctor.exam import Check, Exam, named_group
from cwtui.access.doctor.findings import Finding, Status
from cwtui.access.doctor.fixes import slug
from cwtui.access.doctor.simulation import simulated
from cwtui.access.doctor.verdicts import NOT_ASKED, of_error, told_already
from cwtui.core.errors import CwtuiError, InputError, NotFound, WrongLogClass
from cwtui.core.models import LiveRequest, LogGroup
from cwtui.core.naming import is_arn, name_of
from cwtui.core.permissions import AREAS, TABLE, Permission
from cwtui.core.text import middle

_RECENT_MS = 60_000
_NO_SUCH_STREAM = "cwtui-doctor"
_STREAM_GONE = "stream"
"""What the code of the error says where the group is there and its stream is not."""

Probe = Callable[[Exam, str], Awaitable[str]]
"""Tries a feature on a group; what was seen, in words. Raises CwtuiError."""


async def _groups(exam: Exam, group: str) -> str:
    listed = await exam.first_groups()
    more = " and more" if "nextToken" in listed else ""
    count = len(listed["logGroups"])
    return f"{count} group{'' if count == 1 else 's'}{more}"


async def _groups_quickly(exam: Exam, group: str) -> str:
    await exam.member("logs", "ListLogGroups", "logGroups", limit=1)
    return "1,000 groups a page"


async def _streams(exam: Exam, group: str) -> str:
    listed = (await exam.first_streams())["logStreams"]
    return f"newest in {middle(group, 40)}: {listed[0]['logStreamName']}" if listed else "none there"


async def _events(exam: Exam, group: str) -> str:
    since = exam.bench.clock() - _RECENT_MS
    await exam.member("logs", "FilterLogEvents", "events", **named_group(group), startTime=since, limit=1)
    return f"of {middle(group, 60)}"


async def _stream(exam: Exam, group: str) -> str:
    try:
        listed = (await exam.first_streams())["logStreams"]
    except CwtuiError:
        listed = []
    # Whoever may not read is refused before it is looked whether the stream is there.
    name = listed[0]["logStreamName"] if listed else _NO_SUCH_STREAM
    try:
        await exam.member("logs", "GetLogEvents", "events", **named_group(group), logStreamName=name, limit=1)
    except NotFound as error:
        if listed or not error.code.endswith(_STREAM_GONE):
            raise
    return f"of {middle(group, 60)}"


async def _live(exam: Exam, group: str) -> str:
    request = LiveRequest((LogGroup(name_of(group), arn=group if is_arn(group) else ""),))
    started = asyncio.get_running_loop().time()
    async with aclosing(exam.bench.reader.live(request)) as updates:
        async for _ in updates:
            break
    return f"first update after {asyncio.get_running_loop().time() - started:.1f} s"


async def _metric_filters(exam: Exam, group: str) -> str:
    if is_arn(group):
        return "not asked: it takes no group of another account"
    await exam.member("logs", "DescribeMetricFilters", "metricFilters", logGroupName=group, limit=1)
    return f"of {middle(group, 60)}"


async def _masking(exam: Exam, group: str) -> str:
    await exam.call("logs", "GetDataProtectionPolicy", logGroupIdentifier=group)
    return f"of {middle(group, 60)}"


async def _alias(exam: Exam, group: str) -> str:
    found = (await exam.once("iam", "ListAccountAliases", "AccountAliases"))["AccountAliases"]
    return str(found[0]) if found else "it has none"


_PROBES: Mapping[str, Probe] = {
    "DescribeLogGroups": _groups,
    "ListLogGroups": _groups_quickly,
    "DescribeLogStreams": _streams,
    "FilterLogEvents": _events,
    "GetLogEvents": _stream,
    "StartLiveTail": _live,
    "DescribeMetricFilters": _metric_filters,
    "GetDataProtectionPolicy": _masking,
    "ListAccountAliases": _alias,
}
_WITHOUT_GROUP = {"DescribeLogGroups", "ListLogGroups", "ListAccountAliases"}
PROBED = tuple(row for row in TABLE if row.operation in _PROBES)
"""The rows of the permissions table that are tried."""


def check_of(row: Permission) -> Check:
    """The check that tries a feature."""
    title = row.feature[:1].upper() + row.feature[1:]
    return Check(f"feature.{slug(row.feature)}", title, partial(_try, row), row.feature)


def features_named(names: tuple[str, ...]) -> frozenset[str]:
    """The features meant by names: one's own (`read log events`, `read-log-events`), an operation
    (`FilterLogEvents`), an action (`logs:FilterLogEvents`) or an area (`read`). Raises InputError."""
    found: set[str] = set()
    rows = [row for row in TABLE if row in PROBED or row.area == "export"]
    for name in names:
        wanted = name.strip().lower()
        meant = {
            row.feature
            for row in rows
            if wanted in (row.feature, slug(row.feature), row.operation.lower(), row.action.lower(), row.area)
        }
        if not meant:
            known = ", ".join(dict.fromkeys(slug(row.feature) for row in rows))
            areas = ", ".join(area for area in AREAS if any(row.area == area for row in rows))
            raise InputError(
                f"doctor knows no feature '{name}'.", f"Features: {known}. Areas: {areas}.", code="feature"
            )
        found |= meant
    return frozenset(found)


async def _try(row: Permission, exam: Exam) -> Finding:
    check = check_of(row)
    group = "" if row.operation in _WITHOUT_GROUP else await exam.group()
    if not group and row.operation not in _WITHOUT_GROUP:
        return _skipped(check, await _why_no_group(exam))
    told = await simulated(exam, row, group)
    if row.operation == "StartLiveTail" and not exam.bench.live:
        if told is not None:
            return told.of(check, row)
        return _skipped(check, f"Not tried: it is billed by the minute. It needs {row.action}; --live tries.")
    try:
        evidence = await _PROBES[row.operation](exam, group)
    except WrongLogClass as error:
        finding = Finding(check.id, check.title, Status.UNKNOWN, error.message, feature=check.feature)
    except CwtuiError as error:
        finding = await of_error(exam, check, error)
    else:
        finding = Finding(check.id, check.title, Status.OK, evidence, feature=check.feature)
    return told.beside(finding) if told is not None else finding


def _skipped(check: Check, why: str) -> Finding:
    return Finding(check.id, check.title, Status.SKIPPED, why, feature=check.feature)


async def _why_no_group(exam: Exam) -> str:
    try:
        await exam.first_groups()
    except CwtuiError as error:
        if await told_already(exam, error):
            return NOT_ASKED
        return "Not tried: no group can be listed. Name one: --group NAME."
    return "Not tried: there is no log group here."
