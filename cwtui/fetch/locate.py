"""Finds one event by its eventId: CloudWatch has no call for that."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

from cwtui.core.errors import NotFound
from cwtui.core.models import EventBatch, LogEvent, Query, TimeWindow
from cwtui.core.naming import told
from cwtui.core.ports import Clock, LogReader
from cwtui.fetch.backfill import backfill

_TIMESTAMP_BITS = 144
"""Below the timestamp in the number that an eventId of CloudWatch's is (seen, not documented)."""


async def locate(reader: LogReader, query: Query, event_id: str, clock: Clock) -> LogEvent:
    """The event of that id in the groups of the query. Raises NotFound.

    First where the id itself says it is, then through the whole window of the query.
    """
    windows = [query.window]
    if event_id.isdecimal() and (moment := int(event_id) >> _TIMESTAMP_BITS) < clock() * 2:
        windows.insert(0, TimeWindow(moment, moment + 1))
    for window in windows:
        found = await _search(reader, replace(query, window=window), event_id, clock)
        if found is not None:
            return found
    raise NotFound(
        f"There is no event {event_id} in {', '.join(map(told, query.groups))}.",
        "Name its group, and widen the window with --since.",
        code="event",
    )


async def _search(reader: LogReader, query: Query, event_id: str, clock: Clock) -> LogEvent | None:
    async with aclosing(backfill(reader, query, clock=clock)) as items:
        async for item in items:
            if isinstance(item, EventBatch) and event_id in item.event_ids:
                return next(event for event in item.events() if event.event_id == event_id)
    return None
