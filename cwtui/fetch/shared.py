"""Budgets of several readers: those of one account and region share one, for its quota is one.

Where a reader reads is known only once AWS said who asks, so its first call waits for that answer;
before it nothing is sent, and the calls of all together never exceed the quota.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cwtui.core.errors import CwtuiError
from cwtui.core.naming import Place
from cwtui.fetch.budget import Budget, Pace

_T = TypeVar("_T")


class Budgets:
    """The budgets of a process, by account and region."""

    def __init__(self, made: Callable[[str], Budget]) -> None:
        """`made` makes the budget of a region."""
        self._made = made
        self._by_place: dict[Place, Budget] = {}

    def of(self, place: Place) -> Budget:
        """The one budget of an account and region; one for each who asks where the account is not known."""
        if not place.account:
            return self._made(place.region)
        return self._by_place.setdefault(place, self._made(place.region))


class Share:
    """What one reader may draw: the budget of its account and region, together with others there."""

    def __init__(self, budgets: Budgets, place: Callable[[], Awaitable[Place]], region: str = "") -> None:
        """`place` asks where the reader reads; `region` is what is known of it before."""
        self._budgets = budgets
        self._place = place
        self._asking = asyncio.Lock()
        self._known = False
        self.now = budgets.of(Place("", region))
        """The budget in force: one of its own until it is known where the reader reads."""

    async def call(
        self, operation: str, lane: str, work: Callable[[], Awaitable[_T]], *, unattended: bool = False
    ) -> _T:
        """As `Budget.call`."""
        if not self._known:
            await self._find()
        return await self.now.call(operation, lane, work, unattended=unattended)

    def pace(self, operation: str) -> Pace:
        """As `Budget.pace`."""
        return self.now.pace(operation)

    async def _find(self) -> None:
        async with self._asking:
            if self._known:
                return
            try:
                self.now = self._budgets.of(await self._place())
            except CwtuiError:
                # The call itself says what is wrong; whoever mends it is asked again.
                return
            self._known = True
