"""Which events belong to a tail: those of its window, and what comes late to a tail that begins now."""

from __future__ import annotations

from dataclasses import dataclass

from cwtui.core.models import EventBatch


@dataclass(frozen=True, slots=True)
class Belonging:
    """What is delivered of the events that were read, for whatever reason they were."""

    start: int
    """Where the query's window begins (ms)."""
    arrived_since: int | None = None
    """Events from before the window belong, too, if they were ingested from then on (ms); None: no such."""

    def of(self, batch: EventBatch, streams: tuple[str, ...] = ()) -> EventBatch:
        """The events that belong; of these streams only, where some are named."""
        if not streams and min(batch.timestamps, default=self.start) >= self.start:
            return batch
        columns = zip(batch.timestamps, batch.ingestion_times, batch.streams, strict=True)
        rows = [
            row
            for row, (timestamp, ingested, stream) in enumerate(columns)
            if (timestamp >= self.start or self._came_late(ingested)) and (not streams or stream in streams)
        ]
        return batch if len(rows) == len(batch) else batch.take(rows)

    def _came_late(self, ingested: int) -> bool:
        return self.arrived_since is not None and ingested >= self.arrived_since
