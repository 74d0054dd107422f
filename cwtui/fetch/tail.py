"""Follows groups so that every event is shown once, whatever happens on the way.

Two engines, one promise: polling always runs (`polling`, free) and a live tail, where it is wanted,
only makes it faster (`live`, billed). `watch` says what is read and why nothing is lost; `identity`
why nothing comes twice. Here is what a consumer sees of it, and what it may do meanwhile.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial

from cwtui.core.errors import CwtuiError, LimitReached
from cwtui.core.models import EventBatch, Query
from cwtui.core.naming import told
from cwtui.core.ports import Clock, LogReader
from cwtui.fetch.belonging import Belonging
from cwtui.fetch.handover import Handover, Pause
from cwtui.fetch.identity import Seen
from cwtui.fetch.live import LiveTails, Stage
from cwtui.fetch.paced import Paced
from cwtui.fetch.paging import Sleep
from cwtui.fetch.polling import INTERVAL_MS, Polling
from cwtui.fetch.together import Route, routes
from cwtui.fetch.watch import LOOK_BACK_MS, Gap, Watch

__all__ = ["INTERVAL_MS", "LOOK_BACK_MS", "Gap", "TailControl", "TailKind", "TailState", "TailUpdate", "tail"]

BEAT_S = 2.0
LATE = 2
"""Intervals after which a group is told to be late: within one that the budget stretches, turns bunch."""


class TailKind(Enum):
    """What a tail is doing; always on screen."""

    POLLING = "polling"
    LIVE = "live"
    THROTTLED = "throttled"
    """Groups are late because of it; where only the interval is longer, it is POLLING."""
    RECONNECTING = "reconnecting"
    PAUSED = "paused"
    """Credentials ended, all of them: nothing is called until `TailControl.resume`."""


@dataclass(frozen=True, slots=True)
class TailState:
    kind: TailKind = TailKind.POLLING
    behind_ms: int = 0
    """How long ago the slowest group was last read whole, of those whose credentials last."""
    read_to: int = 0
    """Up to which moment (ms) every group was read: the `since` of whoever goes on."""
    interval_ms: int = INTERVAL_MS
    """From one look at the slowest group to the next; what the budget holds, longer after failures."""
    failed: tuple[str, ...] = ()
    """One sentence for each group that is left out; the others go on."""
    note: str = ""
    """The last error that a retry will mend, why groups are polled beside a live tail, that calls are
    slowed so that the interval is longer; or empty."""
    error: CwtuiError | None = None
    """Why it is PAUSED, or which credentials of several ended; the groups of the others go on."""
    refused: CwtuiError | None = None
    """Why a group is polled although a live tail was asked for, and stays so."""
    sampled: tuple[tuple[int, int], ...] = ()
    """Spans of arrival (ms) of which the live tail gave a sample and polling has not yet brought the rest."""
    live_ms: int = 0
    """How long billed live tails have run, all sessions added up."""
    waiting: tuple[str, ...] = ()
    """One sentence for each group that waits for a login, all of them where it is PAUSED."""


@dataclass(frozen=True, slots=True)
class TailUpdate:
    """What came since the last update: only events never delivered before, true twins included."""

    batches: Sequence[EventBatch]
    state: TailState
    gaps: Sequence[Gap] = ()
    """Every hole that stands now; one that was filled after all is no longer among them."""


class TailControl:
    """What a consumer may do while a tail runs; also says that somebody is there to renew credentials."""

    def __init__(self, *, live: bool = False) -> None:
        self.wants_live = live
        self.changed = asyncio.Event()
        self.resumed = False
        self.undelivered: Sequence[EventBatch] = ()
        """What had been fetched when the consumer left: it counts as delivered, so it is to be taken, too."""

    def live(self, on: bool) -> None:
        """Switches the billed live tail on or off, without a gap."""
        self.wants_live = on
        self.changed.set()

    def resume(self) -> None:
        """Credentials were renewed: goes on from where it paused."""
        self.resumed = True
        self.changed.set()


async def tail(
    reader: LogReader,
    query: Query,
    *,
    since: int,
    clock: Clock,
    arrived_since: int | None = None,
    seen: Seen | None = None,
    look_back_ms: int = LOOK_BACK_MS,
    interval_ms: int = INTERVAL_MS,
    control: TailControl | None = None,
    pauses: bool | None = None,
    sleep: Sleep = asyncio.sleep,
    jitter: Callable[[], float] = random.random,
) -> AsyncGenerator[TailUpdate, None]:
    """Updates for ever, from `since` (ms) on. Consume under `aclosing`: leaving ends every call and session.

    With the `seen` of an earlier tail it goes on where that one ended; see `TailControl.undelivered`.

    What is stamped before the query's window is left out; but with `arrived_since` (ms) what is ingested
    from then on is delivered: a tail that begins now owes what comes late, stamped a little earlier.

    An event is delivered once if it becomes visible at most `look_back_ms` after its timestamp, from
    whichever engine brings it first. Of a `Paced` reader the unattended budget is used.

    Raises when no group can be followed any more, and when credentials end unless it `pauses` then (by
    default where there is a `control`, which may `resume` it).
    """
    following = _Following(
        await routes(reader, query.groups),
        query,
        since,
        clock,
        arrived_since,
        Seen() if seen is None else seen,
        look_back_ms,
        interval_ms,
        TailControl() if control is None else control,
        sleep,
        jitter,
        pauses=control is not None if pauses is None else pauses,
    )
    try:
        following.start()
        while True:
            yield await following.update()
    finally:
        await following.stop()


@dataclass(frozen=True, slots=True)
class _Part:
    """Groups that are read by one reader: with one budget, and the same credentials."""

    watches: Sequence[Watch]
    pause: Pause
    polling: Polling
    lives: LiveTails
    paced: Paced | None

    @property
    def slowed(self) -> str:
        return self.paced.pace("FilterLogEvents").slowed if self.paced is not None else ""


class _Following:
    """One run of `tail`: its workers, and the state they are in."""

    def __init__(
        self,
        routed: Sequence[Route],
        query: Query,
        since: int,
        clock: Clock,
        arrived_since: int | None,
        seen: Seen,
        look_back_ms: int,
        interval_ms: int,
        control: TailControl,
        sleep: Sleep,
        jitter: Callable[[], float],
        *,
        pauses: bool,
    ) -> None:
        start = query.window.start
        floor = start if arrived_since is None else start - look_back_ms
        belonging = Belonging(start, arrived_since)
        followed = {
            group: Watch(group, max(since, start), look_back_ms, floor)
            for route in routed
            for group in route.groups
        }
        self._watches = [followed[group] for group in dict.fromkeys(query.groups)]
        for watch in self._watches:
            if (reached := seen.reached.get(watch.group)) is not None:
                watch.go_on(reached)
        self._clock = clock
        self._control = control
        self._handover = Handover()
        self._tasks: list[asyncio.Task[None]] = []

        def part(route: Route) -> _Part:
            watches = [followed[group] for group in route.groups]
            paced = route.reader if isinstance(route.reader, Paced) else None
            reader = route.reader if paced is None else paced.unattended()
            pause = Pause(self._handover, allowed=pauses, woken=control.changed, alone=len(routed) == 1)

            def rate() -> float:
                """Calls a second that polling may make."""
                return math.inf if paced is None else paced.pace("FilterLogEvents").unattended_rate

            polling = Polling(
                reader,
                query,
                belonging,
                watches,
                seen,
                self._handover,
                pause,
                clock=clock,
                sleep=sleep,
                jitter=jitter,
                interval_ms=interval_ms,
                rate=rate,
                joined=lambda watch: lives.join(watch),
                everyone=self._watches,
            )
            lives = LiveTails(
                reader,
                query,
                belonging,
                watches,
                seen,
                self._handover,
                pause,
                hurry=polling.hurry,
                clock=clock,
                sleep=sleep,
                jitter=jitter,
            )
            return _Part(watches, pause, polling, lives, paced)

        self._parts = [part(route) for route in routed]

    def start(self) -> None:
        guard = self._handover.guard
        work = [guard(partial(part.polling.follow, watch)) for part in self._parts for watch in part.watches]
        self._tasks = [asyncio.create_task(each) for each in (*work, guard(self._obey))]

    async def update(self) -> TailUpdate:
        """What there is to say, at least every `BEAT_S`: how far behind it is grows while a call hangs."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BEAT_S):
                await self._handover.change()
        batches = self._handover.take()
        gaps = [gap for watch in self._watches for gap in watch.gaps]
        return TailUpdate(batches, self._state(), gaps)

    async def stop(self) -> None:
        """Ends what is billed first."""
        for task in self._tasks:
            task.cancel()
        try:
            await asyncio.gather(*(part.lives.stop() for part in self._parts))
        finally:
            stops = (part.polling.stop() for part in self._parts)
            await asyncio.gather(*stops, *self._tasks, return_exceptions=True)
            self._control.undelivered = self._handover.rest()

    async def _obey(self) -> None:
        """Starts and stops live tails as the control wants it; a pause stops them, too."""
        control = self._control
        while True:
            if control.resumed:
                control.resumed = False
                for part in self._parts:
                    part.pause.end()
            for part in self._parts:
                wanted = control.wants_live and part.pause.error is None
                if wanted and not part.lives.running:
                    part.lives.start()
                elif not wanted and part.lives.running:
                    await part.lives.stop()
                    self._handover.tell()
            await control.changed.wait()
            control.changed.clear()

    def _state(self) -> TailState:
        now = self._clock()
        followed = [watch for watch in self._watches if watch.left_out is None]
        read_to = min((watch.watermark for watch in followed), default=now)
        # Whose credentials ended is told as such: how far behind counts those that go on.
        paused = {id(watch) for part in self._paused for watch in part.watches}
        going_on = [watch for watch in followed if id(watch) not in paused] or followed
        behind = max(0, now - min((watch.watermark for watch in going_on), default=now))
        waits = max((watch.wait_ms for watch in followed), default=0)
        interval = waits or max((part.polling.interval_ms for part in self._parts), default=INTERVAL_MS)
        kind, note = self._kind(followed, late=behind > LATE * interval)
        return TailState(
            kind,
            behind,
            read_to,
            interval,
            tuple(
                f"{told(watch.group)}: {watch.left_out.message}" for watch in self._watches if watch.left_out
            ),
            note,
            next((part.pause.error for part in self._paused), None),
            self._refusal,
            tuple(sorted({span for watch in followed for span in watch.sampled})),
            sum(part.lives.billed_ms for part in self._parts),
            tuple(
                f"{told(watch.group)}: {part.pause.error.message}"
                for part in self._paused
                for watch in part.watches
                if part.pause.error is not None and watch.left_out is None
            ),
        )

    @property
    def _refusal(self) -> CwtuiError | None:
        sessions = (session for part in self._parts for session in part.lives.sessions)
        refused = (each.error for each in sessions if each.stage is Stage.REFUSED)
        return next((error for error in refused if error is not None), None)

    @property
    def _paused(self) -> list[_Part]:
        return [part for part in self._parts if part.pause.error is not None]

    def _kind(self, followed: Sequence[Watch], *, late: bool) -> tuple[TailKind, str]:
        """The gravest that is the case, and its sentence. `late` is whether a group missed its interval."""
        pauses = [part.pause.error.message for part in self._paused if part.pause.error is not None]
        if pauses and len(pauses) == len(self._parts):
            return TailKind.PAUSED, pauses[0]
        troubles = [watch.trouble for watch in followed if watch.trouble is not None]
        for trouble in troubles:
            if isinstance(trouble, LimitReached):
                return TailKind.THROTTLED, trouble.message
        if troubles:
            return TailKind.RECONNECTING, troubles[0].message
        sessions = [session for part in self._parts for session in part.lives.sessions]
        errors = [session.error.message for session in sessions if session.error is not None]
        note = next(iter((*pauses, *errors)), "")
        if any(session.stage is Stage.BROKEN for session in sessions):
            return TailKind.RECONNECTING, note
        if any(session.stage is Stage.UP for session in sessions):
            return TailKind.LIVE, note
        slowed = next((part.slowed for part in self._parts if part.slowed), "")
        if slowed and late:
            return TailKind.THROTTLED, note or slowed
        stretched = any(part.polling.stretched for part in self._parts)
        return TailKind.POLLING, note or (slowed if stretched else "")
