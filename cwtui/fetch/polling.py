"""Follows groups by FilterLogEvents: each group has a worker that makes one pass after another.

What a pass reads is decided by `watch`; here is when: an interval apart, no more calls than the budget
holds, later after failures, at once when a live tail needs a seam or a sample filled.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import aclosing

from cwtui.core.errors import (
    CredentialsError,
    CwtuiError,
    DataError,
    InputError,
    LimitReached,
    NetworkError,
    NotFound,
    PermissionDenied,
    ServiceError,
)
from cwtui.core.models import EventsRequest, Query, TimeWindow
from cwtui.core.ports import Clock, LogReader
from cwtui.fetch.belonging import Belonging
from cwtui.fetch.handover import Handover, Pause
from cwtui.fetch.identity import Seen
from cwtui.fetch.paging import Retry, Sleep, Stuck, pages
from cwtui.fetch.watch import Pass, Reach, Watch

INTERVAL_MS = 2_000
GROUPS_AT_ONCE = 8
LONGEST_WAIT_MS = 30_000
MISSING_S = 30.0
"""Between looks whether a group, or a stream of it, that did not exist has come into being."""
_MEASURED = (Reach.ROUND, Reach.SWEEP, Reach.WHOLE)
MENDABLE_DATA = frozenset({"cwtui.data.not-cloudwatch", "cwtui.data.token", "cwtui.data.checksum"})
"""Answers that cannot be read and may be right the next time; any other DataError ends the tail."""


class Polling:
    """The passes over all groups of a query."""

    def __init__(
        self,
        reader: LogReader,
        query: Query,
        belonging: Belonging,
        watches: Sequence[Watch],
        seen: Seen,
        handover: Handover,
        pause: Pause,
        *,
        clock: Clock,
        sleep: Sleep,
        jitter: Callable[[], float],
        interval_ms: int,
        rate: Callable[[], float],
        joined: Callable[[Watch], None],
        everyone: Sequence[Watch],
    ) -> None:
        """`rate` is how many calls a second the budget holds; `joined` hears of a group that was missing.

        `everyone` are all groups of the tail, those included that are polled elsewhere.
        """
        self._reader = reader
        self._query = query
        self._belonging = belonging
        self._watches = watches
        self._seen = seen
        self._handover = handover
        self._pause = pause
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._least_ms = interval_ms
        self._rate = rate
        self._joined = joined
        self._everyone = everyone
        self._places = asyncio.Semaphore(GROUPS_AT_ONCE)
        self._broom = asyncio.Semaphore(1)
        self._sweeps: dict[str, asyncio.Task[None]] = {}
        self._hurried = {watch.group: asyncio.Event() for watch in watches}

    @property
    def interval_ms(self) -> int:
        """From the beginning of one pass over a group to the next: at least what the budget asks for."""
        calls = sum(watch.calls for watch in self._watches if not (watch.left_out or _rests(watch)))
        return max(self._least_ms, math.ceil(1000 * calls / self._rate()))

    @property
    def stretched(self) -> bool:
        """Whether the budget asks for a longer interval than was wished for."""
        return self.interval_ms > self._least_ms

    async def follow(self, watch: Watch) -> None:
        """Passes over a group for ever. Raises once the last group is left out.

        A group that does not exist joins when it does, from where it was left: a deployment makes it anew.
        """
        while True:
            await self._pause.over()
            missing = watch.left_out is not None
            async with self._places:
                await self._read(watch, self._plan(watch))
                if missing and watch.left_out is None:
                    self._joined(watch)
                if not watch.failures and (hole := watch.hole(self._clock())):
                    await self._read(watch, hole)
            if watch.left_out is not None:
                if all(other.left_out for other in self._everyone):
                    raise watch.left_out
                if not isinstance(watch.left_out, NotFound):
                    return
                await self._sleep(MISSING_S)
            else:
                await self._rest(watch)

    def hurry(self, watch: Watch) -> None:
        """Brings the group's next pass forward to the end of the interval."""
        if watch.failures == 0:
            watch.due = min(watch.due, watch.last + self.interval_ms)
            self._hurried[watch.group].set()

    async def stop(self) -> None:
        """Ends the sweeps."""
        for sweep in self._sweeps.values():
            sweep.cancel()
        await asyncio.gather(*self._sweeps.values(), return_exceptions=True)

    def _plan(self, watch: Watch) -> Pass:
        now = self._clock()
        # Of a group that is throttled no more is asked than a round; that of the others is not held back.
        throttled = isinstance(watch.trouble, LimitReached)
        spare = not self.stretched
        planned = watch.plan(now, whole=not throttled and (not spare or _rests(watch)))
        beside = planned.reach is Reach.ROUND and spare and not throttled
        if beside and watch.group not in self._sweeps and (sweep := watch.sweep(now)):
            self._begin_sweep(watch, sweep)
        return planned

    def _begin_sweep(self, watch: Watch, sweep: Pass) -> None:
        """Reads it beside the rounds, which a long one must not hold up; one group's at a time."""

        async def read() -> None:
            async with self._broom:
                await self._read(watch, sweep)

        task = asyncio.create_task(self._handover.guard(read))
        self._sweeps[watch.group] = task
        task.add_done_callback(lambda _: self._sweeps.pop(watch.group))

    async def _read(self, watch: Watch, planned: Pass) -> None:
        epoch = self._pause.epoch
        try:
            await self._pages(watch, planned)
        except (PermissionDenied, NotFound, InputError) as error:
            watch.left_out = error
        except CredentialsError as error:
            if self._pause.begin(error, epoch):
                watch.due = 0
                return
            watch.left_out = error
        except Stuck:
            stuck = ServiceError("CloudWatch repeats the same page.", "The next pass reads it again.")
            watch.failed(planned, stuck)
        except (LimitReached, NetworkError, ServiceError, DataError) as error:
            if not _mendable(error):
                raise
            watch.failed(planned, error)
        else:
            watch.left_out = None
            watch.completed(planned, self._clock())
            self._seen.forget(watch.group, watch.keeps)
        self._seen.reached[watch.group] = watch.reached
        self._set_due(watch, planned)
        self._handover.tell()

    async def _pages(self, watch: Watch, planned: Pass) -> None:
        query = self._query
        request = EventsRequest(
            watch.group,
            TimeWindow(planned.start, planned.end),
            query.stream_prefix,
            query.streams,
            query.pattern,
        )
        watermark, calls = watch.watermark, 0
        async with aclosing(pages(self._reader, request, Retry(attempts=1))) as found:
            async for page in found:
                calls += 1
                watch.met(page.batch.timestamps)
                fresh = self._seen.admit(self._belonging.of(page.batch), watch.group)
                self._handover.add(fresh)
                if planned.reach in _MEASURED and not watch.covered:
                    watch.overlap.note(watermark, fresh.timestamps)
                await self._handover.room()
        if planned.reach is Reach.ROUND:
            watch.calls = calls
        elif planned.reach is Reach.SLICE:
            watch.stretch(calls)

    def _set_due(self, watch: Watch, done: Pass) -> None:
        if done.reach in (Reach.HOLE, Reach.SWEEP):
            return
        watch.last, watch.ended = done.began, self._clock()
        watch.haste = 1 - self._jitter() / 4
        watch.wait_ms = self._wait_ms(watch)
        at_once = done.reach is Reach.SLICE and not watch.failures
        watch.due = 0 if at_once else self._due(watch)

    def _wait_ms(self, watch: Watch) -> int:
        """From the last pass to the next, as the budget is now."""
        interval = self.interval_ms
        if watch.failures:
            return min(max(LONGEST_WAIT_MS, interval), interval << min(watch.failures, 10))
        return interval

    def _due(self, watch: Watch) -> int:
        wait = self._wait_ms(watch)
        if watch.failures:
            return watch.ended + round(wait * watch.haste)
        due = watch.last + wait
        return max(watch.sweep_due(), due) if _rests(watch) else due

    async def _rest(self, watch: Watch) -> None:
        """Until the next pass is due, or the sleep says so; `hurry` may bring it forward.

        A rate that recovers does, too: a long wait is looked at again after a quarter of what is left.
        """
        hurried = self._hurried[watch.group]
        while watch.due:
            hurried.clear()
            left = max(0, watch.due - self._clock())
            look = min(left, max(self._least_ms, left // 4))
            nap = asyncio.ensure_future(self._sleep(look / 1000))
            call = asyncio.ensure_future(hurried.wait())
            try:
                await asyncio.wait((nap, call), return_when=asyncio.FIRST_COMPLETED)
                if nap.done():
                    nap.result()
                    if look == left:
                        return
                    watch.due = min(watch.due, self._due(watch))
            finally:
                nap.cancel()
                call.cancel()


def _rests(watch: Watch) -> bool:
    """A live tail brings everything: only sweeps are read."""
    return watch.covered and not watch.sampled


def _mendable(error: CwtuiError) -> bool:
    return not isinstance(error, DataError) or error.code in MENDABLE_DATA
