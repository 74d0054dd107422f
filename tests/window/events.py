"""Events in short hand, for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from cwtui.core.models import EventBatch, LogEvent


def event(
    timestamp: int,
    message: str = "",
    stream: str = "s",
    group: str = "/g",
    ingestion: int = 0,
    account: str = "1",
    region: str = "eu-west-1",
    event_id: str = "",
) -> LogEvent:
    return LogEvent(timestamp, ingestion, group, stream, message, event_id, account, region)


def batches(events: Iterable[LogEvent]) -> list[EventBatch]:
    """The events in the order given, a batch for each run of one group."""
    runs = groupby(events, key=lambda event: (event.account, event.region, event.group))
    return [EventBatch.of(list(run)) for _, run in runs]


def lines(messages: Sequence[str], start: int = 0) -> EventBatch:
    """One event a millisecond."""
    return EventBatch.of([event(start + at, message) for at, message in enumerate(messages)])


def order(event: LogEvent) -> tuple[object, ...]:
    """The display order, but for the arrival."""
    place = (event.account, event.region, event.group, event.stream)
    return (event.timestamp, *place, event.ingestion_time, event.event_id)
