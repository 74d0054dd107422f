"""A baseline's events beside a window's, mined with one set of templates and parted again.

The baseline goes through the miner first, its row ids as `~id` and its groups behind a NUL, which no
log group's name can hold: so both windows share the templates and no line continues one of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns
from cwtui.explain.compare import SLICES, Slices
from cwtui.explain.templates import Pattern

_MARK = "\0"


def marked(chunks: Iterable[Columns]) -> Iterator[Columns]:
    """The events of a baseline, told apart from those of the window that follows them."""
    for chunk in chunks:
        yield replace(
            chunk, ids=[~row for row in chunk.ids], groups=[_MARK + group for group in chunk.groups]
        )


def is_marked(chunk: Columns) -> bool:
    """Whether these are events of the baseline."""
    return len(chunk) > 0 and chunk.ids[0] < 0


@dataclass(frozen=True, slots=True)
class Parted:
    """A pattern of both windows: its part in each, None where it has none."""

    here: Pattern | None
    before: Pattern | None

    @property
    def either(self) -> Pattern:
        """The part in the window, or else that in the baseline."""
        part = self.here or self.before
        assert part is not None
        return part

    @property
    def counts(self) -> tuple[int, int]:
        """Events in the window, and in the baseline."""
        return (self.here.count if self.here else 0, self.before.count if self.before else 0)


def parted(pattern: Pattern) -> Parted:
    """The two parts of a pattern that was mined from both windows."""
    old = pattern.ids < 0
    if not old.any():
        return Parted(pattern, None)
    return Parted(_part(pattern, ~old, old=False) if not old.all() else None, _part(pattern, old, old=True))


def _part(pattern: Pattern, rows: NDArray[np.bool_], *, old: bool) -> Pattern:
    return replace(
        pattern,
        ids=pattern.ids[rows],
        times=pattern.times[rows],
        streams=tuple(
            (group.removeprefix(_MARK), stream, count)
            for group, stream, count in pattern.streams
            if group.startswith(_MARK) == old
        ),
        samples=tuple(sample for sample in pattern.samples if (sample[0] < 0) == old),
        drawn=tuple(sample for sample in pattern.drawn if (sample[0] < 0) == old),
        traces=tuple(traced for traced in pattern.traces if (traced[0] < 0) == old),
    )


def sliced(parts: list[Parted], window: tuple[int, int], baseline: tuple[int, int]) -> Slices:
    """Events of each pattern in equal parts of the window and of the baseline, `[start, end)` in ms."""
    return (
        _sliced([part.here for part in parts], *window),
        _sliced([part.before for part in parts], *baseline),
    )


def _sliced(patterns: list[Pattern | None], start: int, end: int) -> NDArray[np.int64]:
    width = max(1, end - start)
    slices = np.zeros((len(patterns), SLICES), dtype=np.int64)
    for place, pattern in enumerate(patterns):
        if pattern is not None:
            # As floats: a span of hostile timestamps times 16 would overflow.
            places = (pattern.times.astype(np.float64) - start) * (SLICES / width)
            inside = np.clip(places, 0, SLICES - 1).astype(np.int64)
            slices[place] = np.bincount(inside, minlength=SLICES)
    return slices
