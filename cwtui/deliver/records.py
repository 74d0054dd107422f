"""Event records in JSON, turned into batches: fast where they are as we write them, patient elsewhere.

Accepts the keys of the API too (`logGroupName`, `logStreamName`). What a record lacks is filled: no
timestamp gives the ingestion time, else that of the record before, else of the file; no message an empty one.
Such records are counted as malformed.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from cwtui.core.models import EventBatch

BATCH = 5_000
_INT64 = 1 << 63
_ENVELOPE = frozenset(
    ("message", "ingestionTime", "logGroup", "logGroupName", "logStream", "logStreamName", "eventId")
)
_TIME_KEYS = ("timestamp", "@timestamp", "time", "ts", "@t", "datetime", "asctime", "eventTime")
_STR = {str}
_INT = {int}

Fields = tuple[int, int, str, str, str, str, str, str]
"""In the order of the record keys."""


def parse(line: bytes) -> object:
    """The JSON value of a line; NaN, lone surrogates and stray bytes are let through. Raises ValueError."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            return json.loads(line.decode("utf-8", "surrogateescape"))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def parse_lines(lines: Sequence[bytes]) -> list[Any] | None:
    """The values of many lines at once, or None where one of them needs `parse`."""
    try:
        values: list[Any] = orjson.loads(b"[" + b",".join(lines) + b"]")
    except orjson.JSONDecodeError:
        return None
    # A line of two values would shift the count: then the numbers of lines would lie.
    return values if len(values) == len(lines) else None


def batches(
    values: Sequence[Any], group: str, lines: Sequence[bytes] = (), first: int = 1, undated: int = 0
) -> Iterator[EventBatch]:
    """Batches of at most 5,000 events, one (account, region, group) each, in the order of the values.

    `group` names the log group of records that name none; `lines` are the values as they were written,
    the messages of an application's own records. The first value is the `first` of its file: where no
    ingestion time is known the number of the value stands for it, which keeps the order of the file. A record
    that tells no time takes that of the one before it, the first ones `undated` (ms UTC).
    """
    for start in range(0, len(values), BATCH):
        part = values[start : start + BATCH]
        columns = _columns(part, first + start)
        if columns is not None:
            undated = columns[0][-1]
            yield from grouped(columns)
            continue
        number = first + start
        records = _expanded(part, lines[start : start + BATCH] or [None] * len(part))
        for begin in range(0, len(records), BATCH):
            mended = []
            for place, (value, line) in enumerate(records[begin : begin + BATCH], number + begin):
                mended.append(_mended(value, group, line, place, undated))
                undated = mended[-1][0][0]
            columns = [list(column) for column in zip(*(fields for fields, _ in mended), strict=True)]
            yield from grouped(columns, [bad for _, bad in mended])


def _columns(values: Sequence[Any], first: int) -> list[list[Any]] | None:
    """Eight columns of records that are exactly as cwtui writes them, else None; numbered from `first`."""
    try:
        columns = [
            [value["timestamp"] for value in values],
            [value["ingestionTime"] for value in values],
            [value["logGroup"] for value in values],
            [value["logStream"] for value in values],
            [value["message"] for value in values],
            [value["eventId"] for value in values],
            [value["account"] for value in values],
            [value["region"] for value in values],
        ]
    except (KeyError, TypeError):
        return None
    if None in columns[1]:
        columns[1] = [
            number if ingestion is None else ingestion for number, ingestion in enumerate(columns[1], first)
        ]
    for position, column in enumerate(columns):
        if set(map(type, column)) != (_INT if position < 2 else _STR):
            return None
        if position < 2 and (min(column) < -_INT64 or max(column) >= _INT64):
            return None
    return columns


def grouped(columns: list[list[Any]], malformed: Sequence[bool] = ()) -> Iterator[EventBatch]:
    """One batch for each (account, region, group) of eight columns in the order of the record keys."""
    times, ingestions, groups, streams, messages, event_ids, accounts, regions = columns
    rows: dict[tuple[str, str, str], list[int]] = {}
    for row, source in enumerate(zip(accounts, regions, groups, strict=True)):
        rows.setdefault(source, []).append(row)
    for (account, region, group), wanted in rows.items():
        picked = [times, ingestions, streams, messages, event_ids]
        if len(rows) > 1:
            picked = [[column[row] for row in wanted] for column in picked]
        yield EventBatch(
            account,
            region,
            group,
            array("q", picked[0]),
            array("q", picked[1]),
            picked[2],
            picked[3],
            picked[4],
            sum(malformed[row] for row in wanted) if malformed else 0,
        )


