"""What of an event is mined: the human text inside JSON, behind time stamps, request ids and levels.

Two events that say the same should have the same body, whichever runtime or wrapper wrote them.
CloudTrail records, access logs and JSON without a message get a short text made of the fields that
name what happened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import orjson

_JSON_LIMIT = 262_144
"""Characters; longer JSON is mined as text, so that one event cannot hold up the rest."""
_MESSAGE_KEYS = ("message", "msg", "log", "event", "errorMessage", "error", "err", "exception", "textPayload")
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_TIME = r"\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d|(?= UTC) UTC)?"
_LEVEL = (
    r"TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE|"
    r"trace|debug|info|notice|warn|warning|error|fatal|critical"
)
# A recognised time stamp, then any of: request id, level, bracketed thread; or the Python runtime's order.
_PREFIX = re.compile(
    rf"(?:\[(?:{_LEVEL})\]\s+)?\[?{_TIME}\]?[\s|:-]*"
    rf"(?:{_UUID}\s+|undefined\s+)?(?:\[?(?:{_LEVEL})\]?(?=[\s:|\]-])[\s:|-]*)?"
    rf"|\[(?:{_LEVEL})\][\s:|-]*|(?:{_LEVEL}):?\s+(?=\S)"
)
_SYSLOG = re.compile(r"(?:<\d+>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ ([\w./-]+)(?:\[\d+\])?: ")
_ACCESS = re.compile(
    r'(?:\S+ )?\S+ \S+ \S+ \[[^\]]+\] "([A-Z]+) (\S+)[^"]*" (\d)\d\d (?:\d+|-)'
)
_REQUEST = re.compile(rf"RequestId: {_UUID}\s+(?=Error|Process)")
_SEGMENT = re.compile(r"[^/]*\d[^/]*")
_PREFIX_STARTS = frozenset("0123456789[<TDINWEFCStdinwefcJAOMR")


def body_of(message: str) -> str:
    """The text that templates are made of; never empty where the message is not."""
    first = message[:1]
    if first.isspace():
        message = message.lstrip()
        first = message[:1]
    if first == "{":
        record = json_object(message)
        if record is not None:
            return _of_record(record)
    if '] "' in message and (access := _ACCESS.match(message)):
        method, target, status = access.groups()
        return f"{method} {route(target)} {_STATUS[int(status)]}"
    if first in _PREFIX_STARTS:
        return _strip(message) or message
    return message


_STATUS = ("status ?",) + tuple(f"status {digit}" for digit in ("1xx", "2xx", "3xx", "4xx", "5xx")) + (
    "status ?",
) * 4


def json_object(message: str) -> Mapping[str, object] | None:
    """The JSON object that a message is, or None. Never raises."""
    if len(message) > _JSON_LIMIT:
        return None
    try:
        value = orjson.loads(message)
    except ValueError:
        # NaN, Infinity and lone surrogates are refused by orjson, but people log them.
        try:
            value = json.loads(message)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def route(target: str) -> str:
    """A request path without its query, segments that hold a digit replaced by `<*>`."""
    return _SEGMENT.sub("<*>", target.split("?", 1)[0])


def _strip(message: str) -> str:
    rest = message
    if prefix := _PREFIX.match(rest):
        rest = rest[prefix.end() :]
    elif (message[3:4] == " " or message[:1] == "<") and (syslog := _SYSLOG.match(rest)):
        rest = f"{syslog.group(1)}: {rest[syslog.end() :]}"
    if rest.startswith("RequestId: "):
        rest = _REQUEST.sub("", rest, count=1)
    if rest.startswith("{") and (record := json_object(rest.rstrip())) is not None:
        return _of_record(record)
    return rest


def _of_record(record: Mapping[str, object]) -> str:
    if "eventName" in record and "eventSource" in record:
        parts = [str(record[key]) for key in ("eventSource", "eventName", "errorCode") if record.get(key)]
        return " ".join(parts)
    if isinstance(kind := record.get("type"), str) and kind.startswith("platform."):
        return kind
    for key in _MESSAGE_KEYS:
        value = record.get(key)
        if isinstance(value, str) and value:
            text = value
            break
        if isinstance(value, dict) and isinstance(inner := value.get("message"), str) and inner:
            text = inner
            break
    else:
        return "{" + ", ".join(sorted(map(str, record))[:24]) + "}"
    if (inner_record := json_object(text) if text.startswith("{") else None) is not None:
        return _of_record(inner_record)
    name = record.get("exception") or record.get("errorType") or record.get("error")
    if isinstance(name, str) and name and name != text and name not in text:
        text = f"{text} [{name.splitlines()[0][:200]}]" if name.strip() else text
    return _strip(text) or text if text[:1] in _PREFIX_STARTS else text
