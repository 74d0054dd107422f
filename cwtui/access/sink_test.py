"""A canary through a log group: written once, then looked for on each way that events can be read.

What arrives on none of them did not arrive; what arrives on one alone tells where the others lag or
are refused. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from cwtui.core.errors import CwtuiError, NotFound, PermissionDenied
from cwtui.core.models import (
    EventBatch,
    EventsRequest,
    LiveRequest,
    LogGroup,
    StreamRequest,
    StreamsRequest,
    TimeWindow,
)
from cwtui.core.ports import AwsCalls, Clock, LogReader

SCHEMA = "cwtui.sink-test/1"
DEFAULT_STREAM = "cwtui-sink-test"
_AROUND_MS = 60_000
_EVERY_S = 0.5
_LIVE_OPENS_S = 10.0
_PAGES = 50

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to test."""

    group: str
    """A name, or the ARN of a group elsewhere."""
    stream: str = DEFAULT_STREAM
    create_group: bool = False
    create_stream: bool = False
    live: bool = True
    """Whether to look on a Live Tail, too: it is billed by the minute."""
    patience_s: float = 60.0
    """How long the canary is looked for."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read, and how long the canary took on it."""

    operation: str
    """`GetLogEvents`, `FilterLogEvents` or `StartLiveTail`."""
    delay_ms: int | None = None
    """From the service's acceptance to the canary being read; None: not seen."""
    error: CwtuiError | None = None
    """Why it could not be looked for, or None."""


@dataclass(frozen=True, slots=True)
class Report:
    """How it went."""

    group: str
    stream: str
    nonce: str
    account: str
    region: str
    created: tuple[str, ...]
    """`group`, `stream`: what was made for the test and is left there."""
    put_ms: int
    """How long PutLogEvents took."""
    rejected: str
    """Why the service took the call but not the event, or empty."""
    ways: tuple[Way, ...]

    @property
    def arrived(self) -> bool:
        """Whether the canary was read on every way that was tried."""
        return not self.rejected and all(way.delay_ms is not None for way in self.ways)

    def record(self) -> dict[str, object]:
        """The report for scripts."""
        return {
            "schema": SCHEMA,
            "group": self.group,
            "stream": self.stream,
            "account": self.account,
            "region": self.region,
            "nonce": self.nonce,
            "created": list(self.created),
            "putMs": self.put_ms,
            "rejected": self.rejected,
            "arrived": self.arrived,
            "ways": [
                {
                    "operation": way.operation,
                    "seen": way.delay_ms is not None,
                    "delayMs": way.delay_ms,
                    "error": None if way.error is None else way.error.record(),
                }
                for way in self.ways
            ],
        }


