"""Live tails beside polling: sessions of up to ten groups that are opened again however they die.

A session only ever speeds polling up (`watch` says how): what it misses at its seams, samples or
drops is read by rounds and sweeps, so nothing rests on it. Where no session can be had, polling goes
on alone and a note says why. Sessions are billed by the minute: `stop` ends them first of all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

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
from cwtui.core.models import LiveRequest, LiveUpdate, LogGroup, Query
from cwtui.core.naming import Named, named
from cwtui.core.ports import Clock, LogReader
from cwtui.fetch.belonging import Belonging
from cwtui.fetch.handover import Handover, Pause
from cwtui.fetch.identity import Seen
from cwtui.fetch.paging import Sleep
from cwtui.fetch.watch import Watch

GROUPS_A_SESSION = 10
SILENCE_S = 15.0
"""An update is due every second: without one for so long the connection is dead."""
HESITATION_MS = 8_000
"""The service keeps ten updates for a slow reader and then drops some: it counts as sampled."""
LONGEST_WAIT_S = 30.0
QUOTA_WAIT_S = 60.0
_QUOTA = LimitReached("", code="quota").code


class Stage(Enum):
    """Where a session stands."""

    OPENING = "opening"
    UP = "up"
    BROKEN = "broken"
    REFUSED = "refused"
    """Its groups are polled."""


@dataclass(slots=True)
class Session:
    """One live tail, opened again and again."""

    watches: list[Watch]
    stage: Stage = Stage.OPENING
    error: CwtuiError | None = None
    opened: int = 0
    last: int | None = None
    """When the last update came; None before the first since it was opened."""
    failures: int = 0
    task: asyncio.Task[None] | None = field(default=None, compare=False)
    """What keeps it open."""


class LiveTails:
    """The sessions over the groups of a query, while they are wanted."""

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
        hurry: Callable[[Watch], None],
        clock: Clock,
        sleep: Sleep,
        jitter: Callable[[], float],
    ) -> None:
        """`hurry` has a group polled soon."""
        self._reader = reader
        self._query = query
        self._belonging = belonging
        self._watches = watches
        self._seen = seen
        self._handover = handover
        self._pause = pause
        self._hurry = hurry
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._tasks: set[asyncio.Task[None]] = set()
        self._spent_ms = 0
        self.sessions: list[Session] = []
        self.running = False

    @property
    def billed_ms(self) -> int:
        """How long sessions have run, added up."""
        now = self._clock()
        return self._spent_ms + sum(
            now - session.opened for session in self.sessions if session.last is not None
        )

    def start(self) -> None:
        """Opens the sessions."""
        self.running = True
        # A stream or prefix can be asked for in sessions of one group only.
        most = 1 if self._query.stream_prefix or self._query.streams else GROUPS_A_SESSION
        groups = [watch for watch in self._watches if watch.left_out is None]
        for first in range(0, len(groups), most):
            self._begin(groups[first : first + most])

    def join(self, watch: Watch) -> None:
        """A group that did not exist does: it gets a session of its own, which knows it."""
        if not self.running:
            return
        watch.deaf()
        for session in self.sessions:
            session.watches = [other for other in session.watches if other is not watch]
            if not session.watches and session.task is not None:
                session.task.cancel()
        self.sessions = [session for session in self.sessions if session.watches]
        self._begin([watch])

    async def stop(self) -> None:
        """Ends every session, and returns when the service knows."""
        self.running = False
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.sessions.clear()

    def _begin(self, watches: Sequence[Watch]) -> None:
        session = Session(list(watches))
        self.sessions.append(session)
        task = asyncio.create_task(self._handover.guard(partial(self._keep, session)))
        session.task = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, session: Session) -> None:
        """Keeps one session open for as long as its groups are followed."""
        while True:
            session.watches = [watch for watch in session.watches if watch.left_out is None]
            if not session.watches:
                self.sessions.remove(session)
                return
            await self._pause.over()
            if not await self._opened(session):
                return
            self._handover.tell()
            await self._sleep(self._wait(session))

    async def _opened(self, session: Session) -> bool:
        """Opens a session and listens until it dies; False where it is not to be opened again."""
        epoch = self._pause.epoch
        session.opened = self._clock()
        try:
            await self._listen(session)
        except CredentialsError as error:
            self._broken(session, error)
            if not self._pause.begin(error, epoch):
                session.stage = Stage.REFUSED
                return False
        except (PermissionDenied, NotFound, InputError) as error:
            return self._refused(session, error)
        except (LimitReached, NetworkError, ServiceError, DataError) as error:
            self._broken(session, error)
            if error.code == _QUOTA:
                session.stage = Stage.REFUSED
        finally:
            self._over(session)
        return True

    def _broken(self, session: Session, error: CwtuiError) -> None:
        session.failures = session.failures + 1 if session.last is None else 0
        session.stage, session.error = Stage.BROKEN, error

    def _refused(self, session: Session, error: CwtuiError) -> bool:
        """One group that may not be tailed refuses the session to all: halves find which it is."""
        if any(watch.left_out for watch in session.watches):
            return True
        half = len(session.watches) // 2
        if half == 0:
            session.stage, session.error = Stage.REFUSED, error
            self._handover.tell()
            return False
        self.sessions.remove(session)
        self._begin(session.watches[:half])
        self._begin(session.watches[half:])
        return False

    def _over(self, session: Session) -> None:
        if session.last is not None:
            self._spent_ms += self._clock() - session.opened
        session.last = None
        for watch in session.watches:
            watch.deaf()
            self._hurry(watch)

    def _wait(self, session: Session) -> float:
        if session.stage is Stage.REFUSED:
            return QUOTA_WAIT_S * (1 - self._jitter() / 4)
        return min(LONGEST_WAIT_S, 0.5 * 2.0 ** min(session.failures, 10)) * (0.5 + self._jitter() / 2)

    async def _listen(self, session: Session) -> None:
        """Takes updates in until the session dies, which is always an error."""
        groups = tuple(
            LogGroup(watch.name, watch.group if watch.group != watch.name else "")
            for watch in session.watches
        )
        request = LiveRequest(groups, self._query.pattern, self._query.stream_prefix, self._query.streams)
        # A session that is not closed goes on being billed.
        async with aclosing(self._reader.live(request)) as updates:
            while True:
                try:
                    async with asyncio.timeout(SILENCE_S):
                        update = await anext(updates, None)
                except TimeoutError:
                    raise NetworkError("The live tail fell silent.", "It is opened again.") from None
                if update is None:
                    raise NetworkError("The live tail ended without a word.", "It is opened again.")
                self._take(session, update)
                await self._handover.room()

    def _take(self, session: Session, update: LiveUpdate) -> None:
        now = self._clock()
        if session.last is None:
            session.stage, session.error, session.last, session.failures = Stage.UP, None, now, 0
            for watch in session.watches:
                self._seen.begin_session(watch.group)
        followed = {named(watch.group): watch for watch in session.watches if watch.left_out is None}
        for batch in update.batches:
            whose = Named(batch.account, batch.region, batch.group)
            found = followed.get(whose) or followed.get(Named("", "", batch.group))
            if found is not None:
                # The request can leave neither times out, nor streams of several groups.
                asked = self._belonging.of(batch, self._query.streams)
                self._handover.add(self._seen.admit(asked, found.group, live=True))
        sampled = update.sampled or now - session.last > HESITATION_MS
        for watch in session.watches:
            watch.heard(session.last, now, sampled=sampled)
            if not watch.covered or sampled:
                self._hurry(watch)
        session.last = now
        self._handover.tell()
