"""What a row of the list says of a message: one line without what the columns beside it say already.

A JSON object becomes `msg key=value ...`; a leading time goes where it is the event's own time. `p` shows
messages as they came, and so does the detail pane.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from cwtui.core.text import printable
from cwtui.lang.envelope import fields_of, message_of

Piece = tuple[str, bool]
"""Printable text, and whether it is the name of a field."""

_SAME_TIME_S = 2
"""A time in a message that is this near to the event's says nothing that the time column does not."""
_SHOWN_ELSEWHERE = frozenset(
    {"timestamp", "time", "@timestamp", "ts", "level", "severity", "lvl", "loglevel"}
)
_LEADING = ("eventName", "errorCode", "eventSource")
"""What CloudTrail's records are about: it stands behind a long identity in them."""

_TIME = r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?"
_ID = r"(?P<id>[0-9a-f]{8}-[0-9a-f-]{27})"
_HEADS = (
    # Lambda's own formats: Python, Node, and what the service itself says (a timeout).
    re.compile(rf"\[[A-Z]+\]\t{_TIME}Z\t{_ID}\t"),
    re.compile(rf"{_TIME}Z\t{_ID}\t[A-Z]+\t"),
    re.compile(rf"{_TIME}Z {_ID} (?=Task )"),
    re.compile(rf"{_TIME}(?:Z| ?UTC|\+00:?00)?[ \t:]+"),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ACCESS = re.compile(r"(?P<who>\S+) \S+ (?P<user>\S+) \[(?P<time>[^]]{20}) \+0000\] (?=\")")


def summary_of(message: str, timestamp: int) -> list[Piece]:
    """A message as one line; `timestamp` is its event's, in ms UTC."""
    if message.startswith("{") and (fields := fields_of(message)):
        return _fields(message, fields) or [(printable(message), False)]
    return _without_time(message, timestamp) or [(printable(message), False)]


def _fields(message: str, fields: dict[str, object]) -> list[Piece]:
    said = message_of(message)
    said = "" if said == message else said
    pieces: list[Piece] = [(printable(said), False)] if said else []
    leading = [key for key in _LEADING if key in fields] if "eventVersion" in fields else []
    for key in [*leading, *(key for key in fields if key not in leading)]:
        value = fields[key]
        if (said and value == said) or key.lower() in _SHOWN_ELSEWHERE:
            continue
        pieces.append((f"{' ' if pieces else ''}{printable(key)}=", True))
        pieces.append((printable(_plain(value)), False))
    return pieces


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (int, float)):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _without_time(message: str, timestamp: int) -> list[Piece]:
    """The message without its own leading time, where that is the event's; empty where it is not."""
    for head in _HEADS:
        if (found := head.match(message)) and _same(_iso(found["time"]), timestamp):
            rest = printable(message[found.end() :])
            id_ = found.groupdict().get("id")
            return [(rest, False), (" requestId=", True), (id_, False)] if id_ else [(rest, False)]
    found = _ACCESS.match(message)
    if found and _same(_access_time(found["time"]), timestamp):
        user = "" if found["user"] == "-" else f" {found['user']}"
        return [(printable(f"{found['who']}{user} {message[found.end() :]}"), False)]
    return []


def _same(seconds: float | None, timestamp: int) -> bool:
    return seconds is not None and abs(seconds - timestamp / 1000) <= _SAME_TIME_S


def _iso(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _access_time(text: str) -> float | None:
    """`22/Nov/2026:06:08:22`."""
    try:
        return _iso(f"{text[7:11]}-{_MONTHS.index(text[3:6]) + 1:02}-{text[:2]} {text[12:]}")
    except ValueError:
        return None
