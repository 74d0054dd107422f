"""What a log line says of itself: its level, its fields, its human text, the request it belongs to.

Nothing here raises on any message, however broken, deep or long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping

import orjson

from cwtui.lang.field_path import JSON_MARKS
from cwtui.lang.level_rules import LEVEL_SQL, level_of
from cwtui.lang.prefix import without_prefix

__all__ = [
    "LEVEL_SQL",
    "fields_of",
    "flatten",
    "ids_of",
    "json_behind",
    "level_of",
    "message_of",
    "request_id_of",
    "without_pairs",
]

FIELD_LIMIT = 500
"""Fields that `flatten` gives, and pairs that logfmt is read for."""
DEPTH_LIMIT = 16
"""Levels that `flatten` descends; what lies deeper is one value, written short."""
_LOGFMT_REACH = 65_536
_ID_REACH = 16_384
_IDS_MOST = 20

# The key also stands in `where.logfmt_pattern`, which must find what this finds.
_PAIR = re.compile(
    r'(?:^|(?<=[ \t\n,;]))([A-Za-z_@][A-Za-z0-9_.@/-]*)=("(?:[^"\\]|\\[^\n])*"|[^ \t\n\r"]*)', re.ASCII
)
_BEHIND = re.compile("|".join(map(re.escape, JSON_MARKS)))
_SPACES = re.compile(r"[ \t]{2,}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}

_TEXT_PATHS = (
    "message", "msg", "log", "event", "error.message", "errorMessage", "err.message", "error", "err",
    "exception.message", "exception", "textPayload", "Message", "@message", "@m", "@mt", "body", "text",
)  # fmt: skip

_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
REQUEST_KEYS = (
    "aws_?[rR]equest_?[iI][dD]|AWSRequestId|[rR]equest_?[iI][dD]|request[-.]id|[xX]-[rR]equest-[iI]d"
    "|reqId|req_id"
)
TRACE_KEYS = "[tT]race_?[iI][dD]|trace[.]id|[cC]orrelation_?[iI]d|[xX]-[aA]mzn-[tT]race-[iI]d|xray_trace_id"


def _id_patterns(keys: str) -> tuple[re.Pattern[str], ...]:
    return (
        re.compile(rf'"(?:{keys})"[ ]?:[ ]?"([^"\\\n]{{1,200}})"', re.ASCII),
        re.compile(
            rf'(?:^|[ \t,;\[(])(?:{keys})[=:][ ]?"?([A-Za-z0-9][A-Za-z0-9:=._/+-]{{3,199}})', re.ASCII
        ),
    )


_IDS: tuple[re.Pattern[str], ...] = (
    re.compile(rf"RequestId: ({_UUID})"),
    re.compile(rf"^(?:\[[A-Z]+\][ \t])?[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:.]+Z[ \t]({_UUID})[ \t]"),
    *_id_patterns(REQUEST_KEYS),
    *_id_patterns(TRACE_KEYS),
)
_ANY_UUID = re.compile(rf"(?<![0-9a-zA-Z-]){_UUID}(?![0-9a-zA-Z-])")


def fields_of(message: str) -> dict[str, object] | None:
    """The JSON object a message is or ends with, or the pairs of a logfmt line (at least two), else None.

    What stands before an object that ends a line may be logfmt too; of a key in both the object's counts.
    JSON may hold what the standard forbids and loggers write (NaN, lone surrogates). Values of logfmt are
    strings; of a repeated key the first counts there, the last in JSON.
    """
    if message.lstrip(" \t\r\n").startswith("{"):
        parsed = _json(message)
        return parsed if isinstance(parsed, dict) else None
    if (found := json_behind(message)) is not None:
        before, fields = found
        return {**(_logfmt(before) or {}), **fields}
    return _logfmt(message)


def json_behind(message: str) -> tuple[str, dict[str, object]] | None:
    """The text before the JSON object that ends a line, and that object; None where there is none.

    It begins at the first of `JSON_MARKS`, be it behind a time stamp, a level or words; one behind `=` is the
    value of a pair. `field_path.BEHIND_SQL` says the same.
    """
    if "{" not in message or message[:1] == "{" or not message.rstrip(" \t\r\n").endswith("}"):
        return None
    found = _BEHIND.search(message, 1)
    if found is None or message[found.start() - 1] == "=":
        return None
    parsed = _json(message[found.start() :])
    return (message[: found.start()], parsed) if isinstance(parsed, dict) else None


def flatten(
    fields: Mapping[str, object], limit: int = FIELD_LIMIT, depth: int = DEPTH_LIMIT
) -> dict[str, object]:
    """Scalars by dotted path (`error.code`, `items[0].id`), in the order written; at most `limit` of them.

    What lies deeper than `depth`, and what is empty, is given as short text: `{…}`, `{}`, `[]`.
    """
    flat: dict[str, object] = {}
    pending: list[Iterator[tuple[str, object]]] = [iter(fields.items())]
    while pending and len(flat) < limit:
        path, value = next(pending[-1], ("", _END))
        if value is _END:
            pending.pop()
        elif not isinstance(value, dict | list):
            flat.setdefault(path, value)
        elif not value or len(pending) >= depth:
            inside = "…" if value else ""
            flat.setdefault(path, f"{{{inside}}}" if isinstance(value, dict) else f"[{inside}]")
        elif isinstance(value, dict):
            pending.append(_keyed(path, value))
        else:
            pending.append(_numbered(path, value))
    return flat


def without_pairs(message: str, keys: Collection[str]) -> str:
    """A logfmt line without the pairs of these keys."""

    def kept(found: re.Match[str]) -> str:
        return "" if found.group(1) in keys else found.group()

    return _SPACES.sub(" ", _PAIR.sub(kept, message[:_LOGFMT_REACH])).strip() + message[_LOGFMT_REACH:]


def message_of(message: str) -> str:
    """The text for people inside a JSON or logfmt line, else the message itself.

    Words before an object are for people too, so that the message stays whole there.
    """
    fields = fields_of(message)
    if not fields:
        return message
    if message[:1] != "{" and (found := json_behind(message)) and without_prefix(found[0])[0].strip():
        return message
    return text_in(fields) or message


def text_in(fields: Mapping[str, object]) -> str:
    """The text for people among the fields of a line, or empty."""
    for path in _TEXT_PATHS:
        value: object = fields
        for key in (path,) if path in fields else path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, str) and value.strip():
            return value
    return ""


def request_id_of(message: str) -> str:
    """The id of the request a message belongs to, else of its trace, or empty."""
    return next(_found_ids(message), "")


def ids_of(message: str) -> tuple[str, ...]:
    """What a request may be followed by, each once: its id, its trace's, then what else is a UUID."""
    others = (found.group() for found in _ANY_UUID.finditer(message[:_ID_REACH]))
    return tuple(dict.fromkeys((*_found_ids(message), *others)))[:_IDS_MOST]


def _found_ids(message: str) -> Iterator[str]:
    head = message[:_ID_REACH]
    return (found.group(1) for pattern in _IDS if (found := pattern.search(head)))


_END = object()


def _keyed(path: str, value: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    return ((f"{path}.{key}", inner) for key, inner in value.items())


def _numbered(path: str, value: list[object]) -> Iterator[tuple[str, object]]:
    return ((f"{path}[{index}]", inner) for index, inner in enumerate(value))


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # The standard library reads more: NaN, lone surrogates.
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None


def _logfmt(message: str) -> dict[str, object] | None:
    if "=" not in message:
        return None
    fields: dict[str, object] = {}
    for found in _PAIR.finditer(message[:_LOGFMT_REACH]):
        key, value = found.groups()
        fields.setdefault(key, _unquoted(value))
        if len(fields) >= FIELD_LIMIT:
            break
    return fields if len(fields) >= 2 else None


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), value[1:-1])
