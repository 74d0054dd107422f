"""From a value on the screen to a filter, and from a filter to what of it can be seen: fields and texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cwtui.lang.expression import (
    And,
    Comparison,
    Contains,
    Exists,
    Expression,
    Like,
    Match,
    Not,
    Number,
    Or,
    Pattern,
    Regex,
)
from cwtui.lang.field_path import FieldPath
from cwtui.lang.filter_pattern import Json, Terms
from cwtui.lang.filter_tests import Every, Junction, Property, Words

_LONG = 300
"""Characters of a value from which on its beginning stands for it: a filter is to be read."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_WRITTEN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")


def field_equals(path: FieldPath, value: object) -> Expression:
    """Lines whose field has this value, typed: a number as one, null as null, of a whole the field's being.

    What a text of the value cannot say for its length, its beginning does.
    """
    if value is None:
        return And((Exists(path), Not(Match(path, Like("*")))))
    if isinstance(value, dict | list):
        return Exists(path)
    if isinstance(value, bool):
        return Comparison(path, "=", "true" if value else "false")
    if isinstance(value, int | float) and _NUMBER.fullmatch(str(value)):
        return Comparison(path, "=", Number(str(value)))
    text = str(value)
    if len(text) > _LONG:
        return Match(path, Like(f"{text[:_LONG]}*"))
    return Comparison(path, "=", text)


def written_value(text: str) -> object:
    """A logfmt value, which has no type, as what it looks like: `500` is a number, `007` is not."""
    if not _WRITTEN_NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def logfmt_path(key: str) -> FieldPath:
    """The field of a logfmt line's key; its dots are read as steps, as in JSON."""
    steps = tuple(key.split("."))
    return FieldPath(steps if all(steps) else (key,))


def leaves(fields: Mapping[str, object], limit: int = 40) -> list[tuple[tuple[str | int, ...], object]]:
    """The single values in the fields of a line, outer ones first, with their paths; at most `limit`."""
    found: list[tuple[tuple[str | int, ...], object]] = []
    level: list[tuple[tuple[str | int, ...], object]] = [((key,), value) for key, value in fields.items()]
    while level and len(found) < limit:
        deeper: list[tuple[tuple[str | int, ...], object]] = []
        for path, value in level:
            if isinstance(value, dict):
                deeper += [((*path, str(key)), inner) for key, inner in value.items()]
            elif isinstance(value, list):
                deeper += [((*path, place), inner) for place, inner in enumerate(value[:limit])]
            else:
                found.append((path, value))
        level = deeper if len(level) < limit * limit else []
    return found[:limit]


def paths_in(expression: Expression) -> tuple[FieldPath, ...]:
    """The fields that an expression speaks of, each once, in order."""
    return tuple(dict.fromkeys(_paths(expression)))


def texts_in(expression: Expression) -> tuple[Contains | Regex, ...]:
    """What can be lit up in the lines that an expression lets through; nothing of what it excludes."""
    return tuple(dict.fromkeys(_texts(expression)))


def _paths(expression: Expression) -> Iterator[FieldPath]:
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _paths(part)
        case Not(part):
            yield from _paths(part)
        case Pattern(pattern) if isinstance(pattern.body, Json):
            yield from _selectors(pattern.body.test)
        case Comparison(subject=FieldPath() as path) | Match(subject=FieldPath() as path) | Exists(path):
            yield path
        case _:
            return


def _selectors(test: object) -> Iterator[FieldPath]:
    if isinstance(test, Junction):
        for part in test.parts:
            yield from _selectors(part)
    elif isinstance(test, Property):
        steps = tuple(step for step in test.path if not isinstance(step, Every))
        # What stands for many elements is no path of ours.
        if len(steps) == len(test.path) and isinstance(steps[0], str):
            yield FieldPath(steps)


def _texts(expression: Expression) -> Iterator[Contains | Regex]:
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _texts(part)
        case Contains() | Regex():
            yield expression
        case Match(against=Regex() as regex):
            yield regex
        case Match(against=Like(text)) if text.strip("*"):
            yield from (Contains(piece) for piece in text.split("*") if piece)
        case Comparison(subject, "=", value) if subject not in ("group", "account", "region", "stream"):
            text = str(value)
            if text:
                yield Contains(text)
        case Pattern(pattern) if isinstance(pattern.body, Terms):
            for term in (*pattern.body.required, *pattern.body.optional):
                if isinstance(term, Words):
                    yield Regex(re.escape(term.text))
        case _:
            return
