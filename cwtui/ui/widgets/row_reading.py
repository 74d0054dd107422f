"""Rows of a list, read before they are painted: the visible ones first, then the screens around.

`render_line` never asks anyone. What a column of a field shows of a message too long for a list is read
with the row, from the whole of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from textual import work
from textual.message import Message
from textual.scroll_view import ScrollView

from cwtui.core.errors import CwtuiError
from cwtui.core.models import Row
from cwtui.ui.widgets.field_columns import Values, columns_of, values_of, widened
from cwtui.ui.widgets.row_cache import RowCache, around
from cwtui.ui.widgets.row_look import RowLook
from cwtui.window.view import View

ReadRows = Callable[[NDArray[np.int64]], Awaitable[list[Row]]]
"""Rows of the given ids, in their order."""

ReadValues = Callable[[Sequence[int], Sequence[str]], Awaitable[Mapping[int, Values]]]
"""For ids of rows and paths of fields, what the whole messages have there."""

_MEASURED = 300
"""Rows at hand that say how wide a new column is; it grows with what is read later."""


class RowReading(ScrollView):
    """Keeps the rows of a view at hand around what is visible."""

    class ColumnsChanged(Message):
        """Columns of fields came, went or grew: what stands over them is to follow."""

    @dataclass
    class ReadFailed(Message):
        """Rows could not be read."""

        error: CwtuiError

    def __init__(
        self,
        read: ReadRows,
        view: View,
        *,
        read_values: ReadValues | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._read = read
        self._read_values = read_values
        self._view = view
        self._look = RowLook()
        self._generation = 0
        self._direction = 0
        self._cache = RowCache()
        self._values: dict[int, Values] = {}
        """Of rows whose messages are cut, what their columns show."""
        self._wanted = asyncio.Event()

    @property
    def look(self) -> RowLook:
        """How rows are drawn."""
        return self._look

    def on_mount(self) -> None:
        self._keep_reading()

    @work(group="rows", exclusive=True, exit_on_error=False)
    async def _keep_reading(self) -> None:
        """Reads what the screen shows first, then what stands around it."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if await self._read_missing(self.visible_ids):
                self._rows_came()
            if not self._wanted.is_set() and self._runs_short():
                top, height = self.in_sight.start, len(self.in_sight)
                positions = around(top, height, len(self._view), self._direction)
                await self._read_missing(self._view.slice(positions.start, positions.stop))

    def _runs_short(self) -> bool:
        """Whether a row within half a screen has not been read: one read then fetches screens, not rows."""
        seen = self.in_sight
        margin = len(seen) // 2
        near = self._view.slice(max(0, seen.start - margin), seen.stop + margin)
        return bool(self._cache.missing(int(row_id) for row_id in near))

    async def _read_missing(self, ids: NDArray[np.int64]) -> bool:
        missing = self._cache.missing(int(row_id) for row_id in ids)
        generation = self._generation
        try:
            rows = await self._read(np.asarray(missing, dtype=np.int64)) if missing else []
            if generation == self._generation:
                self._cache.put(rows)
            values = await self._missing_values(ids)
        except CwtuiError as error:
            self.post_message(self.ReadFailed(error))
            return False
        if generation != self._generation or not (rows or values):
            return bool(missing)
        if values:
            self._values.update(values)
            self._repaint_all()
        if self._look.columns:
            self._widen_columns([row.message for row in rows], values.values())
        return True

    async def _missing_values(self, ids: NDArray[np.int64]) -> Mapping[int, Values]:
        """What columns show of the messages, among those rows, that are cut in a list."""
        paths = [column.path for column in self._look.columns]
        if not paths or self._read_values is None:
            return {}
        rows = [self._cache.get(int(row_id)) for row_id in ids]
        cut = [row.id for row in rows if row is not None and row.length > len(row.message)]
        missing = [row_id for row_id in cut if row_id not in self._values]
        return await self._read_values(missing, paths) if missing else {}

    # ------------------------------------------------------------------ columns of fields

    def show_columns(self, paths: Iterable[str]) -> None:
        """Gives these fields of the messages, in this order, columns of their own."""
        self._values.clear()
        self.restyle(columns=columns_of(paths), left=0)
        self._widen_columns(self.messages_at_hand(_MEASURED), ())
        self._wanted.set()

    def messages_at_hand(self, count: int) -> list[str]:
        """Messages of rows that were read or shown last, cut as a list cuts them."""
        return [row.message for row in self._cache.newest(count)]

    def _widen_columns(self, messages: Iterable[str], values: Iterable[Values]) -> None:
        columns = self._look.columns
        said = [*(values_of(message, columns) for message in messages), *values]
        self.restyle(columns=widened(columns, said))
        self.post_message(self.ColumnsChanged())

    # ------------------------------------------------------------------ from what paints

    @property
    def in_sight(self) -> range:
        """The positions on the screen."""
        raise NotImplementedError

    @property
    def visible_ids(self) -> NDArray[np.int64]:
        """The ids of the events on the screen."""
        raise NotImplementedError

    def restyle(self, **changes: Any) -> None:
        """Changes fields of the look."""
        self._look = replace(self._look, **changes)

    def _rows_came(self) -> None:
        """Rows that were asked for are at hand."""
        raise NotImplementedError

    def _repaint_all(self) -> None:
        """Nothing that was painted holds any longer."""
        raise NotImplementedError
