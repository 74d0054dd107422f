"""Which events have been delivered already: the memory that keeps every event from being shown twice.

FilterLogEvents names each event (`eventId`), and two true twins have two names; so an identity is
the name within its group. Only events inside the horizon are remembered: what is older than the
look-back can no longer be delivered again by a poll.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cwtui.core.models import EventBatch

FORGET_ABOVE = 50_000
"""Identities of one group below which forgetting is not worth its time."""


class Seen:
    """Identities of delivered events, by group. Memory is bounded by `forget`."""

    def __init__(self, forget_above: int = FORGET_ABOVE) -> None:
        self._forget_above = forget_above
        self._by_group: dict[str, dict[str, int]] = {}

    def __len__(self) -> int:
        return sum(len(names) for names in self._by_group.values())

    def admit(self, batch: EventBatch) -> EventBatch:
        """The events of the batch that were not delivered before, in their order; remembers them."""
        seen = self._by_group.setdefault(batch.group, {})
        fresh: list[int] = []
        for row, name in enumerate(_names(batch)):
            if name not in seen:
                seen[name] = batch.timestamps[row]
                fresh.append(row)
        return batch if len(fresh) == len(batch) else batch.take(fresh)

    def forget(self, group: str, keep: Callable[[int], bool]) -> None:
        """Drops the identities whose timestamp (ms) `keep` refuses, once there are many."""
        seen = self._by_group.get(group, {})
        if len(seen) > self._forget_above:
            self._by_group[group] = {name: at for name, at in seen.items() if keep(at)}


def _names(batch: EventBatch) -> Iterator[str]:
    for row, name in enumerate(batch.event_ids):
        # An event without a name (a malformed answer) is told by all that it is.
        yield name or (
            f"{batch.timestamps[row]}\0{batch.ingestion_times[row]}\0{batch.streams[row]}\0{batch.messages[row]}"
        )
