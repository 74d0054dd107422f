"""A few messages of each signature, drawn evenly and the same on every run."""

from __future__ import annotations

from heapq import heappush, heapreplace, nlargest

import numpy as np
from numpy.typing import NDArray

DRAWN = 500
"""Messages of one signature that are kept at most; up to so many, what is said of its slots is exact."""
_DRAWN_LEAST = 12
BUDGET = 30_000
"""Messages that are kept in all; when there are more, each signature's are halved."""
SAMPLES = 12
"""Messages of a pattern that are shown to people."""

Drawn = tuple[int, int, int, str]
"""(-priority, -position, row id, message): of a reservoir, the largest stay."""


def priorities(first: int, count: int) -> NDArray[np.int64]:
    """An even pseudo-random number for each position of the input (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = (np.arange(first, first + count, dtype=np.uint64) + np.uint64(1)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)


def draw(reservoir: list[Drawn], item: Drawn, most: int) -> None:
    """Puts one message into a reservoir, where another may have to give way."""
    if len(reservoir) < most:
        heappush(reservoir, item)
    elif item > reservoir[0]:
        heapreplace(reservoir, item)


def pour(source: list[Drawn], into: list[Drawn], most: int) -> list[Drawn]:
    """Both in one, no more than may be kept."""
    if not into:
        return source.copy()
    # A sorted list is a heap.
    return sorted(into + source)[-most:]


def trimmed(reservoirs: list[list[Drawn]], most: int) -> int:
    """Cuts reservoirs in place until they keep to the budget; what each may hold from now on."""
    while most > _DRAWN_LEAST and sum(map(len, reservoirs)) > BUDGET:
        most = max(_DRAWN_LEAST, most // 2)
        for reservoir in reservoirs:
            if len(reservoir) > most:
                reservoir[:] = sorted(nlargest(most, reservoir))
    return most


def in_order(reservoir: list[Drawn], most: int) -> tuple[tuple[int, str], ...]:
    """(row id, message) of at most so many, as they came."""
    chosen = nlargest(most, reservoir) if len(reservoir) > most else reservoir
    return tuple((row, text) for _, _, row, text in sorted(chosen, key=lambda item: -item[1]))
