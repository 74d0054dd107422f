"""The patterns of what is shown, kept up with it: as it loads, as it is followed, when it is narrowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from cwtui.core.errors import InputError
from cwtui.explain.mining import THREAD_EVENTS, Mining
from cwtui.explain.pattern_table import Mined, PatternRow, PatternTable
from cwtui.explain.whose import told_apart
from cwtui.lang.time_range import range_in
from cwtui.lang.where import FilterStack
from cwtui.window.view import View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cwtui.explain.pattern_filter import PatternFilter
    from cwtui.investigation.session import Investigation

UPDATE_EVERY = 0.5
"""Seconds between two tables at least."""
_SLOT_EVENTS = 400
"""Events, drawn evenly, whose values are told of a pattern's slots."""
_OTHER_MESSAGES = 4_000
_MORE = 1.25
_PREVIEW = 2_000


@dataclass(frozen=True, slots=True)
class PatternState:
    """The patterns, and of how much of what is shown."""

    table: PatternTable
    shown: int
    """Events that are shown: more than `table.events` until mining has caught up."""
    mined: int = 0
    """Events that were mined, or are about to be: as many as `table.events` or more."""
    searching: bool = False
    """A filter is still being tried: what is shown is not settled."""

    @property
    def whole(self) -> bool:
        return self.table.events == self.shown and not self.searching


@dataclass(frozen=True, slots=True)
class PatternInside:
    """What the events of a pattern hold; foreign text."""

    slots: tuple[str, ...]
    """Of each of the first slots, its values in words."""
    examples: tuple[str, ...]
    """A few of the messages, the first and the last among them."""


