"""Which shown events can no longer be preceded by others, while a load goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Progress, Query

if TYPE_CHECKING:
    from cwtui.investigation.session import Investigation

DISORDER_MS = 60_000
"""How far FilterLogEvents is trusted to be out of order within a group."""


def edge_of(progress: Progress, *, newest_first: bool) -> int | None:
    """The moment that every group still loading has reached; None while one has not begun."""
    loading = [group.reached for group in progress.groups if not group.done]
    if not progress.groups or None in loading:
        return None
    reached = [at for at in loading if at is not None]
    if newest_first:
        return max(reached, default=0)
    return min(reached, default=1 << 62)


def covered_of(progress: Progress, span: tuple[int, int], *, newest_first: bool) -> tuple[int, int]:
    """The part of a window, ms `[start, end)`, of which no group that is still being read can bring more.

    A group that failed is not waited for; without progress there is nothing to wait for either.
    """
    start, end = span
    if progress.done:
        return span
    edge = edge_of(progress, newest_first=newest_first)
    if edge is None:
        return (end, end) if newest_first else (start, start)
    return (max(start, min(edge, end)), end) if newest_first else (start, max(start, min(edge, end)))


async def ids_in_order(investigation: Investigation, query: Query) -> AsyncGenerator[NDArray[np.int64], None]:
    """Loads a query oldest first and hands over the ids of shown events in display order, each once.

    An id comes as soon as no group can bring an earlier event, so a pipe flows while the load goes on.
    """
    changed = asyncio.Event()
    unsubscribe = investigation.subscribe(changed.set)
    load = asyncio.ensure_future(investigation.open(query))
    load.add_done_callback(lambda _: changed.set())
    given, last = 0, None
    handed: list[NDArray[np.int64]] = []
    try:
        while True:
            await changed.wait()
            changed.clear()
            view, ended = investigation.view, load.done()
            edge = None if ended else edge_of(investigation.load_state.progress, newest_first=False)
            upto = len(view) if ended else 0 if edge is None else view.at_or_after(edge - DISORDER_MS)
            if upto > given:
                fresh = view.rows[given:upto]
                if given and view.rows[given - 1] != last:
                    # An event older than what was handed over has come: tell by id, not by place.
                    fresh = view.rows[:upto][np.isin(view.rows[:upto], np.concatenate(handed), invert=True)]
                handed.append(fresh)
                given, last = upto, view.rows[upto - 1]
                yield fresh
            if ended:
                await load
                return
    finally:
        unsubscribe()
        load.cancel()
        await asyncio.gather(load, return_exceptions=True)
