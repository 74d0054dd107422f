"""How far before its watermark a round reads: as far as nearly all events were seen to come late."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

FIRST_OVERLAP_MS = 10_000
LEAST_OVERLAP_MS = 2_000
_ENOUGH = 20.0
"""Events without which nothing is concluded."""
_CAUGHT = 0.99


class Overlap:
    """Of one group; `ms` is what rounds use. The few that come later yet are left to sweeps."""

    def __init__(self, most_ms: int) -> None:
        self.ms = min(FIRST_OVERLAP_MS, most_ms)
        self._most_ms = most_ms
        self._late = [0.0] * (most_ms // 1000 + 2)
        """How many events came so many seconds (rounded up) behind the watermark; quartered by `measure`."""

    def note(self, watermark: int, timestamps: Iterable[int]) -> None:
        """New events of a round or a sweep, by the watermark before it.

        Their distance from it is what an overlap has to bridge, whatever two clocks say of each other.
        """
        late, last = self._late, len(self._late) - 1
        for timestamp in timestamps:
            late[min(last, max(0, (watermark - timestamp + 999) // 1000))] += 1

    def measure(self) -> None:
        """Sets `ms` from what was noted; older notes count a quarter each time."""
        total = sum(self._late)
        if total >= _ENOUGH:
            caught = accumulate(self._late)
            seconds = next(second for second, count in enumerate(caught) if count >= total * _CAUGHT)
            self.ms = min(self._most_ms, max(LEAST_OVERLAP_MS, (seconds + 1) * 1000))
        self._late = [count / 4 for count in self._late]