async def sink_test(
    calls: AwsCalls,
    reader: LogReader,
    wanted: Wanted,
    nonce: str,
    *,
    clock: Clock,
    sleep: Sleep = asyncio.sleep,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Puts one event that holds `nonce` and looks for it.

    `tell` gets a sentence for each step. Raises what refuses the writing (PermissionDenied, NotFound with
    the flag that would make what is missing); what refuses one way of reading stands in the report.
    """
    created = await _make_ready(calls, reader, wanted, tell)
    async with _live(reader, wanted, nonce, clock, tell) as live:
        tell("writing the canary")
        began = clock()
        rejected = await _put(calls, wanted, nonce, began)
        accepted = clock()
        ways: list[Way] = []
        if not rejected:
            looked = [
                _look("GetLogEvents", lambda: _of_stream(reader, wanted, began), nonce),
                _look("FilterLogEvents", lambda: _of_group(reader, wanted, nonce, began), nonce),
            ]
            polled = [_polled(look, wanted.patience_s, accepted, clock, sleep, tell) for look in looked]
            ways = list(await asyncio.gather(*polled, *([live.seen(accepted)] if live is not None else [])))
    context = reader.context
    return Report(
        wanted.group, wanted.stream, nonce, context.account, context.region, tuple(created),
        accepted - began, rejected, tuple(ways),
    )  # fmt: skip


async def _make_ready(
    calls: AwsCalls, reader: LogReader, wanted: Wanted, tell: Callable[[str], None]
) -> list[str]:
    """Makes what is missing and may be made; says what was. Raises NotFound for what may not."""
    created: list[str] = []
    if wanted.create_group and await _made(calls, "CreateLogGroup", {"logGroupName": wanted.group}):
        created.append("group")
        tell(f"created the log group {wanted.group}")
    if wanted.create_group or wanted.create_stream:
        place = {"logGroupName": wanted.group, "logStreamName": wanted.stream}
        if await _made(calls, "CreateLogStream", place):
            created.append("stream")
            tell(f"created the log stream {wanted.stream}")
    else:
        await _check_there(reader, wanted)
    return created


async def _check_there(reader: LogReader, wanted: Wanted) -> None:
    """Raises NotFound, with the flag that would make it, where group or stream is missing."""
    request = StreamsRequest(wanted.group, prefix=wanted.stream, newest_first=False)
    token: str | None = None
    try:
        for _ in range(_PAGES):
            page = await reader.streams_page(request, token)
            if any(stream.name == wanted.stream for stream in page.streams):
                return
            if (token := page.token) is None:
                break
    except NotFound as error:
        made = NotFound(error.message, "--create-group makes it for the test.", code="group")
        raise made.with_card(error.card) from error
    except PermissionDenied:
        return  # who may write need not be able to list: the writing itself will tell
    raise NotFound(
        f"The log group {wanted.group} has no stream {wanted.stream}.",
        "Name another one, or let --create-stream make it for the test.",
        code="stream",
    )


async def _made(calls: AwsCalls, operation: str, params: Mapping[str, object]) -> bool:
    """Whether it was made now; False where it stood already."""
    try:
        await calls.call("logs", operation, params)
    except CwtuiError as error:
        if error.code.endswith(".exists"):
            return False
        raise
    return True


async def _put(calls: AwsCalls, wanted: Wanted, nonce: str, now: int) -> str:
    """Writes the canary; why the service did not keep it, or empty."""
    message = json.dumps({"message": "cwtui sink-test canary", "nonce": nonce, "sentAt": now})
    params = {
        "logGroupName": wanted.group,
        "logStreamName": wanted.stream,
        "logEvents": [{"timestamp": now, "message": message}],
    }
    answer = await calls.call("logs", "PutLogEvents", params)
    refused = answer.get("rejectedLogEventsInfo")
    if not isinstance(refused, Mapping) or not refused:
        return ""
    if "tooNewLogEventStartIndex" in refused:
        return "too far in the future: this computer's clock is ahead by more than two hours"
    if "tooOldLogEventEndIndex" in refused:
        return "too old: this computer's clock is behind by more than 14 days"
    return "older than the retention of the log group"


@dataclass(frozen=True, slots=True)
class _Look:
    operation: str
    once: Callable[[], Awaitable[bool]]


def _look(operation: str, read: Callable[[], AsyncIterator[EventBatch]], nonce: str) -> _Look:
    async def once() -> bool:
        async for batch in read():
            if _holds(batch, nonce):
                return True
        return False

    return _Look(operation, once)


async def _polled(
    look: _Look,
    patience_s: float,
    since: int,
    clock: Clock,
    sleep: Sleep,
    tell: Callable[[str], None],
) -> Way:
    """Looks again and again until the canary is there or patience ends."""
    while True:
        try:
            seen = await look.once()
        except CwtuiError as error:
            return Way(look.operation, error=error)
        if seen:
            tell(f"{look.operation} gives it")
            return Way(look.operation, clock() - since)
        if clock() - since >= patience_s * 1000:
            return Way(look.operation)
        await sleep(_EVERY_S)


async def _of_stream(reader: LogReader, wanted: Wanted, since: int) -> AsyncIterator[EventBatch]:
    window = TimeWindow(since - _AROUND_MS)
    page = await reader.stream_page(StreamRequest(wanted.group, wanted.stream, window), None)
    yield page.batch


async def _of_group(reader: LogReader, wanted: Wanted, nonce: str, since: int) -> AsyncIterator[EventBatch]:
    request = EventsRequest(
        wanted.group, TimeWindow(since - _AROUND_MS), streams=(wanted.stream,), pattern=f'"{nonce}"'
    )
    token: str | None = None
    for _ in range(_PAGES):
        page = await reader.events_page(request, token)
        yield page.batch
        if (token := page.token) is None:
            return


class _Live:
    """A live tail that was open before the canary was written."""

    def __init__(self, watching: asyncio.Task[int], patience_s: float) -> None:
        self._watching = watching
        self._patience_s = patience_s

    async def seen(self, since: int) -> Way:
        """When the canary came, after `since` (ms)."""
        try:
            async with asyncio.timeout(self._patience_s):
                return Way("StartLiveTail", max(0, await self._watching - since))
        except TimeoutError:
            return Way("StartLiveTail")
        except CwtuiError as error:
            return Way("StartLiveTail", error=error)


@asynccontextmanager
async def _live(
    reader: LogReader, wanted: Wanted, nonce: str, clock: Clock, tell: Callable[[str], None]
) -> AsyncIterator[_Live | None]:
    """A live tail of the stream, open; it ends with the block. None where none is wanted."""
    if not wanted.live:
        yield None
        return
    opened = asyncio.Event()

    async def watch() -> int:
        arn = wanted.group if wanted.group.startswith("arn:") else ""
        request = LiveRequest((LogGroup(wanted.group, arn),), f'"{nonce}"', streams=(wanted.stream,))
        try:
            async with aclosing(reader.live(request)) as updates:
                async for update in updates:
                    opened.set()
                    if any(_holds(batch, nonce) for batch in update.batches):
                        tell("StartLiveTail gives it")
                        return clock()
        finally:
            opened.set()
        raise AssertionError("a live tail ends only with an error")

    tell("opening a live tail (billed by the minute)")
    watching = asyncio.create_task(watch())
    try:
        try:
            async with asyncio.timeout(_LIVE_OPENS_S):
                await opened.wait()
        except TimeoutError:
            tell("the live tail says nothing yet")
        yield _Live(watching, wanted.patience_s)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def _holds(batch: EventBatch, nonce: str) -> bool:
    return any(nonce in message for message in batch.messages)
