"""What of an event is mined: the human text inside JSON, behind time stamps, request ids and levels.

Two events that say the same should have the same body, whichever runtime or wrapper wrote them.
CloudTrail records, access logs and JSON without a message get a short text made of the fields that
name what happened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cwtui.lang.envelope import fields_of, message_of
from cwtui.lang.prefix import STARTS, without_prefix

_JSON_LIMIT = 262_144
"""Characters; longer JSON is mined as text, so that one event cannot hold up the rest."""
_ACCESS = re.compile(r'(?:\S+ )?\S+ \S+ \S+ \[[^\]]+\] "([A-Z]+) (\S+)[^"]*" (\d)\d\d (?:\d+|-)')
# Words, because digits are folded away.
_ANSWERED = {
    "2": "answered ok",
    "3": "answered redirect",
    "4": "answered bad-request",
    "5": "answered server-error",
}
_KEYS = 24
"""Of a JSON message without a text, the keys that name its kind."""
_SEGMENT = re.compile(r"[^/]*\d[^/]*")


def body_of(message: str) -> str:
    """The text that templates are made of; never empty where the message is not."""
    first = message[:1]
    if first.isspace():
        message = message.lstrip() or message
        first = message[:1]
    if first == "{":
        return _of_json(message)
    if '] "' in message and (access := _ACCESS.match(message)):
        method, target, status = access.groups()
        return f"{method} {route(target)} {_ANSWERED.get(status, 'answered')}"
    if first in STARTS:
        message = _strip(message) or message
    if "msg=" in message and "level=" in message:
        return message_of(message)
    return message


def json_object(message: str) -> Mapping[str, object] | None:
    """The JSON object that a message is, or None. Never raises."""
    return fields_of(message) if message[:1] == "{" and len(message) <= _JSON_LIMIT else None


def route(target: str) -> str:
    """A request path without its query, segments that hold a digit replaced by `<*>`."""
    return _SEGMENT.sub("<*>", target.split("?", 1)[0])


def _strip(message: str) -> str:
    rest, _ = without_prefix(message)
    return _of_json(rest) if rest.startswith("{") else rest


def _of_json(message: str) -> str:
    if len(message) > _JSON_LIMIT:
        return message
    if '"eventName"' in message or '"platform.' in message:
        record = json_object(message) or {}
        if "eventName" in record and "eventSource" in record:
            service = str(record["eventSource"]).removesuffix(".amazonaws.com")
            return f"{service} {record['eventName']} {record.get('errorCode') or ''}".rstrip()
        if isinstance(kind := record.get("type"), str) and kind.startswith("platform."):
            return kind
    text = message_of(message)
    if text is message:
        keys = json_object(message)
        return message if keys is None else "{" + ", ".join(sorted(keys)[:_KEYS]) + "}"
    if text.startswith("{") and (inner := message_of(text)) is not text:
        text = inner
    if text[:1] in STARTS:
        text = _strip(text) or text
    if '"error"' in message or '"err"' in message or '"exception"' in message:
        cause = _cause(json_object(message) or {})
        text = text if not cause or cause in text else f"{text}: {cause}"
    return text


def _cause(record: Mapping[str, object]) -> str:
    """`Type: message` of the error that a record carries beside its text, or empty."""
    for key in ("error", "err", "exception"):
        value = record.get(key)
        if isinstance(value, str) and value:
            return value.split("\n", 1)[0]
        if isinstance(value, Mapping):
            named = (value.get("type") or value.get("name") or value.get("code"), value.get("message"))
            return ": ".join(str(part).split("\n", 1)[0] for part in named if part)
    return ""