class ShownPatterns:
    """The patterns of an investigation's view. Use it on one event loop; end it with `aclose`."""

    def __init__(self, investigation: Investigation, *, frozen: View | None = None) -> None:
        """`frozen` is the view to mine where the screen stands still; the patterns then do as well."""
        self._investigation = investigation
        self._frozen = frozen
        self._mining = Mining(apart=False)
        self._table = PatternTable()
        self._fed = 0
        self._last_id = -1
        self._waiting: NDArray[np.int64] | None = None
        """What is left of what was to be mined of `_of_view`, where mining has not caught up with it."""
        self._of_view: View | None = None
        self._of: tuple[int, FilterStack] = (-1, FilterStack())
        self._changed = asyncio.Event()
        self._changed.set()
        self._forget: Callable[[], None] = investigation.subscribe(self._changed.set)

    @property
    def _view(self) -> View:
        return self._investigation.view if self._frozen is None else self._frozen

    @property
    def span(self) -> tuple[int, int]:
        """The stretch of time (ms) that the counts are spread over: the window, or the range it is cut to."""
        start, end = self._investigation.span
        if (narrowed := range_in(self._investigation.filters)) is not None:
            start, end = max(start, narrowed[0]), min(end, narrowed[1])
        if (seen := self._view.span) is not None and not start <= seen[0] <= seen[1] < end:
            start, end = seen[0], seen[1] + 1
        return start, max(end, start + 1)

    async def states(self) -> AsyncGenerator[PatternState, None]:
        """The patterns as they come to be known, at most every `UPDATE_EVERY` seconds; ends when cancelled.

        Raises DataError where the process that mines ended.
        """
        if (preview := await self._preview()) is not None:
            yield preview
        while True:
            await self._changed.wait()
            self._changed.clear()
            due = monotonic() + UPDATE_EVERY
            caught_up = await self._catch_up(due)
            investigation = self._investigation
            searching = self._frozen is None and investigation.searched < investigation.loaded
            if caught_up or self._fed >= _MORE * self._table.events:
                # Of a million events a table takes a fifth of a second: none for every few of them.
                self._table = await self._mining.table(*self.span)
            yield PatternState(self._table, len(self._view), self._fed, searching)
            if not caught_up:
                self._changed.set()
            await asyncio.sleep(max(0.0, due - monotonic()))

    async def filter_of(self, row: PatternRow) -> PatternFilter:
        """The filter that shows the events of a pattern of the last table.

        Raises InputError where the pattern is gone, because patterns were merged or are counted again.
        """
        from cwtui.explain.pattern_filter import FITTED, pattern_filter

        own = [message for _, message in await self._messages(row.key, FITTED)]
        if not own:
            raise InputError("The pattern is being counted still.", "Try again in a moment.", code="patterns")
        others = await self._mining.others(row.key, _OTHER_MESSAGES)
        return await asyncio.to_thread(
            pattern_filter, row.text, row.level, own, others, overflow=row.overflow
        )

    async def inside(self, row: PatternRow) -> PatternInside:
        """What the events of a pattern of the last table hold."""
        messages = await self._messages(row.key, _SLOT_EVENTS)
        slots = await self._mining.slots(row.key, messages)
        examples = dict.fromkeys(message for _, message in (*messages[:1], *messages[-2:]))
        return PatternInside(slots, tuple(examples))

    async def aclose(self) -> None:
        """Ends the mining."""
        self._forget()
        await self._mining.aclose()

    # ------------------------------------------------------------------ feeding

    async def _preview(self) -> PatternState | None:
        """The patterns of a few events drawn evenly, while the process begins; None where all is quick."""
        view = self._view
        if len(view) <= THREAD_EVENTS:
            return None
        drawn = np.linspace(0, len(view) - 1, _PREVIEW).astype(np.int64)
        mined = Mined()
        async for columns in self._investigation.columns(view.rows[drawn]):
            await asyncio.to_thread(mined.add, columns)
        table = await asyncio.to_thread(mined.table, *self.span)
        return PatternState(table, len(view), table.events)

    async def _catch_up(self, due: float) -> bool:
        """Feeds what is shown and not yet mined until `due`; False where there is more."""
        investigation = self._investigation
        if self._frozen is None and investigation.searched < investigation.loaded:
            return True  # a filter is being tried: what passes it comes in no order
        now, view = (investigation.generation, investigation.filters), self._view
        fresh = self._waiting if view is self._of_view else None
        if fresh is None or now != self._of:
            fresh = await asyncio.to_thread(arrived_after, view, self._last_id)
            if now != self._of or self._fed + len(fresh) != len(view) or self._outgrown(len(fresh)):
                await self._begin_again(now, apart=len(view) > THREAD_EVENTS)
                fresh = await asyncio.to_thread(arrived_after, view, -1)
        self._of_view, at = view, 0
        async for columns in investigation.columns(fresh):
            for each in told_apart((columns,), investigation.reader.context):
                await self._mining.add(each)
            at += len(columns)
            self._fed += len(columns)
            self._last_id = int(columns.ids[-1])
            if monotonic() > due:
                break
        self._waiting = fresh[at:]
        return at == len(fresh) and self._view is view

    def _outgrown(self, more: int) -> bool:
        return not self._mining.apart and self._fed + more > THREAD_EVENTS

    async def _begin_again(self, now: tuple[int, FilterStack], *, apart: bool) -> None:
        await self._mining.aclose()
        self._mining = Mining(apart=apart)
        self._table = PatternTable()
        self._of, self._fed, self._last_id = now, 0, -1

    async def _messages(self, key: int, at_most: int) -> list[tuple[int, str]]:
        ids = await self._mining.examples(key, at_most)
        found: list[tuple[int, int, str]] = []
        async for columns in self._investigation.columns(ids):
            found += zip(columns.timestamps, columns.ids, columns.messages, strict=True)
        return [(row_id, message) for _, row_id, message in sorted(found)]


def arrived_after(view: View, last_id: int) -> NDArray[np.int64]:
    """Row ids of a view that are greater, in the order in which their events arrived. For a thread."""
    pieces = [piece.rows[piece.rows > last_id] for piece in view.stretches()]
    arrived = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)
    arrived.sort()
    return arrived
