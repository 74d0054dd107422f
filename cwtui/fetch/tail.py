"""Follows groups by polling FilterLogEvents so that every event is shown once.

Per group a watermark: everything before it has been read whole. Each round reads from a short
overlap before it; once a minute a sweep reads the whole look-back, because events arrive late, out
of order, and with timestamps that were passed long ago. Identities over the look-back keep what
was delivered from being delivered again. The watermark moves only after a complete pass, and never
beyond the clock: a timestamp in the future must not carry it along.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from cwtui.core.errors import CwtuiError, LimitReached, NetworkError, NotFound, PermissionDenied, ServiceError
from cwtui.core.models import EventBatch, EventsRequest, Query, TimeWindow
from cwtui.core.ports import Clock, LogReader
from cwtui.fetch.identity import Seen
from cwtui.fetch.paging import Retry, Sleep, Stuck, pages

INTERVAL_MS = 2_000
OVERLAP_MS = 10_000
LOOK_BACK_MS = 120_000
SWEEP_EVERY_MS = 60_000
GROUPS_AT_ONCE = 4
LONGEST_WAIT_MS = 30_000


class TailKind(Enum):
    """What a tail is doing; always on screen."""

    POLLING = "polling"
    THROTTLED = "throttled"
    RECONNECTING = "reconnecting"


@dataclass(frozen=True, slots=True)
class TailState:
    kind: TailKind = TailKind.POLLING
    behind_ms: int = 0
    """How long ago the slowest group was last read whole."""
    interval_ms: int = INTERVAL_MS
    failed: tuple[str, ...] = ()
    """One sentence for each group that is left out; the others go on."""
    note: str = ""
    """The last error that a retry will mend, or empty."""


@dataclass(frozen=True, slots=True)
class TailUpdate:
    """What one round brought: only events never delivered before, true twins included."""

    batches: Sequence[EventBatch]
    state: TailState


@dataclass(slots=True)
class _Group:
    name: str
    watermark: int
    swept: int
    """When the whole look-back was last read."""
    error: str = ""
    batches: list[EventBatch] = field(default_factory=list)


async def tail(
    reader: LogReader,
    query: Query,
    *,
    since: int,
    clock: Clock,
    seen: Seen | None = None,
    look_back_ms: int = LOOK_BACK_MS,
    interval_ms: int = INTERVAL_MS,
    sleep: Sleep = asyncio.sleep,
) -> AsyncGenerator[TailUpdate, None]:
    """Updates for ever, one a round, from `since` (ms) on. Consume under `aclosing`.

    Raises when no group can be followed any more, or when credentials end.
    """
    memory = Seen() if seen is None else seen
    groups = [_Group(name, since, since) for name in query.groups]
    wait_ms = interval_ms
    while True:
        alive = [group for group in groups if not group.error]
        places = asyncio.Semaphore(GROUPS_AT_ONCE)
        outcomes = await asyncio.gather(
            *(_read(reader, query, group, memory, clock, look_back_ms, places) for group in alive),
            return_exceptions=True,
        )
        trouble = _sort_out(alive, outcomes)
        failed = tuple(f"{group.name}: {group.error}" for group in groups if group.error)
        now = clock()
        kind = TailKind.POLLING
        if trouble is not None:
            kind = TailKind.THROTTLED if isinstance(trouble, LimitReached) else TailKind.RECONNECTING
            wait_ms = min(LONGEST_WAIT_MS, wait_ms * 2)
        else:
            wait_ms = interval_ms
        behind = max((now - group.watermark for group in groups if not group.error), default=0)
        batches = [batch for group in alive for batch in group.batches]
        for group in alive:
            group.batches = []
        yield TailUpdate(
            batches,
            TailState(kind, max(0, behind), wait_ms, failed, trouble.message if trouble else ""),
        )
        await sleep(wait_ms / 1000)


async def _read(
    reader: LogReader,
    query: Query,
    group: _Group,
    seen: Seen,
    clock: Clock,
    look_back_ms: int,
    places: asyncio.Semaphore,
) -> None:
    """One complete pass over a group; what came before a failure is kept, the watermark is not moved."""
    async with places:
        now = clock()
        sweep = now - group.swept >= SWEEP_EVERY_MS
        # After an outage the watermark lies further back than the overlap: read from there.
        start = min(group.watermark, now) - OVERLAP_MS
        if sweep:
            # Whatever came since the last sweep and is not older than the look-back lies after this.
            start = min(start, group.swept - look_back_ms)
        request = EventsRequest(
            group.name,
            TimeWindow(max(query.window.start, start)),
            query.stream_prefix,
            query.streams,
            query.pattern,
        )
        async for page in pages(reader, request, Retry(attempts=1)):
            fresh = seen.admit(page.batch)
            if len(fresh):
                group.batches.append(fresh)
        group.watermark = max(group.watermark, now)
        if sweep:
            group.swept = now
        horizon = group.swept - look_back_ms - SWEEP_EVERY_MS
        seen.forget(group.name, lambda at: at >= horizon)


def _sort_out(groups: Sequence[_Group], outcomes: Sequence[BaseException | None]) -> CwtuiError | None:
    """Takes out groups that will never answer; gives the worst error that a retry may mend, or raises."""
    trouble: CwtuiError | None = None
    lost: CwtuiError | None = None
    for group, outcome in zip(groups, outcomes, strict=True):
        match outcome:
            case None:
                pass
            case PermissionDenied() | NotFound():
                group.error, lost = outcome.message, outcome
            case LimitReached() | NetworkError() | ServiceError():
                trouble = outcome if not isinstance(trouble, LimitReached) else trouble
            case Stuck():
                trouble = ServiceError("CloudWatch repeats the same page.", "The next round reads again.")
            case _:
                raise outcome
    if lost is not None and all(group.error for group in groups):
        raise lost
    return trouble
