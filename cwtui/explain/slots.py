"""What stands in the slots of a pattern: of numbers how they are spread, of all else the values met most.

Exact as long as all events of a pattern are at hand (`reservoir.DRAWN`), else of some drawn evenly, and
then said to be so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from cwtui.explain.body import body_of, headline
from cwtui.explain.lambda_report import quantile
from cwtui.explain.masks import MAX_CHARACTERS, MAX_TOKENS, WILDCARD
from cwtui.explain.records import Settled
from cwtui.explain.redact import Redactor
from cwtui.explain.slot import Slot
from cwtui.explain.templates import Pattern

SLOTS = 8
"""Slots of a pattern that are looked at, from its beginning."""
TOP = 5
"""Values told of a slot."""
SHOWN_SLOTS = 4
"""Slots that a list tells of in words."""
_VALUE_WIDTH = 80
_TOKEN_LIMIT = 60
_LONG_NUMBER = 12
"""Digits from which on a number is a name."""

_MEASURE = re.compile(
    r"(-?\d{1,18}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,2})?)\s?"
    r"(ns|us|µs|ms|msec|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|%|[kKMGT]?i?B|bytes)?"
)
_DURATIONS = {
    "ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1.0, "msec": 1.0, "s": 1e3, "sec": 1e3, "secs": 1e3,
    "second": 1e3, "seconds": 1e3, "m": 6e4, "min": 6e4, "mins": 6e4, "minute": 6e4, "minutes": 6e4,
    "h": 3.6e6, "hour": 3.6e6, "hours": 3.6e6,
}  # fmt: skip
_SIZES = {
    "B": 1.0, "bytes": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1024.0,
    "kiB": 1024.0, "MiB": 1024.0**2, "GiB": 1024.0**3, "TiB": 1024.0**4,
}  # fmt: skip
# Numbers that name something: how they are spread says nothing.
NAMING = frozenset((
    "id", "pid", "port", "status", "code", "errno", "version", "account", "line", "user", "uid", "gid",
    "exit", "http", "error", "partition", "process", "thread", "#",
))  # fmt: skip
_NAME = re.compile(r"((?:[A-Z][a-z]+ )+[A-Z][a-z]+(?=: )|[A-Za-z_][\w.-]*|#)[^\w]*$")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("uuid", re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")),
    ("ip", re.compile(r"/?\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?|(?=[0-9a-fA-F:]*::)[0-9a-fA-F:]{2,39}")),
    ("time", re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d\S*)?")),
    ("url", re.compile(r"[a-z][a-z0-9+.-]*://\S+")),
    ("path", re.compile(r"(?:[A-Za-z]:)?[/\\]\S*")),
    ("hex", re.compile(r"0x[0-9a-fA-F]+|(?=\w*\d)[0-9a-f]{8,}")),
)


def slot_values(pattern: Pattern) -> tuple[str, ...]:
    """For the first slots of a pattern, what its events hold there, in words; foreign text."""
    return tuple(str(slot) for slot in slots_of(pattern)[:SHOWN_SLOTS])


def slots_of(pattern: Pattern) -> tuple[Slot, ...]:
    """The first slots of a pattern and what stands in them; none of an overflow bucket."""
    messages = max(pattern.samples, pattern.drawn, key=len)
    if pattern.overflow or WILDCARD not in pattern.text or len(messages) < 2:
        return ()
    reader = reader_of(pattern.text)
    if reader is None:
        return ()
    rows = [(message, values) for _, message in messages if (values := reader(body_of(message))) is not None]
    if len(rows) < 2:
        return ()
    exact = len(rows) == pattern.count
    names = names_of(pattern.text)
    count = min(SLOTS, *(len(values) for _, values in rows))
    redactor = Redactor()

    def safe(place: int, message: str, value: str) -> str:
        """A value as it stands in its redacted line: alone, it has lost the name that gives it away."""
        if (redacted := redactor.redact(message)) == message:
            return value
        again = reader(body_of(redacted))
        return again[place] if again is not None and place < len(again) else redactor.redact(value)

    return tuple(
        _slot(
            names[place], [(values[place], message) for message, values in rows], exact, partial(safe, place)
        )
        for place in range(min(count, len(names)))
    )


def reader_of(template: str) -> Callable[[str], Sequence[str] | None] | None:
    """Gives the values in the slots of a body, or None where it is not of the template."""
    tokens = template.split(" ")
    if len(tokens) > _TOKEN_LIMIT:
        return None
    begins = r"\s+".join(_token_expression(token) for token in tokens)
    # What was cut goes on behind the template.
    whole, begun = re.compile(begins + r"\Z"), re.compile(begins + r"\s")

    def values(body: str) -> Sequence[str] | None:
        if type(body) is Settled:
            if body == template:
                return body.values
            # Merged with others, the template may have slots in other places.
            body = body.filled()
        line = " ".join(headline(body)[:MAX_CHARACTERS].split(maxsplit=MAX_TOKENS)[:MAX_TOKENS])
        match = whole.match(line) or begun.match(line)
        return None if match is None else [value or "" for value in match.groups()]

    return values


def _token_expression(token: str) -> str:
    # A slot may have swallowed a few words (dates, units): not more, so that matching stays linear.
    return r"(\S*(?: \S+){0,4}?)".join(re.escape(part) for part in token.split(WILDCARD))


def names_of(template: str) -> list[str]:
    """For each slot of a template the word before it, or nothing."""
    names: list[str] = []
    parts = template.split(WILDCARD)
    for part in parts[:-1]:
        found = _NAME.search(part)
        names.append(found.group(1) if found else "")
    return names


def _slot(name: str, values: list[tuple[str, str]], exact: bool, safe: Callable[[str, str], str]) -> Slot:
    counted = Counter(value for value, _ in values)
    measured = list(measures(counted)) if name.lower() not in NAMING else []
    if len(measured) == len(counted):
        units = {unit for _, _, unit in measured}
        kind, unit, factors = unit_of(units)
        if kind:
            numbers = sorted(
                (number * factors.get(unit_, 1.0), counted[value]) for value, number, unit_ in measured
            )
            extremes = (min(measured, key=lambda one: one[1])[0], max(measured, key=lambda one: one[1])[0])
            examples = {value: message for value, message in reversed(values) if value in extremes}
            if all(safe(message, value) == value for value, message in examples.items()):
                spread = [number for number, count in numbers for _ in range(count)]
                return Slot(
                    name, kind, len(values), exact, len(counted), unit,
                    spread[0], quantile(spread, 0.5), quantile(spread, 0.95), spread[-1],
                )  # fmt: skip
    top = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    wanted = {value for value, _ in top}
    examples = {value: message for value, message in reversed(values) if value in wanted}
    shown: Counter[str] = Counter()
    for value, count in top:
        shown[safe(examples[value], value)[:_VALUE_WIDTH]] += count
    kind = "redacted" if any(value not in counted and "‹" in value for value in shown) else _kind(wanted)
    return Slot(name, kind, len(values), exact, len(counted), top=tuple(shown.most_common()))


def measures(values: Counter[str]) -> Iterator[tuple[str, float, str]]:
    """(value, its number, its unit) of those that are numbers."""
    for value in values:
        found = _MEASURE.fullmatch(value.strip("()[],;"))
        if found is not None and len(found.group(1)) < _LONG_NUMBER:
            yield value, float(found.group(1)), found.group(2) or ""


def unit_of(units: set[str]) -> tuple[str, str, dict[str, float]]:
    """(kind, the unit all are told in, factors to it), or empty where the units do not go together."""
    if len(units) == 1:
        unit = next(iter(units))
        kind = "duration" if unit in _DURATIONS else "size" if unit in _SIZES else "number"
        return kind, unit, {}
    if units <= _DURATIONS.keys():
        return "duration", "ms", _DURATIONS
    if units <= _SIZES.keys():
        return "size", "B", _SIZES
    return "", "", {}


def _kind(values: set[str]) -> str:
    for kind, pattern in _KINDS:
        if all(pattern.fullmatch(value.strip("()[],;")) for value in values):
            return kind
    return "text"
