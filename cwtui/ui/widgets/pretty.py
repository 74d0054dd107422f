"""JSON laid out over lines for the detail pane: lazily, and bounded in depth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from cwtui.core.text import printable, printable_lines

Piece = tuple[str, str]
"""Text and what it is: `key`, `text`, `number`, `word` or `mark`."""

DEPTH = 40
"""Deeper values are shown as `{…}`: nobody reads them, and recursion has an end."""
_INDENT = "  "


Steps = tuple[str | int, ...]
"""Keys and places in arrays, from the outermost on."""


class Laid(NamedTuple):
    """One line of what was laid out."""

    pieces: list[Piece]
    path: Steps = ()
    """The field whose value begins here; empty where none does."""
    value: object = None


def pretty(value: object) -> Iterator[list[Piece]]:
    """The lines of a JSON value as pieces; every text is printable. Stop asking where it is enough.

    A string of several lines (a stack trace) is laid out as those lines.
    """
    return (line.pieces for line in laid_out(value))


def laid_out(
    value: object, path: Steps = (), depth: int = 0, lead: tuple[Piece, ...] = (), end: str = ""
) -> Iterator[Laid]:
    """The lines of `pretty`, each with the field that begins on it."""
    pad = _INDENT * depth
    opening: list[Piece] = [(pad, "mark"), *lead]
    if isinstance(value, dict | list) and value:
        first, last = "{}" if isinstance(value, dict) else "[]"
        if depth >= DEPTH:
            yield Laid([*opening, (f"{first}…{last}{end}", "mark")], path, value)
            return
        yield Laid([*opening, (first, "mark")], path, value)
        items: Iterator[tuple[str | int, tuple[Piece, ...], object]]
        if isinstance(value, dict):
            items = (
                (
                    str(key),
                    ((json.dumps(printable(str(key)), ensure_ascii=False), "key"), (": ", "mark")),
                    inner,
                )
                for key, inner in value.items()
            )
        else:
            items = ((place, (), inner) for place, inner in enumerate(value))
        left = len(value)
        for step, inner_lead, inner in items:
            left -= 1
            yield from laid_out(inner, (*path, step), depth + 1, inner_lead, "," if left else "")
        yield Laid([(pad, "mark"), (last + end, "mark")])
    elif isinstance(value, str) and "\n" in value.strip("\n"):
        yield Laid(opening, path, value)
        for line in printable_lines(value.strip("\n")):
            yield Laid([(f"{pad}{_INDENT}│ ", "mark"), (line, "text")])
    else:
        yield Laid([*opening, _scalar(value), (end, "mark")], path, value)


def _scalar(value: object) -> Piece:
    if isinstance(value, str):
        return (f'"{printable(value)}"', "text")
    if isinstance(value, bool) or value is None:
        return (json.dumps(value), "word")
    if isinstance(value, int | float):
        return (str(value), "number")
    return ("{}" if isinstance(value, dict) else "[]", "mark")
