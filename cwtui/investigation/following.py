"""Following a query: what each round of the tail brings goes into the window, and its state on screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from cwtui.core.errors import CwtuiError
from cwtui.core.models import EventBatch, Query, TimeWindow
from cwtui.core.ports import Clock, LogReader
from cwtui.fetch.identity import Seen
from cwtui.fetch.paging import Sleep
from cwtui.fetch.tail import TailControl, tail
from cwtui.investigation.states import FollowState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cwtui.window.window import Window


class Following:
    """New events of one query, into one window, each once.

    `since` (ms) is the moment up to which everything was read; it outlives a pause.
    """

    def __init__(
        self,
        reader: LogReader,
        *,
        since: int,
        seen: Seen,
        clock: Clock,
        look_back_ms: int,
        sleep: Sleep,
        changed: Callable[[], None],
    ) -> None:
        self.state = FollowState()
        self.since = since
        self.control = TailControl()
        self._began = since
        self._reader = reader
        self._seen = seen
        self._clock = clock
        self._look_back_ms = look_back_ms
        self._sleep = sleep
        self._changed = changed

    async def into(
        self, window: Window, query: Query, *, renewable: bool
    ) -> AsyncGenerator[NDArray[np.int64], None]:
        """Follows; after each update the row ids, in order, of the new events that are shown.

        Where credentials end it waits if somebody may renew them, and raises otherwise.

        A stream of lines that nobody attends also brings what arrives from its beginning on and is stamped
        a little before the window, as happens to one that begins now. A window on screen shows itself only.
        """
        control = self.control
        rounds = tail(
            self._reader,
            replace(query, window=TimeWindow(query.window.start)),
            since=self.since,
            clock=self._clock,
            arrived_since=None if renewable else self._began,
            seen=self._seen,
            look_back_ms=self._look_back_ms,
            control=control,
            pauses=renewable,
            sleep=self._sleep,
        )
        self._set(FollowState(following=True, gaps=self.state.gaps))
        try:
            async with aclosing(rounds):
                async for update in rounds:
                    before = window.loaded
                    shown = await _put_in(window, update.batches)
                    self.since = max(self.since, update.state.read_to)
                    self._set(FollowState(following=True, tail=update.state, gaps=tuple(update.gaps)))
                    if shown:
                        oldest = min(min(batch.timestamps) for batch in update.batches)
                        view = window.view
                        rows = view.slice(view.at_or_after(oldest), len(view))
                        yield rows[rows >= before]
        except CwtuiError as error:
            self._set(replace(self.state, error=error))
            raise
        finally:
            control.live(False)
            self._set(replace(self.state, following=False))
            left, control.undelivered = control.undelivered, ()
            if left:
                await _put_in(window, left)

    def _set(self, state: FollowState) -> None:
        self.state = state
        self._changed()


async def _put_in(window: Window, batches: Sequence[EventBatch]) -> int:
    """How many of the events are shown. They count as delivered, so no cancelling keeps them out."""
    work = asyncio.ensure_future(window.append(batches))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()  # told to nobody: the caller has left
        raise
