"""CloudWatch Logs' names and members, to and from cwtui's values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cwtui.adapters.event_columns import EventColumns
from cwtui.core.models import EventBatch, LogGroup, LogStream
from cwtui.core.naming import is_arn, name_of
from cwtui.core.naming import named as parts_of


def named(group: str) -> dict[str, Any]:
    """The request member that names a group: a group of another account is known by its ARN only."""
    if is_arn(group):
        return {"logGroupIdentifier": group.removesuffix(":*")}
    return {"logGroupName": group}


def given(**params: object) -> dict[str, Any]:
    """What is neither None nor empty: the service refuses empty lists and names."""
    return {name: value for name, value in params.items() if value not in (None, "", [])}


def arn_of(group: LogGroup, here: str) -> str:
    """The group's ARN without `:*`, made from `here` (`arn:aws:logs:REGION:ACCOUNT`) where it has none."""
    return group.arn.removesuffix(":*") if group.arn else f"{here}:log-group:{group.name}"


def group_of(item: Mapping[str, Any], account: str, region: str) -> LogGroup:
    """A member of `logGroups`; `account` is the caller's, empty where that is not known."""
    arn = str(item.get("logGroupArn") or item.get("arn", "")).removesuffix(":*")
    lies_in = parts_of(arn).account
    return LogGroup(
        item["logGroupName"],
        arn,
        item.get("storedBytes"),
        item.get("retentionInDays"),
        item.get("creationTime"),
        item.get("logGroupClass", ""),
        lies_in or account,
        region,
        by_arn=bool(account and lies_in and lies_in != account),
        # Neither ListLogGroups nor a listing by a pattern tells the rest where it leaves this out.
        described="storedBytes" in item,
        kms_key=str(item.get("kmsKeyId", "")),
        masking=str(item.get("dataProtectionStatus", "")),
        metric_filters=item.get("metricFilterCount"),
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
    own, there, group = parts_of(group)
    return EventBatch(
        own or account,
        there or region,
        group,
        events.timestamps,
        events.ingestion_times,
        [stream] * len(events) if stream else events.streams,
        events.messages,
        events.event_ids,
        events.malformed,
    )


def identified(identifier: str, groups: Sequence[LogGroup]) -> LogGroup:
    """Which of the groups a live tail means by a name, `ACCOUNT:NAME` or an ARN."""
    told = f":{identifier.removesuffix(':*')}"
    named = [group for group in groups if told.endswith(f":{group.name}")]
    exact = [group for group in named if group.arn and f":{parts_of(group.arn).account}:" in told]
    own = [group for group in named if not group.arn]
    return next(iter((*exact, *own, *named)), LogGroup(identifier))
