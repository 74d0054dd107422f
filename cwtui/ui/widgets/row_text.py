"""What a row of the list says of a message: one line without what the columns beside it say already.

A JSON object becomes `msg key=value ...`; a time and a level at its head go where they are the
event's own. `p` shows messages as they came, and so does the detail pane.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime

from cwtui.core.text import printable
from cwtui.lang.envelope import fields_of, message_of, without_pairs
from cwtui.lang.field_values import value_of, without_fields
from cwtui.lang.prefix import without_prefix

Piece = tuple[str, bool]
"""Printable text, and whether it is the name of a field."""

_SAME_TIME_S = 2
"""A time in a message that is this near to the event's says nothing that the time column does not."""
_SHOWN_ELSEWHERE = frozenset(
    {"timestamp", "time", "@timestamp", "ts", "level", "severity", "lvl", "loglevel"}
)
_LEADING = ("eventName", "errorCode", "eventSource")
"""What CloudTrail's records are about: it stands behind a long identity in them."""

_TIME = re.compile(
    r"(\d{4})[-/.](\d\d)[-/.](\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?(?: ?([+-]\d\d):?(\d\d))?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ACCESS = re.compile(r"(?P<who>\S+) \S+ (?P<user>\S+) \[(?P<time>[^]]{20}) \+0000\] (?=\")")


def summary_of(message: str, timestamp: int, without: Sequence[str] = ()) -> list[Piece]:
    """A message as one line; `timestamp` is its event's, in ms UTC; `without` names fields to leave out."""
    if message.startswith("{") and (fields := fields_of(message)):
        if without:
            return _fields(message, fields, without)
        return _fields(message, fields) or [(printable(message), False)]
    if without and fields_of(message):
        message = without_pairs(message, without)
    return _without_head(message, timestamp) or [(printable(message), False)]


def _fields(message: str, fields: dict[str, object], without: Sequence[str] = ()) -> list[Piece]:
    said = message_of(message)
    said = "" if said == message else said
    if without:
        said = "" if any(value_of(message, path) == said for path in without) else said
        fields = without_fields(fields, without)
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


def _without_head(message: str, timestamp: int) -> list[Piece]:
    """The message without time and level at its head, a request id behind it; empty: they must stay."""
    access = _ACCESS.match(message)
    if access and _same(_access_time(access["time"]), timestamp):
        user = "" if access["user"] == "-" else f" {access['user']}"
        return [(printable(f"{access['who']}{user} {message[access.end() :]}"), False)]
    text, request = without_prefix(message)
    if not text or text == message:
        return []
    if (time := _TIME.search(message, 0, len(message) - len(text))) and not _same(_iso(time), timestamp):
        # Another clock, or another moment: that is news.
        return []
    # PostgreSQL on RDS writes its zone as part of what follows the time.
    said: list[Piece] = [(printable(text.removeprefix("UTC:")), False)]
    return [*said, (f"  {request}", True)] if request else said


def _same(seconds: float | None, timestamp: int) -> bool:
    return seconds is not None and abs(seconds - timestamp / 1000) <= _SAME_TIME_S


def _iso(found: re.Match[str]) -> float | None:
    year, month, day, clock, hours, minutes = found.groups()
    try:
        moment = datetime.fromisoformat(f"{year}-{month}-{day} {clock}{hours or '+00'}:{minutes or '00'}")
    except ValueError:
        return None
    return moment.timestamp()


def _access_time(text: str) -> float | None:
    """`22/Nov/2026:06:08:22`, in UTC."""
    try:
        month = _MONTHS.index(text[3:6]) + 1
        return datetime.fromisoformat(f"{text[7:11]}-{month:02}-{text[:2]} {text[12:]}+00:00").timestamp()
    except ValueError:
        return None
