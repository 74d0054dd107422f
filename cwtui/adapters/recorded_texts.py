"""The messages of a recorded group: blocks of bytes in an order of their own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from cwtui.deliver.packed import Texts as Texts

_SPARSE = 4
"""Messages may be read for one that is wanted: reading them one by one takes about so much longer."""


class Messages:
    """Many messages, kept in blocks, in an order of their own."""

    def __init__(self, blocks: Sequence[Texts], order: NDArray[np.intp] | None = None) -> None:
        """`order` names the place of each message in the blocks; None leaves them as they stand."""
        self._blocks = blocks
        self._starts = list(accumulate(map(len, blocks), initial=0))
        self._order = order

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, row: int) -> str:
        place = row if self._order is None else int(self._order[row])
        block = bisect_right(self._starts, place) - 1
        return self._blocks[block].one(place - self._starts[block])

    def between(self, first: int, after: int) -> list[str]:
        """The messages `[first, after)`."""
        if self._order is not None:
            return self._picked(self._order[first:after])
        return self._standing(first, after)

    def _picked(self, places: NDArray[np.intp]) -> list[str]:
        """The messages at places of the blocks."""
        if not len(places):
            return []
        owners = np.searchsorted(self._starts, places, "right") - 1
        spans = {}
        for owner in np.unique(owners).tolist():
            mine = places[owners == owner]
            spans[owner] = int(mine.min()), int(mine.max()) + 1
        if sum(after - first for first, after in spans.values()) > _SPARSE * len(places):
            pairs = zip(owners.tolist(), places.tolist(), strict=True)
            return [self._blocks[owner].one(place - self._starts[owner]) for owner, place in pairs]
        # Files that merge by time: what is picked of each stands nearly together.
        read = {owner: (first, self._standing(first, after)) for owner, (first, after) in spans.items()}
        found: list[str] = []
        for owner, place in zip(owners.tolist(), places.tolist(), strict=True):
            first, texts = read[owner]
            found.append(texts[place - first])
        return found

    def _standing(self, first: int, after: int) -> list[str]:
        found: list[str] = []
        for start, block in zip(self._starts, self._blocks, strict=False):
            if start < after and first < start + len(block):
                found += block.between(max(0, first - start), min(len(block), after - start))
        return found
