"""JSON laid out over lines for the detail pane: lazily, and bounded in depth."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cwtui.core.text import printable, printable_lines

Piece = tuple[str, str]
"""Text and what it is: `key`, `text`, `number`, `word` or `mark`."""

DEPTH = 40
"""Deeper values are shown as `{…}`: nobody reads them, and recursion has an end."""
_INDENT = "  "


def pretty(
    value: object, depth: int = 0, lead: tuple[Piece, ...] = (), end: str = ""
) -> Iterator[list[Piece]]:
    """The lines of a JSON value as pieces; every text is printable. Stop asking where it is enough.

    A string of several lines (a stack trace) is laid out as those lines.
    """
    pad = _INDENT * depth
    opening: list[Piece] = [(pad, "mark"), *lead]
    if isinstance(value, dict | list) and value:
        first, last = "{}" if isinstance(value, dict) else "[]"
        if depth >= DEPTH:
            yield [*opening, (f"{first}…{last}{end}", "mark")]
            return
        yield [*opening, (first, "mark")]
        items: Iterator[tuple[tuple[Piece, ...], object]]
        if isinstance(value, dict):
            items = (
                (((json.dumps(printable(str(key)), ensure_ascii=False), "key"), (": ", "mark")), inner)
                for key, inner in value.items()
            )
        else:
            items = (((), inner) for inner in value)
        left = len(value)
        for inner_lead, inner in items:
            left -= 1
            yield from pretty(inner, depth + 1, inner_lead, "," if left else "")
        yield [(pad, "mark"), (last + end, "mark")]
    elif isinstance(value, str) and "\n" in value.strip("\n"):
        yield opening
        for line in printable_lines(value.strip("\n")):
            yield [(f"{pad}{_INDENT}│ ", "mark"), (line, "text")]
    else:
        yield [*opening, _scalar(value), (end, "mark")]


def _scalar(value: object) -> Piece:
    if isinstance(value, str):
        return (f'"{printable(value)}"', "text")
    if isinstance(value, bool) or value is None:
        return (json.dumps(value), "word")
    if isinstance(value, int | float):
        return (str(value), "number")
    return ("{}" if isinstance(value, dict) else "[]", "mark")
