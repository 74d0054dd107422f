"""Turns: who may call next, and when, at a rate that others set.

Calls wait in lanes and the turn goes round the lanes. Turns are evenly spaced: of what was not
used a quarter of a second piles up at most, which is no burst to a service that counts by the second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from cwtui.fetch.paging import Sleep

_CREDIT_S = 0.25
"""Turns not taken for so long may be made up for: a busy event loop, a first answer all else waits for."""
_SOON_S = 0.001
"""What is due so soon is due."""

_Lane = tuple[str, bool]
"""Its name, and whether its calls are unattended."""


class Lanes:
    """The waiting calls of one operation."""

    def __init__(
        self, rate: Callable[[], float], share: float, clock: Callable[[], float], sleep: Sleep
    ) -> None:
        """`rate` tells turns a second, `share` what unattended calls may have of them."""
        self._rate = rate
        self._share = share
        self._clock = clock
        self._sleep = sleep
        # When the next turn is due: of any call, and of an unattended one.
        self._due = self._unattended_due = clock()
        self._lanes: dict[_Lane, deque[asyncio.Future[None]]] = {}
        self._handing_out: asyncio.Task[None] | None = None
        self._nap: asyncio.Future[None] | None = None

    @property
    def waiting(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    async def turn(self, name: str, *, unattended: bool = False, again: bool = False) -> None:
        """Returns when the caller may call; `again` goes before what waits in its lane.

        Cancelling gives the place, or the turn that was just got, to the others.
        """
        lane = (name, unattended)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._lanes.setdefault(lane, deque())
        if again:
            waiting.appendleft(turn)
        else:
            waiting.append(turn)
        self._look_again()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                if turn in waiting:
                    waiting.remove(turn)
                if not waiting and self._lanes.get(lane) is waiting:
                    del self._lanes[lane]
            else:
                self._draw(-1, unattended=unattended)
            self._look_again()
            raise

    def pause(self, seconds: float) -> None:
        """Gives nobody a turn for a while."""
        self._due = max(self._due, self._clock() + seconds)

    def _look_again(self) -> None:
        if self._handing_out is None or self._handing_out.done():
            self._handing_out = asyncio.ensure_future(self._hand_out()) if self._lanes else None
        elif self._nap is not None:
            self._nap.cancel()

    async def _hand_out(self) -> None:
        """Gives turns as they fall due until nobody waits."""
        while self._lanes:
            wait = min(self._due_of(lane) for lane in self._lanes) - self._clock()
            if wait > _SOON_S:
                self._nap = asyncio.ensure_future(self._sleep(wait))
                await asyncio.wait((self._nap,))
                self._nap = None
                continue
            lane = next(lane for lane in self._lanes if self._due_of(lane) - self._clock() <= _SOON_S)
            # Taken out and put back at the end: the turn goes round.
            waiting = self._lanes.pop(lane)
            turn = waiting.popleft()
            if waiting:
                self._lanes[lane] = waiting
            if not turn.done():
                self._draw(1, unattended=lane[1])
                turn.set_result(None)

    def _due_of(self, lane: _Lane) -> float:
        return max(self._due, self._unattended_due) if lane[1] else self._due

    def _draw(self, turns: int, *, unattended: bool) -> None:
        rate, earliest = self._rate(), self._clock() - _CREDIT_S
        self._due = max(self._due, earliest) + turns / rate
        if unattended:
            self._unattended_due = max(self._unattended_due, earliest) + turns / (rate * self._share)
