"""How old the newest event of some groups is: asked backwards from now, one small page a group."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from cwtui.core.errors import CwtuiError
from cwtui.core.models import EventsRequest, Query, TimeWindow
from cwtui.core.ports import LogReader
from cwtui.fetch.backfill import GROUPS_AT_ONCE, NEWEST_FIRST_SINCE
from cwtui.fetch.paging import Retry, Stuck, pages

_WIDTH = 100
"""Events of a page: FilterLogEvents is only roughly in order, so the newest is the latest of these."""


async def any_age(reader: LogReader, query: Query) -> TimeWindow:
    """The widest window that can be read newest first; of recordings, all of it. Open at its end."""
    extent = await reader.extent(query.groups)
    return TimeWindow(NEWEST_FIRST_SINCE if extent is None else extent[0])


async def newest(reader: LogReader, query: Query, retry: Retry | None = None) -> int | None:
    """The time (ms) of the newest event that the query finds at any age; None where there is none.

    A group that cannot be read counts as empty: that it fails is told where it is loaded.
    """
    places = asyncio.Semaphore(GROUPS_AT_ONCE)
    window = await any_age(reader, query)

    async def of(group: str) -> int | None:
        request = EventsRequest(
            group,
            window,
            query.stream_prefix,
            query.streams,
            query.pattern,
            limit=_WIDTH,
            newest_first=window.start >= NEWEST_FIRST_SINCE,
        )
        found: int | None = None
        try:
            async with places, aclosing(pages(reader, request, retry)) as answers:
                async for page in answers:
                    if len(page.batch):
                        found = max(page.batch.timestamps)
                        if request.newest_first:
                            break
        except (CwtuiError, Stuck):
            return found
        return found

    times = await asyncio.gather(*(of(group) for group in query.groups))
    return max((time for time in times if time is not None), default=None)
