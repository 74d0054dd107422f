"""Fields of lines as a table has them: which there are, what a line has in one, the line without some.

A field is named as `envelope.flatten` names it (`error.code`, `items[0].id`), the same in JSON and in
logfmt. Nothing here raises on any message.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cwtui.lang.envelope import fields_of, flatten

SHOWN_MOST = 60
"""Fields that are worth a choice; what is rarer can still be named."""


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """A field that lines have."""

    path: str
    count: int
    """How many of the lines have it."""
    example: str
    """Its first value, as text; foreign."""


def fields_seen(messages: Iterable[str], limit: int = SHOWN_MOST) -> list[FieldSeen]:
    """The fields that lines have, the most frequent first; of those equally frequent, the first met."""
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for message in messages:
        for path, value in _flat(message).items():
            counts[path] += 1
            examples.setdefault(path, text_of(value))
    return [FieldSeen(path, count, examples[path]) for path, count in counts.most_common(limit)]


def value_of(message: str, path: str) -> object:
    """What a line has in a field: a scalar, or a whole object or array; `""` where it lacks it."""
    flat = _flat(message)
    if path in flat:
        return flat[path]
    inside = (f"{path}.", f"{path}[")
    if not any(name.startswith(inside) for name in flat):
        return ""
    value: object = fields_of(message)
    for step in path.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    return value


def text_of(value: object) -> str:
    """A value of a field as text: a string as it is, the rest as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def without_fields(fields: Mapping[str, object], paths: Sequence[str]) -> dict[str, object]:
    """The fields of a JSON line without some, and without the objects that these leave empty.

    What stands in an array stays: an array with holes says something else.
    """
    left = dict(fields)
    for path in paths:
        if path in left:
            del left[path]
            continue
        head, _, rest = path.partition(".")
        inner = left.get(head)
        if rest and isinstance(inner, dict):
            left[head] = without_fields(inner, (rest,))
            if not left[head]:
                del left[head]
    return left


@lru_cache(maxsize=1_024)
def _flat(message: str) -> Mapping[str, object]:
    """Kept for the lines on the screen and around it: each is painted and measured several times."""
    fields = fields_of(message)
    return flatten(fields) if fields else {}
