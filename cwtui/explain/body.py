"""What of an event is mined: the human text inside JSON, behind time stamps, request ids and levels.

Two events that say the same should have the same body, whichever runtime or wrapper wrote them. Lines
of a fixed form (CloudTrail, access and flow logs, Lambda's reports) get a short text made of the fields
that name what happened: see `explain.records`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cwtui.explain.records import of_fields, of_line
from cwtui.lang.envelope import fields_of, message_of, text_in
from cwtui.lang.prefix import STARTS, said

_JSON_LIMIT = 262_144
"""Characters; longer JSON is mined as text, so that one event cannot hold up the rest."""
_WRAPPINGS = 4
"""A container's log in a shipper's JSON in an agent's: not deeper than this."""
_KEYS = 24
"""Of a JSON message without a text, the keys that name its kind."""
_LOGFMT = re.compile(r"[A-Za-z_@][\w.@-]*=")
_EXCEPTION_LINE = re.compile(r"^[A-Za-z_][\w.]*(?:: .*)?$", re.MULTILINE)
_CAUSES = ("error", "err", "exception", "exc_info", "cause")


def body_of(message: str) -> str:
    """The text that templates are made of; never empty where the message is not.

    Where it is `records.Settled`, its `<*>` are already where they belong.
    """
    text = message
    for _ in range(_WRAPPINGS):
        first = text[:1]
        if first.isspace():
            text = text.lstrip() or text
            first = text[:1]
        if first == "{":
            inner = _of_json(text)
        elif (record := of_line(text)) is not None:
            return record
        elif ("msg=" in text or "message=" in text) and _LOGFMT.match(text) is not None:
            inner = _of_pairs(text)
        elif first in STARTS:
            inner = said(text)
            if inner and inner is not text and inner[0] != "{" and "msg=" not in inner:
                # Behind a prefix may stand a record; another prefix does not.
                return of_line(inner) or inner
        else:
            return text
        if inner is text or not inner:
            break
        if type(inner) is not str:
            return inner
        text = inner
    return text


def headline(body: str) -> str:
    """The line of a multi-line message that names it; of a Python traceback with its exception."""
    first = body.split("\n", 1)[0]
    if (start := body.find("Traceback (most recent call last)")) >= 0:
        exceptions: list[str] = _EXCEPTION_LINE.findall(body, start)
        if exceptions:
            lead = first.split("Traceback", 1)[0].strip()
            return f"{lead} {exceptions[-1]}" if lead else exceptions[-1]
    return first


def json_object(message: str) -> Mapping[str, object] | None:
    """The JSON object that a message is, or None. Never raises."""
    return fields_of(message) if message[:1] == "{" and len(message) <= _JSON_LIMIT else None


def _of_json(message: str) -> str:
    if len(message) > _JSON_LIMIT:
        return message
    fields = json_object(message)
    if fields is None:
        return message
    if (record := of_fields(message, fields)) is not None:
        return record
    text = text_in(fields)
    return _with_cause(text, fields) if text else "{" + ", ".join(sorted(fields)[:_KEYS]) + "}"


def _of_pairs(line: str) -> str:
    text = message_of(line)
    return line if text is line else _with_cause(text, fields_of(line) or {})


def _with_cause(text: str, fields: Mapping[str, object]) -> str:
    cause = _cause(fields)
    return text if not cause or cause in text else f"{text}: {cause}"


def _cause(record: Mapping[str, object]) -> str:
    """`Type: message` of the error that a record carries beside its text, or empty."""
    for key in _CAUSES:
        value = record.get(key)
        if isinstance(value, str) and value:
            return value if "Traceback (most" in value else value.split("\n", 1)[0]
        if isinstance(value, Mapping):
            named = (value.get("type") or value.get("name") or value.get("code"), value.get("message"))
            return ": ".join(str(part).split("\n", 1)[0] for part in named if part)
    kind, text = record.get("errorType"), record.get("errorMessage")
    return str(kind) if isinstance(kind, str) and text else ""
