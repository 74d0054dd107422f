"""How fast calls may go: one budget for all that a process asks of an account and region.

An operation has a quota that everybody in the account shares. What a user waits for may use all of
it; what nobody waits for a quarter, which counts against the whole. A throttle halves both, once
however many calls it met, and they recover gradually. Turns go round the lanes (a lane is a log
group), so that one busy group does not starve forty others.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from cwtui.core.errors import LimitReached
from cwtui.fetch.lanes import Lanes
from cwtui.fetch.paging import Exhausted, Sleep
from cwtui.fetch.quotas import UNKNOWN_PER_S

SHARE = 0.25
"""What unattended calls may use of the rate."""
RECOVERY_S = 30.0
"""Seconds in which a lowered rate doubles."""
SLOWEST = 1 / 32
"""Of the quota: below it a rate does not fall."""
MOST_THROTTLES = 8
"""Of one call, after which it fails: some minutes, in all."""
FULL_RETRY_S = 30.0
"""Between tries while a quota of what may run at once is used up and nothing of ours ends."""
_LONGEST_PAUSE_S = 20.0
_SUPPOSED_LATENCY_S = 0.3
"""Of an answer, before the first."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the calls of one operation go, for a status line ("slowed to 2.5/s")."""

    quota: float
    """Calls a second that the service documents."""
    rate: float
    """Calls a second that may go now."""
    unattended_rate: float
    throttled: bool
    """A throttle came and the rate has not recovered from it."""
    waiting: int
    """Calls that wait for their turn."""
    full: int
    """Calls that wait until something of the account ends (a quota of what may run at once)."""
    calls: int
    """Calls sent so far, tries again included."""
    throttles: int
    """How many of them were refused as too fast."""
    latency_s: float
    """How long an answer took lately, 0 before the first."""

    @property
    def slowed(self) -> str:
        """`slowed to 2.5/s`; empty at full speed."""
        return f"slowed to {self.rate:.2g}/s" if self.throttled else ""

    def needed(self, *, unattended: bool = False) -> int:
        """How many calls at once use the rate up: what is on its way, and one that waits for its turn."""
        rate = self.unattended_rate if unattended else self.rate
        return math.ceil(rate * (self.latency_s or _SUPPOSED_LATENCY_S)) + 1


class Budget:
    """Token buckets, one per operation, of one account and region; everything the process does draws from it.

    Used from one event loop. `clock` tells seconds; `quotas` is asked each time: the region of a profile
    is known only once it was opened.
    """

    def __init__(
        self,
        quotas: Callable[[], Mapping[str, float]],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._quotas = quotas
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._buckets: dict[str, _Bucket] = {}

    async def call(
        self, operation: str, lane: str, work: Callable[[], Awaitable[_T]], *, unattended: bool = False
    ) -> _T:
        """The answer of `work`, called when its turn comes, and again while the service throttles it.

        Raises what `work` raises; Exhausted when throttles do not end. A quota of what may run at once
        is waited for: the call is tried again when another of its kind ends, or seldom.
        """
        bucket = self._bucket(operation)
        throttles = 0
        while True:
            await bucket.lanes.turn(lane, unattended=unattended, again=throttles > 0)
            began = self._clock()
            bucket.calls += 1
            try:
                answer = await work()
            except LimitReached as error:
                if error.code == FULL:
                    await bucket.until_something_ends()
                    continue
                if error.code != _THROTTLED:
                    bucket.ended()
                    raise
                bucket.slow_down(began)
                throttles += 1
                if throttles > MOST_THROTTLES:
                    raise Exhausted(
                        error.message, error.hint, code="throttled", request_id=error.request_id
                    ) from error
            except BaseException:
                bucket.ended()
                raise
            else:
                bucket.answered(began)
                return answer

    def pace(self, operation: str) -> Pace:
        """How fast an operation goes now."""
        return self._bucket(operation).pace()

    @property
    def now(self) -> Budget:
        """The budget itself; of a `Share` that of the account and region which it turned out to be."""
        return self

    def _bucket(self, operation: str) -> _Bucket:
        if operation not in self._buckets:

            def quota() -> float:
                return self._quotas().get(operation, UNKNOWN_PER_S)

            self._buckets[operation] = _Bucket(quota, self._clock, self._sleep, self._jitter)
        return self._buckets[operation]


class _Bucket:
    """The rate of one operation and how it falls and recovers."""

    def __init__(
        self,
        quota: Callable[[], float],
        clock: Callable[[], float],
        sleep: Sleep,
        jitter: Callable[[], float],
    ) -> None:
        self._quota = quota
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._slowed_to = 0.0
        self._slowed_at = -math.inf
        self._in_a_row = 0
        self._latency = 0.0
        self._full: list[asyncio.Future[None]] = []
        self.calls = 0
        self.throttles = 0
        self.lanes = Lanes(self.rate, SHARE, clock, sleep)

    def rate(self) -> float:
        if self._slowed_at == -math.inf:
            return self._quota()
        doublings = (self._clock() - self._slowed_at) / RECOVERY_S
        return min(self._quota(), self._slowed_to * math.exp2(min(doublings, 10.0)))

    def pace(self) -> Pace:
        rate = self.rate()
        return Pace(
            self._quota(),
            rate,
            rate * SHARE,
            rate < self._quota(),
            self.lanes.waiting,
            len(self._full),
            self.calls,
            self.throttles,
            self._latency,
        )

    def answered(self, began: float) -> None:
        took = self._clock() - began
        self._latency = took if not self._latency else 0.7 * self._latency + 0.3 * took
        if began > self._slowed_at:
            self._in_a_row = 0
        self.ended()

    def slow_down(self, began: float) -> None:
        """Halves the rate and lets nothing go for a while, unless that has been done since the call began."""
        self.throttles += 1
        if began <= self._slowed_at:
            return
        self._slowed_to = max(self._quota() * SLOWEST, self.rate() / 2)
        self._slowed_at = self._clock()
        pause = min(_LONGEST_PAUSE_S, 0.5 * 2**self._in_a_row) * (0.5 + self._jitter() / 2)
        self._in_a_row += 1
        self.lanes.pause(pause)

    async def until_something_ends(self) -> None:
        """Waits until a call of this operation ends that had its place, or for `FULL_RETRY_S`."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        patience = asyncio.ensure_future(self._sleep(FULL_RETRY_S * (0.5 + self._jitter() / 2)))
        self._full.append(waiting)
        try:
            await asyncio.wait((waiting, patience), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if waiting.done():
                self.ended()
            raise
        finally:
            patience.cancel()
            if waiting in self._full:
                self._full.remove(waiting)

    def ended(self) -> None:
        """A call is over: its place is free for one of those that found none."""
        if self._full:
            self._full.pop(0).set_result(None)


_THROTTLED = LimitReached("", code="throttled").code
FULL = LimitReached("", code="quota").code
"""The code of a quota of what may run at once."""
