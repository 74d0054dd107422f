"""What is known of a log group or a stream, in words: for a sheet of facts.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from cwtui.access.stream_names import StreamName, lags, stream_name
from cwtui.core.models import Context, LogGroup, LogStream
from cwtui.core.naming import arn_of_group, named
from cwtui.core.ports import AwsCalls
from cwtui.core.text import human_bytes
from cwtui.core.timespec import iso
from cwtui.settings import Settings

DAY_MS = 86_400_000
ADVISED_DAYS = 30
"""The retention that the printed command sets; one of those that AWS takes."""

_MOST_FILTERS = 50
_CLASSES = {
    "STANDARD": "Standard",
    "INFREQUENT_ACCESS": "Infrequent Access: its events are for Logs Insights; "
    "they cannot be listed, filtered, tailed or exported",
    "DELIVERY": "Delivery: its events are passed on and kept for a day; "
    "they cannot be listed, filtered, tailed or queried",
}
_MASKING = {
    "ACTIVATED": "on: what the data protection policy finds comes masked; logs:Unmask shows it",
    "DISABLED": "off: there is a data protection policy, and it is disabled",
    "DELETED": "off: the data protection policy was deleted; what it masked stays masked",
    "ARCHIVED": "off: the data protection policy is archived",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a sheet. Holds foreign text."""

    name: str
    text: str
    warns: bool = False
    """It costs money, or is not as it should be."""
    known: bool = True


def group_facts(group: LogGroup, now: int, zone: tzinfo, *, offline: bool = False) -> list[Fact]:
    """What the service, or a recording, tells of a group; `now` in ms UTC."""
    silent = "the recording does not say" if offline else "not known"
    told = group.described and not (offline and group.creation_time is None and group.stored_bytes is None)

    def fact(name: str, text: str, *, warns: bool = False, known: bool = True) -> Fact:
        return Fact(name, text if known else silent, warns and known, known)

    stored = group.stored_bytes
    size = "" if stored is None else human_bytes(stored) + (f" ({stored:,} bytes)" if stored >= 1024 else "")
    return [
        fact("retention", _retention(group), warns=group.retention_days is None, known=told),
        fact("size", size, known=stored is not None),
        fact("created", _moment(group.creation_time, now, zone), known=group.creation_time is not None),
        fact("reaches back", _reach(group, now), known=told and group.creation_time is not None),
        fact(
            "class",
            _CLASSES.get(group.log_class, group.log_class),
            warns=group.log_class in ("INFREQUENT_ACCESS", "DELIVERY"),
            known=bool(group.log_class),
        ),
        fact(
            "KMS key",
            group.kms_key or "none of yours: CloudWatch encrypts with its own",
            known=told and not offline,
        ),
        fact(
            "masking",
            _MASKING.get(group.masking, group.masking) or "none: there is no data protection policy",
            known=told and not offline,
        ),
        fact(
            "metric filters",
            "none" if group.metric_filters == 0 else f"{group.metric_filters}",
            known=group.metric_filters is not None,
        ),
        fact("ARN", group.arn, known=bool(group.arn)),
        fact("account", group.account, known=bool(group.account)),
        fact("region", group.region, known=bool(group.region)),
    ]


def retention_command(group: LogGroup, settings: Settings, context: Context) -> str:
    """The command that ends keeping for ever, to be copied; empty where events expire, or nobody knows.

    It names the profile of the account that the group lies in, which another may have one of its name in;
    where no profile leads there, the account stands behind it as a comment.
    """
    if not group.described or group.retention_days is not None:
        return ""
    region = group.region or context.region
    profile, leads_there = _profile_of(group, settings, context)
    return (
        f"aws logs put-retention-policy --log-group-name {shlex.quote(group.name)} "
        f"--retention-in-days {ADVISED_DAYS}"
        + (f" --region {region}" if region else "")
        + (f" --profile {shlex.quote(profile)}" if profile else "")
        + (f"  # in account {group.account}" if group.account and not leads_there else "")
    )


