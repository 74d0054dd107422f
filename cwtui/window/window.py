"""The window as the faces see it: async over the store, with the views that follow it.

Threads do the work, the event loop only swaps finished values. One lock orders what changes the
window (`append`, each step of `narrow`, `clear`); reading takes no lock. Everything shown is one
frozen `_State`, replaced whole and only on the loop, so a reader never sees half of a change, and what
a filter showed that was given up meanwhile is not shown again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns, EventBatch, LogEvent, Row
from cwtui.window.histogram import Histogram, histogram
from cwtui.window.joined import Joined
from cwtui.window.stop import Interrupted, Stop
from cwtui.window.stretch import Stretch
from cwtui.window.view import View

if TYPE_CHECKING:
    # DuckDB is loaded when a window is opened, after the first paint.
    from cwtui.lang.condition import Condition
    from cwtui.window.store import Ids, Store

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 4
_INLINE_ROWS = 100_000
"""Up to so many rows are counted on the loop: under 2 ms."""
FIRST_PART = 245_760
"""Rows of a filter's first part, the newest: two of DuckDB's row groups, read in some 20 ms."""


@dataclass(frozen=True, slots=True)
class _Shown:
    condition: Condition | None
    view: View
    left: int = 0
    """How many of the loaded events were not examined yet."""


@dataclass(frozen=True, slots=True)
class _State:
    everything: View
    shown: _Shown
    standby: _Shown | None = None
    """What comes back when the filter that is being worked out fails or is cancelled."""
    by: _Search | None = None
    """The search that found this, until it is shown."""


@dataclass(slots=True, eq=False)
class _Search:
    """One call of `narrow`."""

    condition: Condition
    stop: Stop = field(default_factory=Stop)
    settled: bool = False


class Window:
    """The events in hand, in display order, narrowed by at most one condition.

    Made by `await Window.open(...)`, ended by `await aclose()`. All methods belong to one event
    loop, but `columns`, which blocks and is for threads.
    """

    def __init__(self, store: Store, *, first_part: int = FIRST_PART) -> None:
        self._store = store
        self._first_part = first_part
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="cwtui-window")
        self._lock = asyncio.Lock()
        self._search: _Search | None = None
        everything = View.empty()
        self._state = _State(everything, _Shown(None, everything))
        self._joined = Joined(store.streams_of)
        self._revision = 0

    @classmethod
    async def open(cls, memory_limit: str = "2GB", spill_dir: Path | None = None) -> Window:
        """An empty window; loads DuckDB and makes the spill folder in a thread. Errors as of `Store`.

        The limit is what the program as a whole may take: beyond it events are spilled.
        """

        def store() -> Store:
            from cwtui.window.store import Store

            return Store(memory_limit, spill_dir, shared=True)

        return cls(await asyncio.to_thread(store))

    # -- what is there now

    @property
    def view(self) -> View:
        """What is shown: `everything`, or what meets the condition."""
        return self._state.shown.view

    @property
    def everything(self) -> View:
        """All that is loaded, unfiltered."""
        return self._state.everything

    @property
    def several_streams(self) -> bool:
        """Whether events came from streams of more than one name, since the window was opened."""
        return self._store.several_streams

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The accounts and regions that events came from since the window was opened, each pair once."""
        return self._store.places

    @property
    def joined(self) -> Joined:
        """Which of the loaded events are lines that belong to another. Another value after `clear`."""
        return self._joined

    @property
    def condition(self) -> Condition | None:
        """What `view` is narrowed by."""
        return self._state.shown.condition

    @property
    def revision(self) -> int:
        """Grows with each change of what is shown or loaded."""
        return self._revision

    @property
    def loaded(self) -> int:
        """How many events are in the window."""
        return len(self._state.everything)

    @property
    def searched(self) -> int:
        """How many of the loaded events `condition` was tried on; less than `loaded` while it goes on."""
        return self.loaded - self._state.shown.left

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and the last timestamp (ms UTC) of all that is loaded, or None when empty."""
        return self._state.everything.span

    @property
    def level_counts(self) -> tuple[int, ...]:
        """How many of each `Level` are shown, by its number."""
        return self._state.shown.view.level_counts

    # -- changing

    async def append(self, batches: Sequence[EventBatch], *, newest_first: bool = False) -> int:
        """Puts events in and returns how many of them are shown.

        `newest_first` says that they come from the newest to the oldest, as do those of the next such
        call: in that order are read those that only their arrival tells apart.
        All or none; a cancelled call has put them in all the same. Raises StorageFull.
        """
        async with self._lock:
            before = self._state
            after = await self._replaced(self._appended, before, batches, newest_first)
            return len(after.shown.view) - len(before.shown.view)

    def _appended(self, before: _State, batches: Sequence[EventBatch], newest_first: bool) -> _State:
        self._store.append(*batches, newest_first=newest_first)
        # What the views lack, not what came: should ordering it fail once, the next call makes up for it.
        rows = range(len(before.everything), len(self._store))
        if not rows:
            return before
        new, kinds = self._store.arrived(rows)
        everything = before.everything.merged(new, self._store.arranged)
        self._joined.settle(everything, new, kinds)
        shown = self._extended(before.shown, everything, new)
        standby = before.standby and self._extended(before.standby, everything, new)
        return _State(everything, shown, standby)

    def _extended(self, shown: _Shown, everything: View, new: Stretch) -> _Shown:
        if shown.condition is None:
            return _Shown(None, everything)
        first = int(new.rows[0])
        hits = self._store.matching(shown.condition, first, first + new.size) - first
        return replace(shown, view=shown.view.merged(new.at(hits), self._store.arranged))

    async def narrow(self, condition: Condition | None) -> bool:
        """Shows only what meets the condition, or everything again.

        Returns True once the view is whole. A newer call ends this one, which then returns False.
        The view stays as it was until the latest events are through; it then shows their hits and
        grows part by part (`searched` of `loaded`). On an error (InputError for a pattern that
        cannot be read) and on cancellation what was shown before comes back.
        """
        self._give_up()
        if condition is None:
            async with self._lock:
                if self._search is not None:
                    return False
                everything = self._state.everything
                self._show(_State(everything, _Shown(None, everything)))
                return True
        search = self._search = _Search(condition)
        try:
            await self._work_out(search)
        except Interrupted:
            pass  # a newer call took over, or the window is closing: `settled` tells
        finally:
            if self._search is search:
                self._give_up()
            if self._search is None and self._state.standby is not None:
                self._show(self._state)
        return search.settled

    def _give_up(self) -> None:
        """Ends the search that is being worked out, if one is."""
        if self._search is not None:
            self._search.stop.set()
            self._search = None

    async def _work_out(self, search: _Search) -> None:
        everything = self._state.everything
        low, high, size = 0, len(everything), self._first_part
        found = np.zeros(high, np.bool_)
        # The latest events first: they are what came first where pages are read newest first.
        upwards = bool(high) and everything.row_at(high - 1) < high // 2
        while not search.settled:
            first, last = (low, min(low + size, high)) if upwards else (max(low, high - size), high)
            await self._read(self._mark, found, search, first, last)
            low, high, size = (last, high, 2 * size) if upwards else (low, first, 2 * size)
            async with self._lock:
                if self._search is not search or search.settled:
                    # Another filter came, or the events that were looked at were forgotten meanwhile.
                    raise Interrupted
                await self._replaced(self._published, self._state, search, found, high - low)
                if low == high and self._search is search:
                    search.settled = True
                    self._show(replace(self._state, standby=None))

    def _mark(self, mask: NDArray[np.bool_], search: _Search, first: int, last: int) -> None:
        mask[self._store.matching(search.condition, first, last, search.stop)] = True

    def _published(self, before: _State, search: _Search, found: NDArray[np.bool_], left: int) -> _State:
        mask = np.zeros(len(before.everything), np.bool_)
        mask[: len(found)] = found
        self._mark(mask, search, len(found), len(mask))
        shown = _Shown(search.condition, before.everything.select(mask), left)
        return _State(before.everything, shown, before.standby or before.shown, search)

    async def clear(self) -> None:
        """Forgets all events. The condition stays, also one that is being worked out."""
        async with self._lock:
            condition = self.condition
            if self._search is not None:
                condition = self._search.condition
                self._search.settled = True
                self._search.stop.set()
            await self._replaced(self._cleared, condition)

    def _cleared(self, condition: Condition | None) -> _State:
        self._store.clear()
        self._joined = Joined(self._store.streams_of)
        empty = View.empty()
        return _State(empty, _Shown(condition, empty))

    async def aclose(self) -> None:
        """Ends what runs, with Interrupted in its awaiter, and frees memory and disk. The last call."""
        if self._search is not None:
            self._search.stop.set()
        self._store.interrupt()
        async with self._lock:
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._store.close()

    # -- reading

    async def rows(self, ids: Ids) -> list[Row]:
        """What a list shows of the events, in the order asked; ids no longer there are left out."""
        return await self._read(self._store.rows, ids)

    async def event(self, row_id: int) -> LogEvent:
        """One event, whole. Raises NotFound."""
        return await self._read(self._store.event, row_id)

    def columns(self, ids: Ids, size: int = 5000) -> Iterator[Columns]:
        """The whole events in the order asked, `size` at a time. Blocks: for a thread."""
        return self._store.columns(ids, size)

    async def find(self, condition: Condition) -> NDArray[np.int64]:
        """The positions, ascending, of the shown events that meet the condition.

        Positions count in the view as it is when called; keep that view with them. Cancelling ends
        the search. Raises InputError.
        """
        state, stop = self._state, Stop()

        def positions() -> NDArray[np.int64]:
            mask = np.zeros(len(state.everything), np.bool_)
            mask[self._store.matching(condition, 0, len(mask), stop)] = True
            return state.shown.view.positions(mask)

        try:
            return await self._read(positions)
        finally:
            stop.set()

    async def holds(self, condition: Condition) -> bool:
        """Whether any loaded event meets the condition, shown or not; looks no further than the first part
        with one. Cancelling ends the search. Raises InputError.
        """
        high, size, stop = self.loaded, self._first_part, Stop()
        try:
            while high > 0:
                low = max(0, high - size)
                if len(await self._read(self._store.matching, condition, low, high, stop)):
                    return True
                high, size = low, 2 * size
        finally:
            stop.set()
        return False

    async def histogram(self, start: int, end: int, buckets: int) -> Histogram:
        """The shown events of `[start, end)` (ms UTC) by time and level."""
        view = self.view
        if len(view) <= _INLINE_ROWS:
            return histogram(view, start, end, buckets)
        return await self._read(histogram, view, start, end, buckets)

    # -- threads

    def _show(self, state: _State) -> None:
        """Shows a state; not what a filter found that was given up while the state was made."""
        if state.by is not None and state.by is not self._search:
            return
        if state.standby is not None and self._search is None:
            state = _State(state.everything, state.standby)
        self._state = replace(state, by=None)
        self._revision += 1

    async def _read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: work(*args, **kwargs))

    async def _replaced(self, work: Callable[..., _State], *args: Any) -> _State:
        """Makes the next state and shows it, to the end even when the caller is cancelled meanwhile.

        Otherwise the lock would be given up while the thread still writes.
        """
        before = self._state

        def show(done: asyncio.Future[_State]) -> None:
            if not done.cancelled() and done.exception() is None and done.result() is not before:
                self._show(done.result())

        job = asyncio.ensure_future(self._read(work, *args))
        job.add_done_callback(show)
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            while not job.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([job])
            if not job.cancelled():
                job.exception()  # said to nobody: the caller has left
            raise
