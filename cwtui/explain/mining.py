"""The miner off the event loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns
from cwtui.explain.apart import THREAD_EVENTS, Apart
from cwtui.explain.pattern_table import Mined, PatternTable

__all__ = ["THREAD_EVENTS", "Mining"]


class Mining(Apart):
    """One miner and what is asked of it."""

    def __init__(self, *, apart: bool) -> None:
        """`apart`: in a process of its own."""
        super().__init__(Mined, apart=apart, purpose="looks for patterns", code="patterns")

    async def add(self, events: Columns) -> None:
        """Takes events; what no template needs is not sent."""
        await self.ask("add", replace(events, event_ids=(), raws=()))

    async def table(self, start: int, end: int) -> PatternTable:
        """The patterns now, their events counted over `[start, end)` ms."""
        return cast(PatternTable, await self.ask("table", start, end))

    async def examples(self, key: int, at_most: int) -> NDArray[np.int64]:
        """Row ids of events of a pattern of the last table, drawn evenly; none where it is gone."""
        return cast("NDArray[np.int64]", await self.ask("examples", key, at_most))

    async def others(self, key: int, at_most: int) -> list[tuple[str, str]]:
        """(template, message) of other patterns of the same level."""
        return cast("list[tuple[str, str]]", await self.ask("others", key, at_most))

    async def slots(self, key: int, samples: Sequence[tuple[int, str]]) -> tuple[str, ...]:
        """What stands in the slots of a pattern of the last table; `samples`: (row id, message) of events."""
        return cast("tuple[str, ...]", await self.ask("slots", key, list(samples)))
