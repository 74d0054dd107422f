"""What lights texts up in lines that are on the screen: patterns, and laying their colours over a strip.

Finding is the store's business (RE2, linear). Here Python's engine looks at what is visible, so a
pattern with which it could take long is left unlit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cwtui.lang.expression import Contains, Regex

_SCANNED = 400
"""Characters of a message in which a regular expression is looked for at each paint."""

Light = tuple[re.Pattern[str], Style]
"""What is lit, and how."""


def highlighter(text: str) -> re.Pattern[str] | None:
    """What lights up a search text, smart case; None for no text, and where lighting up could take long."""
    if not text:
        return None
    flags = re.NOFLAG if any(letter.isupper() for letter in text) else re.IGNORECASE
    try:
        pattern = re.compile(text, flags)
    except (re.error, OverflowError, RecursionError):
        return re.compile(re.escape(text), flags)
    return pattern if _quick(text) else None


def lights_of(found: Iterable[Contains | Regex]) -> re.Pattern[str] | None:
    """One pattern for what filters look for (`lang.fields.texts_in`); None where nothing can be lit."""
    pieces = [piece for each in found if (piece := _source(each))]
    try:
        return re.compile("|".join(pieces)) if pieces else None
    except (re.error, OverflowError, RecursionError):
        return None


def light_up(strip: Strip, lights: Sequence[Light], reach: int = _SCANNED) -> Strip:
    """The strip with every match in its style; where two overlap the earlier light is the one seen.

    Looked for is in the first `reach` characters.
    """
    text = strip.text
    spans = [
        (*match.span(), style)
        for pattern, style in reversed(lights)
        for match in pattern.finditer(text, 0, reach)
        if match.end() > match.start()
    ]
    if not spans:
        return strip
    edges = sorted({edge for start, end, _ in spans for edge in (start, end)} | {0, len(text)})
    # Characters without a width of their own stay with the one before.
    places = {cell_len(text[:edge]): edge for edge in edges}
    cells = sorted(places)
    lit: list[Strip] = []
    for cell, piece in zip(cells, strip.divide([*cells[1:], strip.cell_length]), strict=False):
        start = places[cell]
        style = next((each for first, end, each in reversed(spans) if first <= start < end), None)
        lit.append(piece if style is None else Strip([Segment(part.text, style) for part in piece]))
    return Strip.join(lit)


def _quick(source: str) -> bool:
    """Whether Python's backtracking engine is safe with it: no repeat inside another, two open ones."""
    repeats = len(re.findall(r"(?<!\\)[*+]|(?<!\\)\{\d+,\d*\}", source))
    nested = re.search(r"[*+}?]\)?[^()]*\)[*+{]", source) is not None
    return not nested and repeats <= 2


def _source(found: Contains | Regex) -> str:
    if isinstance(found, Contains):
        minds_case = any(letter.isupper() for letter in found.text)
        return f"(?{'-i' if minds_case else 'i'}:{re.escape(found.text)})" if found.text else ""
    try:
        re.compile(found.pattern)
    except (re.error, OverflowError, RecursionError):
        return ""
    if not _quick(found.pattern) or found.pattern.startswith("(?"):
        return ""
    return f"(?{'i' if found.ignore_case else '-i'}:{found.pattern})"
