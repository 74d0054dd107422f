"""Narrows a list of names by what is typed: fuzzy, quick over many thousands, no screen.

Textual's FuzzySearch tries every way to lay the query over a name, which takes minutes over the
long, repetitive names of log groups; this lays it once: as a whole where it occurs, else letter
by letter from the last possible start, which keeps the letters together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Narrowed(NamedTuple):
    """A name that matches, and which of its characters did."""

    row: int
    """Its place in the list that was narrowed."""
    offsets: tuple[int, ...]


def narrow(names: Sequence[str], query: str) -> list[Narrowed]:
    """The names that match, in their own order within three ranks.

    First those that hold the query as it is and begin a part of the name with it, then those that
    hold it anywhere, then those that hold its letters in order. Case is ignored.
    """
    wanted = query.lower()
    if not wanted:
        return [Narrowed(index, ()) for index in range(len(names))]
    starts = re.compile(rf"(?:^|[/._\-]){re.escape(wanted)}")
    # Possessive, so that a name which lacks the last letter is given up at once.
    letters = [re.escape(letter) for letter in wanted]
    scattered = re.compile("".join(f"[^{letter}]*+{letter}" for letter in letters))
    ranks: tuple[list[Narrowed], list[Narrowed], list[Narrowed]] = ([], [], [])
    for index, name in enumerate(names):
        lowered = name.lower()
        if len(lowered) != len(name):
            # Lowering changed the length (İ): places would not fit, so it is matched but not marked.
            if scattered.match(lowered):
                ranks[2].append(Narrowed(index, ()))
        elif (start := lowered.find(wanted)) >= 0:
            begins = starts.search(lowered)
            start = start if begins is None else begins.end() - len(wanted)
            ranks[begins is None].append(Narrowed(index, tuple(range(start, start + len(wanted)))))
        elif scattered.match(lowered):
            ranks[2].append(Narrowed(index, _from_the_end(lowered, wanted)))
    return [*ranks[0], *ranks[1], *ranks[2]]


_TELLING = 3
"""Letters at least that speak of what stands beside a name."""


def narrow_beside(names: Sequence[str], beside: Sequence[str], query: str) -> list[Narrowed]:
    """As `narrow`, where the query may begin with letters of what is said beside the name, its account.

    `prodapi` finds `/shop/api` of the account `prod`, `eu-west` every name of that region; they come last.
    """
    found = narrow(names, query)
    wanted = query.lower()
    rows_of: dict[str, list[int]] = {}
    taken = {row for row, _ in found}
    for row, said in enumerate(beside):
        if row not in taken:
            rows_of.setdefault(said.lower(), []).append(row)
    more: list[Narrowed] = []
    for said, rows in rows_of.items():
        spoken = next((end for end in range(len(wanted), _TELLING - 1, -1) if wanted[:end] in said), 0)
        if spoken:
            matched = narrow([names[row] for row in rows], wanted[spoken:])
            more += [Narrowed(rows[place], offsets) for place, offsets in matched]
    return found + sorted(more)


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
