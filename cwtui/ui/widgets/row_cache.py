"""Rows at hand for painting: filled by an async reader, asked by `render_line`, never by a query."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice

from cwtui.core.models import Row

CAPACITY = 2_048
"""Rows kept; a screen and two around it are some 300."""


class RowCache:
    """Rows by id, the least recently shown dropped first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._rows: OrderedDict[int, Row] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, row_id: int) -> Row | None:
        """The row, or None where it has not been read yet."""
        row = self._rows.get(row_id)
        if row is not None:
            self._rows.move_to_end(row_id)
        return row

    def put(self, rows: Iterable[Row]) -> None:
        """Keeps rows that were read."""
        for row in rows:
            self._rows[row.id] = row
            self._rows.move_to_end(row.id)
        while len(self._rows) > self._capacity:
            self._rows.popitem(last=False)

    def newest(self, count: int) -> list[Row]:
        """The rows that were read or shown last."""
        return list(islice(reversed(self._rows.values()), count))

    def missing(self, ids: Iterable[int]) -> list[int]:
        """Which of the ids have not been read yet, in their order."""
        return [row_id for row_id in ids if row_id not in self._rows]

    def clear(self) -> None:
        """Forgets everything: the ids mean other events from now on."""
        self._rows.clear()


def around(top: int, height: int, length: int, direction: int) -> range:
    """Positions worth having beside the visible `[top, top + height)`: two screens ahead, one behind.

    `direction` is where the last scroll went: 1 down, -1 up, 0 unknown (then two screens on both sides).
    """
    before = height * (1 if direction > 0 else 2)
    after = height * (1 if direction < 0 else 2)
    return range(max(0, top - before), min(length, top + height + after))
