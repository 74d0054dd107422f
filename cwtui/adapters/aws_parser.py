"""Puts `event_columns` in the place of botocore's parser for the two calls that read events."""

from __future__ import annotations

import asyncio
from typing import Any

# The stubs leave out what botocore writes with an underscore; a test of ours fails should it move.
from aiobotocore.parsers import AioJSONParser, AioResponseParserFactory

from cwtui.adapters.event_columns import read_page

_PAGES = frozenset({"FilterLogEventsResponse", "GetLogEventsResponse"})
_BIG = 128 * 1024
"""Bytes of a body from which on it is read in a thread: on the loop it would take over 2 ms."""


class PageParser(AioJSONParser):
    """botocore's JSON parser, but for pages of events, whose `events` becomes `EventColumns`."""

    async def _do_parse(self, response: Any, shape: Any) -> Any:
        if shape is None or shape.name not in _PAGES:
            return await super()._do_parse(response, shape)  # type: ignore[misc]
        body: bytes = response["body"]
        page = await asyncio.to_thread(read_page, body) if len(body) > _BIG else read_page(body)
        self._inject_response_metadata(page, response["headers"])  # type: ignore[attr-defined]
        return page


class PageParserFactory(AioResponseParserFactory):
    """A session's `response_parser_factory` component."""

    def create_parser(self, protocol_name: str) -> Any:
        if protocol_name == "json":
            return PageParser(**self._defaults)  # type: ignore[attr-defined]
        return super().create_parser(protocol_name)
