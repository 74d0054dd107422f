"""CloudWatch Logs' names and members, to and from cwtui's values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cwtui.adapters.event_columns import EventColumns
from cwtui.core.models import EventBatch, LogGroup, LogStream


def named(group: str) -> dict[str, Any]:
    """The request member that names a group: a group of another account is known by its ARN only."""
    if group.startswith("arn:"):
        return {"logGroupIdentifier": group.removesuffix(":*")}
    return {"logGroupName": group}


def given(**params: object) -> dict[str, Any]:
    """What is neither None nor empty: the service refuses empty lists and names."""
    return {name: value for name, value in params.items() if value not in (None, "", [])}


def arn_of(group: LogGroup, here: str) -> str:
    """The group's ARN without `:*`, made from `here` (`arn:aws:logs:REGION:ACCOUNT`) where it has none."""
    return group.arn.removesuffix(":*") if group.arn else f"{here}:log-group:{group.name}"


def group_of(item: Mapping[str, Any], account: str, region: str) -> LogGroup:
    """A member of `logGroups`; `account` is the caller's, for answers without an ARN."""
    arn = str(item.get("logGroupArn") or item.get("arn", "")).removesuffix(":*")
    return LogGroup(
        item["logGroupName"],
        arn,
        item.get("storedBytes"),
        item.get("retentionInDays"),
        item.get("creationTime"),
        item.get("logGroupClass", ""),
        arn.split(":")[4] if arn.count(":") >= 6 else account,
        region,
    )


def stream_of(item: Mapping[str, Any], group: str) -> LogStream:
    """A member of `logStreams`."""
    return LogStream(
        item["logStreamName"],
        name_of(group),
        item.get("firstEventTimestamp"),
        item.get("lastEventTimestamp"),
        item.get("lastIngestionTime"),
        item.get("creationTime"),
    )


def batch_of(events: EventColumns, account: str, region: str, group: str, stream: str = "") -> EventBatch:
    """A batch of one group; `stream` names the stream of all of them where the events do not."""
    if group.startswith("arn:"):
        account, group = group.split(":")[4], name_of(group)
    return EventBatch(
        account,
        region,
        group,
        events.timestamps,
        events.ingestion_times,
        [stream] * len(events) if stream else events.streams,
        events.messages,
        events.event_ids,
        events.malformed,
    )


def name_of(group: str) -> str:
    """The group's name, of a name or an ARN."""
    return group.partition(":log-group:")[2].removesuffix(":*") if group.startswith("arn:") else group


def identified(identifier: str, groups: Sequence[LogGroup]) -> LogGroup:
    """Which of the groups a live tail means by a name, `ACCOUNT:NAME` or an ARN."""
    told = f":{identifier.removesuffix(':*')}"
    named = [group for group in groups if told.endswith(f":{group.name}")]
    exact = [group for group in named if group.arn and f":{group.arn.split(':')[4]}:" in told]
    own = [group for group in named if not group.arn]
    return next(iter((*exact, *own, *named)), LogGroup(identifier))
