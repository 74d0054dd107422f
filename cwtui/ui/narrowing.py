"""Narrows a list of names by what is typed: fuzzy, quick over many thousands, no screen.

Textual's FuzzySearch tries every way to lay the query over a name, which takes minutes over the
long, repetitive names of log groups; this lays it once: as a whole where it occurs, else letter
by letter from the last possible start, which keeps the letters together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, overload


class Narrowed(NamedTuple):
    """A name that matches, and which of its characters did."""

    row: int
    """Its place in the list that was narrowed."""
    offsets: tuple[int, ...]


class Found(Sequence[Narrowed]):
    """What is left of a list: places in it. Which characters matched is worked out for those looked at."""

    def __init__(self, rows: Sequence[int], offsets_of: Callable[[int], tuple[int, ...]]) -> None:
        self.rows = rows
        """Places in the list that was narrowed, in the order to show them."""
        self._offsets_of = offsets_of

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Narrowed: ...
    @overload
    def __getitem__(self, place: slice) -> Found: ...
    def __getitem__(self, place: int | slice) -> Narrowed | Found:
        if isinstance(place, slice):
            return Found(self.rows[place], self._offsets_of)
        row = self.rows[place]
        return Narrowed(row, self._offsets_of(row))


def narrow(names: Sequence[str], query: str) -> Found:
    """The names that match, in their own order within three ranks.

    First those that hold the query as it is and begin a part of the name with it, then those that
    hold it anywhere, then those that hold its letters in order. Case is ignored.
    """
    wanted = query.lower()
    if not wanted:
        return Found(range(len(names)), lambda row: ())
    slash, dot, line, dash = (mark + wanted for mark in "/._-")
    # Possessive, so that a name which lacks the last letter is given up at once.
    letters = [re.escape(letter) for letter in wanted]
    scattered = re.compile("".join(f"[^{letter}]*+{letter}" for letter in letters)).match
    begins: list[int] = []
    holds: list[int] = []
    spread: list[int] = []
    for row, name in enumerate(names):
        lowered = name.lower()
        if wanted not in lowered:
            if scattered(lowered):
                spread.append(row)
        elif (
            slash in lowered
            or dash in lowered
            or lowered.startswith(wanted)
            or line in lowered
            or dot in lowered
        ):
            begins.append(row)
        else:
            holds.append(row)
    return Found(begins + holds + spread, lambda row: offsets_in(names[row], wanted))


def offsets_in(name: str, wanted: str) -> tuple[int, ...]:
    """Which characters of a matching name did: the whole where it begins a part, or as late as can be."""
    lowered = name.lower()
    if len(lowered) != len(name):
        # Lowering changed the length (İ): places would not fit, so nothing is marked.
        return ()
    if (start := lowered.find(wanted)) < 0:
        return _from_the_end(lowered, wanted)
    begins = re.search(rf"(?:^|[/._\-]){re.escape(wanted)}", lowered)
    start = start if begins is None else begins.end() - len(wanted)
    return tuple(range(start, start + len(wanted)))


_TELLING = 3
"""Letters at least that speak of what stands beside a name."""


_TELLING = 3
"""Letters at least that speak of what stands beside a name."""


def narrow_beside(names: Sequence[str], beside: Sequence[str], query: str) -> Found:
    """As `narrow`, where the query may begin with letters of what is said beside the name, its account.

    `prodapi` finds `/shop/api` of the account `prod`, `eu-west` every name of that region; they come last.
    """
    found = narrow(names, query)
    wanted = query.lower()
    rows_of: dict[str, list[int]] = {}
    taken = set(found.rows)
    for row, said in enumerate(beside):
        if row not in taken:
            rows_of.setdefault(said.lower(), []).append(row)
    more: dict[int, str] = {}
    for said, rows in rows_of.items():
        spoken = next((end for end in range(len(wanted), _TELLING - 1, -1) if wanted[:end] in said), 0)
        if spoken:
            matched = narrow([names[row] for row in rows], wanted[spoken:])
            more |= dict.fromkeys((rows[place] for place in matched.rows), wanted[spoken:])
    return Found([*found.rows, *sorted(more)], lambda row: offsets_in(names[row], more.get(row, wanted)))


def _from_the_end(name: str, wanted: str) -> tuple[int, ...]:
    # The end of a name tells it apart, so letters are placed as late as they can be.
    offsets: list[int] = []
    end = len(name)
    for letter in reversed(wanted):
        end = name.rfind(letter, 0, end)
        offsets.append(end)
    return tuple(reversed(offsets))


def cut_offsets(offsets: Iterable[int], length: int, width: int) -> list[int]:
    """Where matched characters of a name stand once `core.text.middle` has cut it to `width`."""
    if length <= width:
        return list(offsets)
    head = (width - 1) // 2
    tail = width - 1 - head
    return [
        offset if offset < head else offset - (length - tail) + head + 1
        for offset in offsets
        if offset < head or offset >= length - tail
    ]