def _expanded(values: Sequence[Any], lines: Sequence[bytes | None]) -> list[tuple[Any, bytes | None]]:
    """The records inside `{"events": [...]}`, `{"Records": [...]}` of CloudTrail and `[...]`; anything else
    as it is, with its line.
    """
    records: list[tuple[Any, bytes | None]] = []
    for value, line in zip(values, lines, strict=True):
        inside = _inside(value)
        records += [(value, line)] if inside is None else [(inner, None) for inner in inside]
    return records


def _inside(value: object) -> list[Any] | None:
    """What a document holds; None of what is a record itself."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    if isinstance(events := value.get("events"), list) and "message" not in value:
        return events
    trail = value.get("Records")
    # What functions are invoked with has `Records` too, but no eventID in them.
    if len(value) > 1 or not isinstance(trail, list) or not trail or not isinstance(trail[0], dict):
        return None
    return trail if {"eventID", "eventName", "eventSource"} <= trail[0].keys() else None


def _mended(value: Any, group: str, line: bytes | None, number: int, undated: int) -> tuple[Fields, bool]:
    """The fields of any JSON value, and whether it lacks what makes an event."""
    if not isinstance(value, dict):
        text = value if isinstance(value, str) else _dumped(value)
        return (undated, number, group, "", text, "", "", ""), True
    if _ENVELOPE.isdisjoint(value):
        return _own(value, group, line, number, undated)
    ingestion = _time(value.get("ingestionTime"))
    timestamp = _time(value.get("timestamp"))
    message = value.get("message")
    # A number in quotes or a date is understood, but whoever wrote it did not follow the record's form.
    whole = timestamp is not None and not isinstance(value.get("timestamp"), str) and isinstance(message, str)
    if timestamp is None:
        timestamp = ingestion or undated
    if not isinstance(message, str):
        message = "" if message is None or message != message else _dumped(message)
    return (
        timestamp,
        number if ingestion is None else ingestion,
        _text(value, "logGroup", "logGroupName") or group,
        _text(value, "logStream", "logStreamName"),
        message,
        _text(value, "eventId"),
        _text(value, "account"),
        _text(value, "region"),
    ), not whole


def _own(
    value: dict[str, Any], group: str, line: bytes | None, number: int, undated: int
) -> tuple[Fields, bool]:
    """An application's own record: the whole of it is the message, and most name a time."""
    times = (_time(_scaled(value.get(key))) for key in _TIME_KEYS)
    time = next((time for time in times if time is not None), None)
    at = undated if time is None else time
    log, stream = value.get("log"), value.get("stream")
    if isinstance(log, str) and stream in ("stdout", "stderr"):
        # What Docker wraps around a line.
        return (at, number, group, stream, log.removesuffix("\n"), "", "", ""), time is None
    text = _dumped(value) if line is None else line.decode("utf-8", "surrogateescape").removesuffix("\r")
    return (at, number, group, "", text, "", "", ""), time is None


def _scaled(value: object) -> object:
    """Milliseconds of an epoch in seconds, micro- or nanoseconds; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return value
    for limit, factor in ((1e11, 1000), (1e14, 1), (1e17, 1e-3)):
        if abs(value) < limit:
            return round(value * factor)
    return value // 1_000_000


def _dumped(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply)"


def _text(record: dict[str, Any], *keys: str) -> str:
    for key in keys:
        value = record.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, int):
            return str(value)
    return ""


def _time(value: object) -> int | None:
    """Milliseconds from a number, digits in quotes or an ISO date; None where it is neither."""
    if isinstance(value, str):
        try:
            value = float(value) if value.strip().isdigit() else _iso_ms(value)
        except (ValueError, OverflowError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if -_INT64 <= value < _INT64 else None


def _iso_ms(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
