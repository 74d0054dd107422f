"""Between those who fetch and the one who consumes: events that wait, failures, and a pause for everyone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from cwtui.core.errors import CredentialsError
from cwtui.core.models import EventBatch

MOST_WAITING = 50_000
"""Events that may wait for the consumer; beyond that nobody fetches more."""


class Handover:
    """Batches on their way to the consumer. `add` never waits, so that no cancelling loses an event."""

    def __init__(self) -> None:
        self._batches: list[EventBatch] = []
        self._waiting = 0
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._failure: Exception | None = None

    def add(self, batch: EventBatch) -> None:
        """Events for the consumer. Call it in the same breath as what remembers them as delivered."""
        if len(batch):
            self._batches.append(batch)
            self._waiting += len(batch)
            if self._waiting >= MOST_WAITING:
                self._room.clear()
            self._changed.set()

    def tell(self) -> None:
        """The state changed: the consumer should look."""
        self._changed.set()

    async def room(self) -> None:
        """Waits until the consumer keeps up; before anything more is fetched."""
        await self._room.wait()

    async def change(self) -> None:
        """Waits until there is something to take, or to tell."""
        await self._changed.wait()

    def take(self) -> list[EventBatch]:
        """What came since the last call. What came before a failure comes before it."""
        if self._failure is not None and not self._batches:
            raise self._failure
        if self._failure is None:
            self._changed.clear()
        return self.rest()

    def rest(self) -> list[EventBatch]:
        """What waits, failure or not."""
        batches, self._batches, self._waiting = self._batches, [], 0
        self._room.set()
        return batches

    async def guard(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs a worker; what it raises goes up to the consumer."""
        try:
            await work()
        except Exception as error:
            self._failure = self._failure or error
            self._changed.set()


class Pause:
    """Holds back everyone who reads with the same credentials from when these end until they are renewed."""

    def __init__(
        self, handover: Handover, *, allowed: bool, woken: asyncio.Event, alone: bool = True
    ) -> None:
        """Where it is not `allowed` (nobody could resume), the error goes up instead, unless the groups of
        others go on, who are not `alone` then.

        `woken` is set when it begins, for whoever has to stop what runs.
        """
        self.error: CredentialsError | None = None
        self.epoch = 0
        """How often it was ended."""
        self._handover = handover
        self._allowed = allowed
        self._alone = alone
        self._woken = woken
        self._over = asyncio.Event()
        self._over.set()

    def begin(self, error: CredentialsError, epoch: int) -> bool:
        """A call that was begun in `epoch` found the credentials wanting; False: nobody will renew them.

        One that still went out with the old ones after they were renewed proves nothing.
        """
        if not self._allowed:
            if self._alone:
                raise error
            return False
        if epoch == self.epoch:
            self.error = error
            self._over.clear()
            self._woken.set()
            self._handover.tell()
        return True

    def end(self) -> None:
        """Credentials were renewed: everyone goes on where they were."""
        self.epoch += 1
        self.error = None
        self._over.set()
        self._handover.tell()

    async def over(self) -> None:
        """Waits while it lasts."""
        await self._over.wait()