def _profile_of(group: LogGroup, settings: Settings, context: Context) -> tuple[str, bool]:
    """The profile whose credentials are those that read the group, and whether they are: no role between."""
    ways = [(settings, context)]
    if settings.members:
        ways = [(one, here) for (_, one), here in zip(settings.members, context.members, strict=False)]
    for one, here in ways:
        own = group.account == here.account
        if not settings.members:
            own = own or not group.account or (not here.account and not group.by_arn)
        if own and group.region in ("", here.region) and not one.role_arn:
            return one.profile, True
    return "", False


async def metric_filters(door: AwsCalls, group: str) -> list[str]:
    """What the metric filters of a group count: `NAME: PATTERN -> NAMESPACE/METRIC`, a line each.

    Asks DescribeMetricFilters once, which knows a group by its name in the account that asks. Raises
    CwtuiError.
    """
    answer = await door.call("logs", "DescribeMetricFilters", {"logGroupName": group, "limit": _MOST_FILTERS})
    found = answer.get("metricFilters")
    lines = _filter_lines(found) if isinstance(found, list) else []
    return [*lines, f"and more than these {_MOST_FILTERS}"] if "nextToken" in answer else lines


def _filter_lines(filters: Sequence[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for each in filters:
        metrics = ", ".join(
            f"{one.get('metricNamespace', '')}/{one.get('metricName', '')}"
            for one in each.get("metricTransformations", [])
        )
        pattern = str(each.get("filterPattern", "")) or "every event"
        lines.append(f"{each.get('filterName', '')}: {pattern}" + (f" -> {metrics}" if metrics else ""))
    return lines


def stream_facts(
    stream: LogStream, group: str, arn: str, now: int, zone: tzinfo, *, offline: bool = False
) -> list[Fact]:
    """What is known of a stream of the group of that name; `now` in ms UTC."""

    def when(name: str, at: int | None, without: str) -> Fact:
        return Fact(name, without if at is None else _moment(at, now, zone), known=at is not None)

    late = lags(stream)
    last = when("last event", stream.last_event, "none told yet; there may be some all the same")
    if late:
        last = Fact(last.name, f"{last.text}, or later", warns=True, known=last.known)
    parsed = stream_name(stream.name, group)
    return [
        when("first event", stream.first_event, "none told yet"),
        last,
        when("last came in", stream.last_ingestion, "nothing told yet"),
        # The times of a recording are those of its events.
        *([] if offline else [Fact("how sure", _lag_words(late=late), warns=late)]),
        when("created", stream.creation_time, "not known"),
        *([Fact("is", _kind_words(parsed))] if parsed.kind else []),
        Fact("ARN", arn or "not known", known=bool(arn)),
    ]


def stream_arn(stream: str, group: str, account: str = "", region: str = "") -> str:
    """The ARN of a stream; empty where account or region of its group are not known."""
    there = named(group)
    account, region = there.account or account, there.region or region
    if not (account and region):
        return ""
    return f"{arn_of_group(account, region, there.name)}:log-stream:{stream}"


def _retention(group: LogGroup) -> str:
    if group.retention_days is None:
        return "never expires: its events are kept, and paid for, for ever"
    days = group.retention_days
    return f"{days} day{'' if days == 1 else 's'}"


def _reach(group: LogGroup, now: int) -> str:
    """How old its oldest event can be: younger than the group, as far as events are not brought in later."""
    age = max(0, (now - (group.creation_time or now)) // DAY_MS)
    days = age if group.retention_days is None else min(age, group.retention_days)
    why = "as old as the group" if days == age else "older ones have expired"
    if not days:
        return "less than a day"
    return f"about {days:,} day{'' if days == 1 else 's'}, {why}"


def _moment(at: int | None, now: int, zone: tzinfo) -> str:
    if at is None:
        return ""
    minutes = max(0, now - at) // 60_000
    steps = ((2, minutes, "min"), (2, minutes // 60, "h"), (1, minutes // 1440, "d"))
    ago = next((f"{count} {unit}" for least, count, unit in reversed(steps) if count >= least), "")
    return f"{iso(at, zone)} ({f'{ago} ago' if ago else 'just now'})"


def _lag_words(*, late: bool) -> str:
    if late:
        return "events came in well after the last one that AWS tells: it lags, by an hour and more"
    return "AWS brings these times up to date within an hour, sometimes later: never conclude from them"


def _kind_words(parsed: StreamName) -> str:
    return ", ".join(filter(None, (parsed.what, parsed.run or parsed.session)))
