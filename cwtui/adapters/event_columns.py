"""The body of a page of events, read straight into columns.

botocore walks every member of every event by the service model; a page of 10,000 takes it 140 ms on
the loop. FilterLogEvents and GetLogEvents carry nothing that needs the model, so their JSON is
read by orjson and turned into columns here.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import orjson

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events of one page; equal lengths, in the page's order."""

    timestamps: array[int]
    ingestion_times: array[int]
    streams: Sequence[str]
    """Empty strings for GetLogEvents."""
    messages: Sequence[str]
    event_ids: Sequence[str]
    """Empty strings for GetLogEvents."""
    malformed: int = 0

    def __len__(self) -> int:
        return len(self.timestamps)


def read_page(body: bytes) -> dict[str, Any]:
    """The members of a page's JSON with `events` as `EventColumns`; `{}` where it is no such page."""
    document = _document(body)
    if not isinstance(document, dict) or not isinstance(document.get("events"), list):
        return {}
    return document | {"events": columns(document["events"])}


def columns(events: Sequence[Any]) -> EventColumns:
    """Columns of JSON events; one that lacks what the model promises is kept as far as it goes."""
    try:
        messages = [event["message"] for event in events]
        streams = [event.get("logStreamName", "") for event in events]
        event_ids = [event.get("eventId", "") for event in events]
        if any(set(map(type, texts)) - {str} for texts in (messages, streams, event_ids)):
            return _careful(events)
        return EventColumns(
            array("q", [event["timestamp"] for event in events]),
            array("q", [event["ingestionTime"] for event in events]),
            streams,
            messages,
            event_ids,
        )
    except (KeyError, TypeError, AttributeError, OverflowError):
        return _careful(events)


def _document(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # What orjson refuses and the service may still send: NaN, and halves of surrogate pairs.
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return None


def _careful(events: Sequence[Any]) -> EventColumns:
    timestamps: array[int] = array("q")
    ingestion_times: array[int] = array("q")
    streams: list[str] = []
    messages: list[str] = []
    event_ids: list[str] = []
    malformed = 0
    for item in events:
        event: Mapping[str, Any] = item if isinstance(item, dict) else {"message": item}
        timestamp, ingestion, message = (
            event.get(name) for name in ("timestamp", "ingestionTime", "message")
        )
        malformed += not (_whole(timestamp) and _whole(ingestion) and isinstance(message, str))
        arrived = ingestion if _whole(ingestion) else 0
        # An event without a time of its own stands where it arrived.
        timestamps.append(timestamp if _whole(timestamp) else arrived)
        ingestion_times.append(arrived)
        messages.append(_text(message))
        streams.append(_text(event.get("logStreamName")))
        event_ids.append(_text(event.get("eventId")))
    return EventColumns(timestamps, ingestion_times, streams, messages, event_ids, malformed)


def _whole(value: Any) -> TypeGuard[int]:
    return type(value) is int and -_LARGEST <= value <= _LARGEST


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)
