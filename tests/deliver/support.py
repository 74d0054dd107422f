"""Events as the window hands them to deliver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cwtui.core.models import Columns, LogEvent
from cwtui.core.text import printable


def event(timestamp: int = 1_795_298_400_000, message: str = "hello", **changes: str) -> LogEvent:
    return LogEvent(
        timestamp,
        # A moment, whatever the time: a small number is none, and is not written.
        1_795_298_400_400 + timestamp % 1_000_000,
        changes.get("group", "/aws/lambda/checkout"),
        changes.get("stream", "2026/11/22/[$LATEST]0123"),
        message,
        changes.get("event_id", ""),
        changes.get("account", "111122223333"),
        changes.get("region", "eu-west-1"),
    )


def columns_of(events: Sequence[LogEvent]) -> Columns:
    """As the store does: what UTF-8 cannot hold stands in `raws`, with a printable message."""
    raws = [
        event.message.encode("utf-8", "surrogatepass") if _lone(event.message) else None for event in events
    ]
    return Columns(
        range(len(events)),
        [event.timestamp for event in events],
        [event.ingestion_time for event in events],
        [int(event.level) for event in events],
        [event.account for event in events],
        [event.region for event in events],
        [event.group for event in events],
        [event.stream for event in events],
        [printable(event.message) if raw else event.message for event, raw in zip(events, raws, strict=True)],
        [event.event_id for event in events],
        raws,
    )


def joined(chunks: Iterable[bytes]) -> bytes:
    return b"".join(chunks)


def _lone(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
