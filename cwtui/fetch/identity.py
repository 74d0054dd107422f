"""Which events have been delivered already: the memory that keeps every event from being shown twice.

FilterLogEvents names each event (`eventId`), and two true twins have two names; so an identity is
the name within its group. Identities are kept in spans of time, so that forgetting those that can
no longer be delivered again drops whole spans and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from cwtui.core.models import EventBatch

SPAN_MS = 10_000


class Seen:
    """Identities of delivered events, by group. Memory is bounded by `forget`."""

    def __init__(self) -> None:
        self._by_group: dict[str, dict[int, set[str]]] = {}

    def __len__(self) -> int:
        return sum(len(names) for spans in self._by_group.values() for names in spans.values())

    def admit(self, batch: EventBatch) -> EventBatch:
        """The events of the batch that were not delivered before, in their order; remembers them."""
        spans = self._by_group.setdefault(batch.group, {})
        fresh: list[int] = []
        for row, (name, timestamp) in enumerate(zip(batch.event_ids, batch.timestamps, strict=True)):
            identity = name or _all_that_it_is(batch, row)
            names = spans.get(timestamp // SPAN_MS)
            if names is None:
                names = spans[timestamp // SPAN_MS] = set()
            if identity not in names:
                names.add(identity)
                fresh.append(row)
        return batch if len(fresh) == len(batch) else batch.take(fresh)

    def admit_named(self, batch: EventBatch, recent: int) -> EventBatch:
        """`admit` for a source that gives each event once: only a repeated name makes a repetition.

        Events without a name are remembered from the moment `recent` (ms) on, for whoever follows then.
        """
        if not any(batch.event_ids) and max(batch.timestamps, default=recent - 1) < recent:
            return batch
        spans = self._by_group.setdefault(batch.group, {})
        fresh: list[int] = []
        for row, (name, timestamp) in enumerate(zip(batch.event_ids, batch.timestamps, strict=True)):
            if name:
                names = spans.setdefault(timestamp // SPAN_MS, set())
                if name in names:
                    continue
                names.add(name)
            elif timestamp >= recent:
                spans.setdefault(timestamp // SPAN_MS, set()).add(_all_that_it_is(batch, row))
            fresh.append(row)
        return batch if len(fresh) == len(batch) else batch.take(fresh)

    def forget(self, group: str, keep: Callable[[int], bool]) -> None:
        """Drops the spans of time of which `keep` refuses both ends (ms)."""
        spans = self._by_group.get(group, {})
        gone = [span for span in spans if not (keep(span * SPAN_MS) or keep((span + 1) * SPAN_MS - 1))]
        for span in gone:
            del spans[span]


def _all_that_it_is(batch: EventBatch, row: int) -> str:
    """What tells an event that a malformed answer left without a name."""
    return "\0".join(
        (
            str(batch.timestamps[row]),
            str(batch.ingestion_times[row]),
            batch.streams[row],
            batch.messages[row],
        )
    )
