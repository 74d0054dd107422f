"""Columns out of plain lines, for the tests of explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cwtui.core.models import Columns, Level
from cwtui.lang.envelope import level_of

START = 1_795_300_000_000


def columns(
    messages: Sequence[str],
    *,
    levels: Sequence[int] | None = None,
    times: Sequence[int] | None = None,
    group: str = "/app/orders",
    streams: Sequence[str] | None = None,
    first: int = 0,
) -> Columns:
    """One chunk; a second between events and levels by the envelope, unless given."""
    count = len(messages)
    stamps = list(times) if times is not None else [START + 1000 * (first + i) for i in range(count)]
    return Columns(
        ids=list(range(first, first + count)),
        timestamps=stamps,
        ingestion_times=stamps,
        levels=list(levels) if levels is not None else [int(level_of(message)) for message in messages],
        accounts=["1"] * count,
        regions=["eu-west-1"] * count,
        groups=[group] * count,
        streams=list(streams) if streams is not None else ["main"] * count,
        messages=list(messages),
        event_ids=[f"event-{first + i}" for i in range(count)],
        raws=[None] * count,
    )


def cut(events: Columns, sizes: Sequence[int]) -> Iterator[Columns]:
    """The same events in chunks of the given sizes, the last as long as needed."""
    start = 0
    for size in [*sizes, len(events)]:
        end = min(len(events), start + size)
        if end > start:
            yield Columns(
                *(
                    getattr(events, name)[start:end]
                    for name in (
                        "ids",
                        "timestamps",
                        "ingestion_times",
                        "levels",
                        "accounts",
                        "regions",
                        "groups",
                        "streams",
                        "messages",
                        "event_ids",
                        "raws",
                    )
                )
            )
        start = end


UNKNOWN = int(Level.UNKNOWN)
INFO = int(Level.INFO)
WARN = int(Level.WARN)
ERROR = int(Level.ERROR)
