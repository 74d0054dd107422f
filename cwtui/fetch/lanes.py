"""Turns: who may call next, and when, at a rate that others set.

Calls wait in lanes and the turn goes round the lanes. Turns are evenly spaced: of what was not
used a quarter of a second piles up at most, and no second, wherever it begins, holds more than a
second's turns: a service that counts strictly has nothing to refuse.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable

from cwtui.fetch.paging import Sleep

_CREDIT_S = 0.25
"""Turns not taken for so long may be made up for: a busy event loop, a first answer all else waits for."""
_SOON_S = 0.001
"""What is due so soon is due."""

_LOOK_S = 1.0
"""How often a wait is looked at again: the rate may have recovered."""

_Taken = list[float]
"""When a turn was taken: given first, and then, where the event loop was busy, used a little later."""
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
        self._due = self._unattended_due = self._drawn = self._unattended_drawn = clock()
        self._paused_until = clock()
        # The turns of the last second.
        self._taken: deque[_Taken] = deque()
        self._lanes: dict[_Lane, deque[asyncio.Future[_Taken]]] = {}
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
        turn: asyncio.Future[_Taken] = asyncio.get_running_loop().create_future()
        waiting = self._lanes.setdefault(lane, deque())
        if again:
            waiting.appendleft(turn)
        else:
            waiting.append(turn)
        self._look_again()
        try:
            taken = await turn
            taken[0] = self._clock()
        except asyncio.CancelledError:
            if turn.cancelled():
                if turn in waiting:
                    waiting.remove(turn)
                if not waiting and self._lanes.get(lane) is waiting:
                    del self._lanes[lane]
            else:
                self._draw(-1, unattended=unattended)
                if turn.result() in self._taken:
                    self._taken.remove(turn.result())
            self._look_again()
            raise

    def pause(self, seconds: float) -> None:
        """Gives nobody a turn for a while."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)
        # Nor are turns made up for that a pause held back.
        self._due = max(self._due, self._paused_until)

    def _look_again(self) -> None:
        if self._handing_out is None or self._handing_out.done():
            self._handing_out = asyncio.ensure_future(self._hand_out()) if self._lanes else None
        elif self._nap is not None:
            self._nap.cancel()

    async def _hand_out(self) -> None:
        """Gives turns as they fall due until nobody waits."""
        while self._lanes:
            # What a full second holds back is not made up for: each second would begin with a burst.
            self._due = max(self._due, self._full_until())
            wait = min(self._due_of(lane) for lane in self._lanes) - self._clock()
            if wait > _SOON_S:
                self._nap = asyncio.ensure_future(self._sleep(min(wait, _LOOK_S)))
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
                self._taken.append([self._clock()])
                turn.set_result(self._taken[-1])

    def _due_of(self, lane: _Lane) -> float:
        # From a turn to the next it is never longer than at the rate of now, should it have recovered.
        rate = self._rate()
        due = max(self._paused_until, self._full_until(), min(self._due, self._drawn + _SOON_S + 1 / rate))
        if not lane[1]:
            return due
        longest = _SOON_S + 1 / (rate * self._share)
        return max(due, min(self._unattended_due, self._unattended_drawn + longest))

    def _full_until(self) -> float:
        """When the running second has room for a turn again; long ago where it has."""
        taken, now = self._taken, self._clock()
        while taken and taken[0][0] + 1 + _SOON_S <= now:
            taken.popleft()
        room = max(1, math.ceil(self._rate()))
        # Later by what a turn may come too soon.
        return taken[-room][0] + 1 + _SOON_S if len(taken) >= room else -math.inf

    def _draw(self, turns: int, *, unattended: bool) -> None:
        rate, now = self._rate(), self._clock()
        earliest = now - _CREDIT_S
        self._due, self._drawn = max(self._due, earliest) + turns / rate, now
        if unattended:
            self._unattended_drawn = now
            self._unattended_due = max(self._unattended_due, earliest) + turns / (rate * self._share)
