"""Which names of events came before, for sources that hold millions: eight bytes each, not the name.

What is kept of a name is its hash of 64 bits (keyed anew in each process, so no file can aim at it): among
ten million names two that differ are taken for one with a chance of 1 : 370,000, and then the one event is
missing. Repetitions are always found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_GROWS = 2
"""A layer is merged into the one before it unless that is so many times as large: each name is moved as
often as the number of names has digits, and there are as many layers."""


class Names:
    """A set of names. Only ever grows."""

    def __init__(self) -> None:
        self._layers: list[NDArray[np.int64]] = []
        """Sorted, without repetition, each much smaller than the one before it."""

    def __len__(self) -> int:
        return sum(map(len, self._layers))

    def take(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """Takes the names in; which of them are new, the first of several alike counting as new."""
        hashes = np.fromiter(map(hash, names), np.int64, len(names))
        values, firsts = np.unique(hashes, return_index=True)
        known = np.zeros(len(values), np.bool_)
        for layer in self._layers:
            places = np.minimum(np.searchsorted(layer, values), len(layer) - 1)
            known |= layer[places] == values
        fresh = np.zeros(len(names), np.bool_)
        fresh[firsts[~known]] = True
        if not known.all():
            self._add(values[~known])
        return fresh

    def _add(self, values: NDArray[np.int64]) -> None:
        self._layers.append(values)
        while len(self._layers) > 1 and len(self._layers[-2]) < _GROWS * len(self._layers[-1]):
            last = self._layers.pop()
            # A stable sort of two sorted runs merges them.
            self._layers[-1] = np.sort(np.concatenate((self._layers[-1], last)), kind="stable")
