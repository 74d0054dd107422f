"""Row ids, times and levels side by side: what views are made of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Times = NDArray[np.int64]
Levels = NDArray[np.uint8]


class Stretch(NamedTuple):
    """Events as columns of equal length, 17 bytes each."""

    rows: Rows
    times: Times
    """ms UTC."""
    levels: Levels
    """Values of `core.models.Level`."""

    @classmethod
    def blank(cls, size: int) -> Stretch:
        """Columns to be filled with `put`."""
        return cls(np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.uint8))

    @classmethod
    def joined(cls, *pieces: Stretch) -> Stretch:
        """A copy of the pieces, one after the other."""
        return cls(
            np.concatenate([piece.rows for piece in pieces]),
            np.concatenate([piece.times for piece in pieces]),
            np.concatenate([piece.levels for piece in pieces]),
        )

    @property
    def size(self) -> int:
        return len(self.rows)

    def between(self, first: int, last: int | None = None) -> Stretch:
        """The positions `[first, last)`, not copied."""
        return Stretch(self.rows[first:last], self.times[first:last], self.levels[first:last])

    def at(self, places: NDArray[Any]) -> Stretch:
        """A copy of the rows at the places (positions, or a mask)."""
        return Stretch(self.rows[places], self.times[places], self.levels[places])

    def copy(self) -> Stretch:
        return Stretch(self.rows.copy(), self.times.copy(), self.levels.copy())

    def put(self, places: NDArray[Any] | slice, other: Stretch) -> None:
        """Writes the other's rows at the places of this one."""
        self.rows[places] = other.rows
        self.times[places] = other.times
        self.levels[places] = other.levels
