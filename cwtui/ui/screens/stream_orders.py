"""How the list of streams is ordered, and the headings between them. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, time, tzinfo
from typing import NamedTuple

from cwtui.access.stream_names import StreamName, by_activity, last_activity
from cwtui.core.models import LogStream

Parse = Callable[[LogStream], StreamName]
Headings = list[tuple[int, str]]


class StreamOrder(NamedTuple):
    """One order; `name` is empty for the usual one."""

    name: str
    sort: Callable[[Sequence[LogStream], Parse], list[LogStream]]
    headings: Callable[[Sequence[LogStream], Parse, tzinfo], Headings]


def _by_last(streams: Sequence[LogStream], parse: Parse) -> list[LogStream]:
    return by_activity(streams)


def _days(streams: Sequence[LogStream], parse: Parse, zone: tzinfo) -> Headings:
    """The day on which each was last written to. Looks at one stream of a day: there may be 100,000."""
    found: Headings = []
    place = 0
    while place < len(streams):
        at = last_activity(streams[place])
        if not at:
            found.append((place, "without events"))
            break
        try:
            day = datetime.fromtimestamp(at / 1000, zone).date()
            begin = datetime.combine(day, time(), zone).timestamp() * 1000
        except (OverflowError, ValueError, OSError):
            place += 1  # no calendar has that day
            continue
        found.append((place, f"{day:%Y-%m-%d %a}"))
        place = max(place + 1, bisect_right(streams, -begin, place, key=lambda each: -last_activity(each)))
    return found


def _by_version(streams: Sequence[LogStream], parse: Parse) -> list[LogStream]:
    # Stable: within a version the one written to last comes first, and the newest day before others.
    ordered = sorted(by_activity(streams), key=lambda stream: (parse(stream).kind, _version(parse(stream))))
    return sorted(ordered, key=lambda stream: parse(stream).day, reverse=True)


def _version(parsed: StreamName) -> tuple[str, str]:
    return (parsed.container, parsed.version)


def _versions(streams: Sequence[LogStream], parse: Parse, zone: tzinfo) -> Headings:
    found: Headings = []
    before: object = None
    for place, stream in enumerate(streams):
        parsed = parse(stream)
        group = (parsed.day, parsed.kind, _version(parsed))
        if group != before:
            words = (parsed.day, parsed.kind, parsed.container, parsed.version)
            found.append((place, "  ".join(word for word in words if word) or "others"))
            before = group
    return found


def _by_name(streams: Sequence[LogStream], parse: Parse) -> list[LogStream]:
    return sorted(streams, key=lambda stream: stream.name)


def _none(streams: Sequence[LogStream], parse: Parse, zone: tzinfo) -> Headings:
    return []


ORDERS = (
    StreamOrder("", _by_last, _days),
    StreamOrder("by day and version", _by_version, _versions),
    StreamOrder("by name", _by_name, _none),
)
