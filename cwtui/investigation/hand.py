"""The events in hand: what is shown of them, how it is narrowed and read, and who is told of changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from cwtui.core.errors import LimitReached
from cwtui.core.models import Columns, Level, LogEvent, Row
from cwtui.investigation.states import Hits
from cwtui.lang.fields import paths_in
from cwtui.lang.where import FilterStack, search_expression
from cwtui.window.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cwtui.window.histogram import Histogram
    from cwtui.window.joined import Joined
    from cwtui.window.rhythm import Turn
    from cwtui.window.window import Window

FILTER_LIMIT_S = 60
"""A filter that is not through by then is given up."""


class Hand:
    """A window of events and the stack of filters over it. Not thread-safe: use it on one event loop."""

    def __init__(self, memory_limit: str, filter_limit_s: float = FILTER_LIMIT_S) -> None:
        self.filters = FilterStack()
        self.revision = 0
        self.generation = 0
        """Grows when the window is replaced: from then on row ids name other events."""
        self._window: Window | None = None
        self._opening = asyncio.Lock()
        self._memory_limit = memory_limit
        self._filter_limit_s = filter_limit_s
        self._turns: tuple[View, tuple[Turn, ...]] | None = None
        self._listeners: list[Callable[[], None]] = []

    @property
    def view(self) -> View:
        """What is shown: the filtered events in display order, a frozen snapshot."""
        return self._window.view if self._window else View.empty()

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The accounts and regions that events came from, each pair once."""
        return self._window.places if self._window is not None else ()

    @property
    def several_streams(self) -> bool:
        """Whether events came from streams of more than one name: else a stream tells nothing apart."""
        return self._window is not None and self._window.several_streams

    @property
    def everything(self) -> View:
        """All loaded events in display order, a frozen snapshot."""
        return self._window.everything if self._window else View.empty()

    @property
    def joined(self) -> Joined | None:
        """Which of the loaded events are lines of another; None before anything is open."""
        return self._window.joined if self._window else None

    def lines_of(self, row_id: int, timestamp: int) -> NDArray[np.int64]:
        """The row ids, in display order, of the lines that belong to an event with that timestamp."""
        assert self._window is not None
        return self._window.joined.lines(self.everything, row_id, timestamp)

    @property
    def loaded(self) -> int:
        return len(self.everything)

    @property
    def searched(self) -> int:
        """How many of the loaded events the filters were tried on; fewer than `loaded` while they run."""
        return self._window.searched if self._window else 0

    @property
    def level_counts(self) -> Sequence[int]:
        """How many shown events there are of each `Level`."""
        return self.view.level_counts

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls the listener after each visible change, on the loop; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _changed(self) -> None:
        self.revision += 1
        for listener in list(self._listeners):
            listener()

    # ------------------------------------------------------------------ reading and narrowing

    async def rows(self, ids: Sequence[int] | NDArray[np.int64]) -> list[Row]:
        """Rows of the given ids, in their order, messages cut for a list."""
        return await (await self._opened()).rows(ids)

    async def event(self, row_id: int) -> LogEvent:
        """One event, whole."""
        return await (await self._opened()).event(row_id)

    async def events(self, ids: NDArray[np.int64]) -> AsyncGenerator[list[LogEvent], None]:
        """Whole events of the given ids, in their order, some thousands at a time."""
        async with aclosing(self.columns(ids)) as parts:
            async for columns in parts:
                yield await asyncio.to_thread(list, columns.events())

    async def columns(self, ids: NDArray[np.int64]) -> AsyncGenerator[Columns, None]:
        """What `events` gives, as columns: for what is passed on rather than looked at."""
        chunks = (await self._opened()).columns(ids, 2_000)
        while (columns := await asyncio.to_thread(next, chunks, None)) is not None:
            yield columns

    async def set_filters(self, filters: FilterStack) -> None:
        """Narrows the view; a newer call supersedes a running one.

        An InputError changes nothing, nor does a filter that takes too long: LimitReached.
        """
        window = await self._opened()
        try:
            async with asyncio.timeout(self._filter_limit_s):
                through = await window.narrow(filters.condition())
        except TimeoutError as error:
            raise LimitReached(
                f"The filter was not through {window.loaded:,} events after {self._filter_limit_s:g} s.",
                "The view is as it was. A text is quicker than an expression, a level quicker than both.",
                code="filter",
            ) from error
        if through:
            self.filters = filters
        self._changed()

    async def missing_fields(self) -> tuple[str, ...]:
        """The fields that the filters speak of and that no loaded event has: why nothing is shown."""
        window = await self._opened()
        spoken = (paths_in(each.expression) for each in self.filters.filters if each.enabled)
        paths = dict.fromkeys(path for paths in spoken for path in paths)
        return tuple([str(path) for path in paths if not await window.holds(path.exists())])

    async def search(self, text: str) -> Hits:
        """Every place in the view where the text occurs (smart case; a regular expression if it is one)."""
        window = await self._opened()
        view = window.view
        return Hits(text, await window.find(search_expression(text).condition()), view)

    async def histogram(self, start: int, end: int, buckets: int) -> Histogram:
        """Shown events by time and level, over `[start, end)` ms."""
        return await (await self._opened()).histogram(start, end, buckets)

    async def turns(self, view: View) -> tuple[Turn, ...]:
        """Where the rhythm of a view breaks: silences and bursts, by position."""
        from cwtui.window.rhythm import turns

        if self._turns is None or self._turns[0] is not view:
            self._turns = (view, await asyncio.to_thread(turns, view))
        return self._turns[1]

    def next_at_least(self, level: Level, position: int, direction: int) -> int | None:
        """The next position in the view, after `position` in the direction, of an event that grave."""
        return self.view.next_at_least(level, position, direction)

    async def aclose(self) -> None:
        """Ends what runs and frees the window. The reader belongs to whoever made it."""
        if self._window is not None:
            await self._window.aclose()

    async def _opened(self) -> Window:
        """The window, made on first use: DuckDB loads after the first paint."""
        from cwtui.window.window import Window

        async with self._opening:
            if self._window is None:
                self._window = await Window.open(self._memory_limit)
        return self._window
