"""Paging by hand: an empty page with a token is progress, the end is only the absence of a token.

Botocore's paginator takes a repeated token for an error (boto3#1584) and cannot tell progress from
the end; CloudWatch does both legally.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable

from cwtui.core.errors import (
    CwtuiError,
    InputError,
    LimitReached,
    NetworkError,
    PermissionDenied,
    ServiceError,
)
from cwtui.core.models import EventsPage, EventsRequest, LogGroup, LogStream, StreamsRequest
from cwtui.core.ports import GroupCatalogue, LogReader

STALLED_PAGES = 5
"""Identical tokens in a row, with empty pages, after which the service counts as stuck."""

Sleep = Callable[[float], Awaitable[None]]
_T = TypeVar("_T")


class Stuck(Exception):
    """The service repeats the same token without events: what came is incomplete."""


class Exhausted(LimitReached):
    """A budget has waited for throttles to end as long as makes sense: nobody else should wait on top."""


async def pages(
    reader: LogReader, request: EventsRequest, retry: Retry | None = None
) -> AsyncGenerator[EventsPage, None]:
    """Every page of FilterLogEvents. Raises Stuck, or what the reader raises once retries are used up."""
    retry = retry or Retry()
    token: str | None = None
    stalled = 0
    while True:
        sent = token
        page = await retry.call(partial(reader.events_page, request, sent))
        yield page
        if page.token is None:
            return
        stalled = stalled + 1 if page.token == sent and not len(page.batch) else 0
        if stalled >= STALLED_PAGES:
            raise Stuck
        token = page.token


@runtime_checkable
class ListsAtOnce(Protocol):
    """A reader over several others, which are all asked at once."""

    def listing(
        self, pattern: str, refused: dict[str, CwtuiError], *, names_first: bool = False
    ) -> AsyncGenerator[list[LogGroup], None]: ...


async def all_groups(
    reader: LogReader,
    pattern: str = "",
    refused: dict[str, CwtuiError] | None = None,
    *,
    names_first: bool = False,
) -> AsyncGenerator[list[LogGroup], None]:
    """Log groups, page by page, as they come.

    Of several contexts those that cannot be listed do not stop the others: `refused` takes why, by label.
    With `names_first`, where there are more than a page, the rest comes by the thousand with `described`
    False, and `fetch.group_facts` brings what the names lack.
    """
    if isinstance(reader, ListsAtOnce):
        everywhere = reader.listing(pattern, {} if refused is None else refused, names_first=names_first)
        async with aclosing(everywhere) as pages_of_all:
            async for listed in pages_of_all:
                yield listed
        return
    token: str | None = None
    while True:
        page = await Retry().call(partial(reader.groups_page, pattern, token))
        yield list(page.groups)
        if page.token is None or page.token == token:
            return
        if names_first and token is None and not pattern and isinstance(reader, GroupCatalogue):
            described = {group.arn for group in page.groups}
            try:
                async with aclosing(_names(reader)) as named:
                    async for groups in named:
                        yield [group for group in groups if group.arn not in described]
                return
            except (PermissionDenied, InputError, ServiceError):
                # Policies that list groups often forget this call, and stand-ins of AWS do not know it.
                pass
        token = page.token


async def _names(reader: GroupCatalogue) -> AsyncGenerator[list[LogGroup], None]:
    token: str | None = None
    while True:
        # Not tried for long: the fifties remain.
        page = await Retry(attempts=2).call(partial(reader.group_names_page, token))
        yield list(page.groups)
        if page.token is None or page.token == token:
            return
        token = page.token


async def all_streams(reader: LogReader, request: StreamsRequest) -> AsyncGenerator[list[LogStream], None]:
    """Log streams, page by page, as they come."""
    token: str | None = None
    while True:
        page = await Retry().call(partial(reader.streams_page, request, token))
        yield list(page.streams)
        if page.token is None or page.token == token:
            return
        token = page.token


class Retry:
    """Waits with jittered back-off on throttling, lost connections and failing servers."""

    def __init__(
        self,
        attempts: int = 6,
        sleep: Sleep = asyncio.sleep,
        on_wait: Callable[[Exception], None] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._attempts = attempts
        self._sleep = sleep
        self._on_wait = on_wait
        self._jitter = jitter

    async def call(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """The call's answer. After the last attempt its error goes up."""
        for attempt in range(1, self._attempts):
            try:
                return await call()
            except (LimitReached, NetworkError, ServiceError) as error:
                if isinstance(error, Exhausted):
                    raise
                # A dead address stays dead: two tries tell a blip from an outage.
                if isinstance(error, NetworkError) and attempt >= 2:
                    raise
                if self._on_wait:
                    self._on_wait(error)
                ceiling = min(20.0, 0.5 * 2**attempt)
                await self._sleep(ceiling * (0.5 + self._jitter() / 2))
        return await call()
