"""The numbers that stand in the slots of patterns, of a window and of its baseline: `took 812 ms`.

Read from the messages that are kept of each pattern, so the cost does not grow with the window.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cwtui.explain.beside import Parted
from cwtui.explain.body import body_of
from cwtui.explain.masks import WILDCARD
from cwtui.explain.slots import NAMING, SLOTS, measures, names_of, reader_of, unit_of
from cwtui.explain.templates import Pattern

_PATTERNS = 40
"""Patterns that are looked at, those with most events on the side that has fewer."""
_LINES = 200
"""Lines of each pattern that are read on each side, of those kept."""
_WORDS = 5
_LEAST = 8
_JOINED = re.compile(
    r"(?<=\d) (?=(?:[nuµm]?s|msec|secs?|seconds?|min(?:ute)?s?|hours?|[kKMGT]?i?B|bytes|%)(?: |$))"
)

Values = Sequence[tuple[float, int]]
"""(number, row id), in the order they came."""


@dataclass(frozen=True, slots=True)
class SlotNumbers:
    """What one slot holds on both sides, where all of it is numbers of one unit."""

    name: str
    """The word before it, or which value behind that word it is; may be empty; foreign text."""
    template: str
    """Of its pattern; foreign text."""
    unit: str
    now: Values
    then: Values


def slot_numbers(parts: Iterable[Parted]) -> Iterator[SlotNumbers]:
    """The slots of numbers of the patterns met most that both sides have."""
    both = [
        (min(part.counts), part.here.text, part.here, part.before)
        for part in parts
        if part.here is not None and part.before is not None
    ]
    both = [item for item in both if item[0] >= _LEAST and WILDCARD in item[1] and not item[2].overflow]
    both.sort(key=lambda item: (-item[0], item[1]))
    for _, template, here, before in both[:_PATTERNS]:
        yield from _of_pattern(template, here, before)


def _of_pattern(template: str, here: Pattern, before: Pattern) -> Iterator[SlotNumbers]:
    now, then = _read(template, here), _read(template, before)
    if min(len(now), len(then)) < _LEAST:
        return
    names = names_of(template)
    count = min(SLOTS, len(names), *(len(values) for _, values in (*now, *then)))
    for place in range(count):
        if names[place].lower() in NAMING:
            continue
        sides = [[(row, _words(values[place])) for row, values in side] for side in (now, then)]
        widths = {len(words) for side in sides for _, words in side}
        width = next(iter(widths))
        if len(widths) > 1 or not 1 <= width <= _WORDS:
            continue
        for word in range(width):
            column = [[(row, words[word]) for row, words in side] for side in sides]
            found = _numbers(column[0], column[1])
            if found is not None:
                unit, numbers = found
                yield SlotNumbers(_named(names[place], word, width), template, unit, *numbers)


def _read(template: str, pattern: Pattern) -> list[tuple[int, Sequence[str]]]:
    reader = reader_of(template)
    kept = max(pattern.samples, pattern.drawn, key=len)
    if reader is None or not kept:
        return []
    step = -(-len(kept) // _LINES)
    read = ((row, reader(body_of(message))) for row, message in kept[::step])
    return [(row, values) for row, values in read if values is not None]


def _words(value: str) -> list[str]:
    """The values that one slot may have swallowed, each with its unit: `200 18 ms` are two."""
    return [word.replace("\0", " ") for word in _JOINED.sub("\0", value).split(" ")]


def _numbers(
    now: Sequence[tuple[int, str]], then: Sequence[tuple[int, str]]
) -> tuple[str, tuple[Values, Values]] | None:
    counted = Counter(value for _, value in (*now, *then))
    measured = {value: (number, unit) for value, number, unit in measures(counted)}
    if len(measured) < len(counted):
        return None
    kind, unit, factors = unit_of({unit for _, unit in measured.values()})
    if not kind:
        return None

    def scaled(side: Sequence[tuple[int, str]]) -> Values:
        return [(measured[value][0] * factors.get(measured[value][1], 1.0), row) for row, value in side]

    return unit, (scaled(now), scaled(then))


def _named(name: str, word: int, width: int) -> str:
    return name if width == 1 else f"{name} (value {word + 1} of {width})".strip()
