"""The events of one stream around a moment, growing both ways, whatever filters hide.

GetLogEvents in both directions. A page may be empty with more behind it; the end of a direction is
that the token comes back as it was sent, and nothing else.
"""

from __future__ import annotations

from functools import partial

from cwtui.core.models import EventBatch, StreamRequest, TimeWindow
from cwtui.core.ports import LogReader
from cwtui.fetch.paging import Retry

_FIRST_WIDTH = 100
"""Events of a page at least: a call is worth more than a handful."""


class Surroundings:
    """What stands around a moment of a stream. Nothing is delivered twice, nothing is left out."""

    def __init__(
        self, reader: LogReader, group: str, stream: str, timestamp: int, retry: Retry | None = None
    ) -> None:
        """`timestamp` in ms: events of that very millisecond count as later."""
        self._retry = retry or Retry()
        self._earlier = _Direction(reader, group, stream, TimeWindow(0, timestamp), from_head=False)
        self._later = _Direction(reader, group, stream, TimeWindow(timestamp), from_head=True)

    @property
    def at_start(self) -> bool:
        """Nothing earlier is left in the stream."""
        return self._earlier.ended

    @property
    def at_end(self) -> bool:
        """Nothing later was there when last asked."""
        return self._later.ended

    async def earlier(self, count: int) -> list[EventBatch]:
        """At least `count` more events before what came so far, unless the stream begins there; in order."""
        nearest_first = await self._earlier.more(count, self._retry)
        return nearest_first[::-1]

    async def later(self, count: int) -> list[EventBatch]:
        """At least `count` more events after what came so far, unless the stream ends there."""
        return await self._later.more(count, self._retry)


class _Direction:
    def __init__(
        self, reader: LogReader, group: str, stream: str, window: TimeWindow, *, from_head: bool
    ) -> None:
        self._reader = reader
        self._group = group
        self._stream = stream
        self._window = window
        self._from_head = from_head
        self._token: str | None = None
        self.ended = False

    async def more(self, count: int, retry: Retry) -> list[EventBatch]:
        batches: list[EventBatch] = []
        missing = count
        limit = max(count, _FIRST_WIDTH)
        request = StreamRequest(self._group, self._stream, self._window, self._from_head, min(limit, 10_000))
        while missing > 0 and not self.ended:
            sent = self._token
            page = await retry.call(partial(self._reader.stream_page, request, sent))
            self.ended = page.token is None or page.token == sent
            self._token = page.token
            if len(page.batch):
                batches.append(page.batch)
                missing -= len(page.batch)
        return batches
