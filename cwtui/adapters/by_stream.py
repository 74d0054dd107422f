"""Reads one stream by GetLogEvents where FilterLogEvents is denied: the same events, without their ids.

Only a whole stream, asked for by its name: GetLogEvents knows no pattern and no prefix, and no group.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from cwtui.core.errors import PermissionDenied
from cwtui.core.models import EventsPage, EventsRequest, StreamRequest

Filtered = Callable[[EventsRequest, str | None], Awaitable[EventsPage]]
OfStream = Callable[[StreamRequest, str | None], Awaitable[EventsPage]]


class ByStream:
    """Pages of FilterLogEvents, or of GetLogEvents where only that is allowed. Remembers the groups."""

    def __init__(self, filtered: Filtered, of_stream: OfStream) -> None:
        self._filtered = filtered
        self._of_stream = of_stream
        self._denied: set[str] = set()

    @property
    def remarks(self) -> list[str]:
        """What is read otherwise than asked for, a sentence each."""
        return [
            f"FilterLogEvents is denied on {group}: its streams are read one at a time by GetLogEvents."
            for group in sorted(self._denied)
        ]

    def forget(self) -> None:
        """Other credentials may be allowed other things."""
        self._denied.clear()

    async def page(self, request: EventsRequest, token: str | None) -> EventsPage:
        """Raises what FilterLogEvents was refused with where GetLogEvents is, too, or cannot do it."""
        stream = _whole_stream(request)
        if stream is None:
            return await self._filtered(request, token)
        if request.group in self._denied:
            return _ended(await self._of_stream(stream, token), token)
        try:
            return await self._filtered(request, token)
        except PermissionDenied as denied:
            if token is not None:
                # It is the other call's token.
                raise
            try:
                page = _ended(await self._of_stream(stream, None), None)
            except PermissionDenied:
                raise denied from None
        self._denied.add(request.group)
        return page


def _whole_stream(request: EventsRequest) -> StreamRequest | None:
    if len(request.streams) != 1 or request.pattern or request.stream_prefix:
        return None
    return StreamRequest(
        request.group, request.streams[0], request.window, not request.newest_first, request.limit
    )


def _ended(page: EventsPage, sent: str | None) -> EventsPage:
    """GetLogEvents ends by giving the sent token back; FilterLogEvents by giving none."""
    return replace(page, token=None) if page.token == sent else page
