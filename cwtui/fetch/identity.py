"""Which events have been delivered already: the memory that keeps every event from being shown twice.

Two sources bring the same events. FilterLogEvents names each (`eventId`), and two true twins have two
names: there a name is an identity. A live tail names none: it is known only by its *content* (stream,
timestamp, ingestion time, message), and twins share that. So contents are counted, per source:

    delivered(content) == max(names polled with it, times one live session brought it)

Whoever brings an event first has it delivered; the other source's count then catches up in silence. A
twin raises a count above the maximum and is delivered. A new session starts its own count, because the
seam between two sessions may hold an event twice; a twin that this hides has a name, and polling brings it.

Memory is kept in spans of time, so that forgetting drops whole spans and costs nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

from cwtui.core.models import EventBatch
from cwtui.fetch.watch import Reached

SPAN_MS = 10_000


class _Span:
    """What was delivered of one group in ten seconds of timestamps."""

    __slots__ = ("live", "names", "polled", "session")

    def __init__(self) -> None:
        # Not a set: in each full collection Python walks every set, and no dict of texts.
        self.names: dict[str, None] = {}
        self.polled: dict[int, int] = {}
        """Names by content (its 64-bit hash)."""
        self.live: dict[int, int] = {}
        """The most of a content that any one session brought."""
        self.session: dict[int, int] = {}
        """What the running session brought."""


class Seen:
    """Identities of delivered events, by group. Memory is bounded by `forget`.

    A group is what its query calls it (`core.naming`): a name alone may stand for groups of two accounts.
    """

    def __init__(self) -> None:
        self._by_group: dict[str, dict[int, _Span]] = {}
        self._home: dict[str, tuple[str, str]] = {}
        """Account and region in which each group was met first: recordings may hold it of several."""
        self._held: dict[str, list[tuple[int, int]]] = {}
        self.reached: dict[str, Reached] = {}
        """How far a tail has come, by group, for the next one over this memory."""

    def __len__(self) -> int:
        """Names and contents remembered."""
        return sum(
            len(span.names) + len(span.live) for spans in self._by_group.values() for span in spans.values()
        )

    def admit(
        self, batch: EventBatch, group: str = "", *, live: bool = False, live_since: int = 0
    ) -> EventBatch:
        """The events of the batch that were not delivered before, in their order; remembers them.

        `group` is the identifier of their group, by default its plain name.

        `live` says that they come from the live session that `begin_session` announced. What was ingested
        before `live_since` (ms) no live session will bring: contents are not counted of it.
        """
        spans = self._by_group.setdefault(group or batch.group, {})
        whose = self._whose(group or batch.group, batch)
        fresh: list[int] = []
        span, start = _Span(), -1
        columns = zip(batch.event_ids, batch.timestamps, batch.ingestion_times, strict=True)
        for row, (name, timestamp, ingested) in enumerate(columns):
            if not start <= timestamp < start + SPAN_MS or start < 0:
                number = timestamp // SPAN_MS
                span, start = spans.setdefault(number, _Span()), number * SPAN_MS
            if live and not name:
                content = _content(batch, row, whose)
                brought = span.session[content] = span.session.get(content, 0) + 1
                if brought > span.live.get(content, 0):
                    span.live[content] = brought
                    if brought > span.polled.get(content, 0):
                        fresh.append(row)
                continue
            name = whose + (name or _all_that_it_is(batch, row))
            if name in span.names:
                continue
            span.names[name] = None
            if ingested < live_since:
                fresh.append(row)
                continue
            content = _content(batch, row, whose)
            polled = span.polled[content] = span.polled.get(content, 0) + 1
            if polled > span.live.get(content, 0):
                fresh.append(row)
        return batch if len(fresh) == len(batch) else batch.take(fresh)

    def begin_session(self, group: str) -> None:
        """From here on `admit(live=True)` counts what a new live session brings of the group."""
        for span in self._by_group.get(group, {}).values():
            span.session = {}

    def admit_named(self, batch: EventBatch, recent: int) -> EventBatch:
        """`admit` for a source that gives each event once: only a repeated name makes a repetition.

        Events without a name are remembered from the moment `recent` (ms) on, for whoever follows then.
        """
        if not any(batch.event_ids) and max(batch.timestamps, default=recent - 1) < recent:
            return batch
        spans = self._by_group.setdefault(batch.group, {})
        whose = self._whose(batch.group, batch)
        fresh: list[int] = []
        for row, (name, timestamp) in enumerate(zip(batch.event_ids, batch.timestamps, strict=True)):
            if name:
                names = spans.setdefault(timestamp // SPAN_MS, _Span()).names
                if whose + name in names:
                    continue
                names[whose + name] = None
            elif timestamp >= recent:
                known = whose + _all_that_it_is(batch, row)
                spans.setdefault(timestamp // SPAN_MS, _Span()).names[known] = None
            fresh.append(row)
        return batch if len(fresh) == len(batch) else batch.take(fresh)

    def _whose(self, group: str, batch: EventBatch) -> str:
        """What to put before an event's name where its account or region is not that of its group's first."""
        place = (batch.account, batch.region)
        return "" if self._home.setdefault(group, place) == place else "\0".join((*place, ""))

    def hold(self, group: str, times: Iterable[tuple[int, int]]) -> None:
        """Whatever is forgotten, the names of these times, ms `[start, end)`, stay; until told otherwise."""
        spans: list[tuple[int, int]] = []
        for start, end in sorted((start // SPAN_MS, (end - 1) // SPAN_MS) for start, end in times):
            if spans and start <= spans[-1][1] + 1:
                spans[-1] = (spans[-1][0], max(spans[-1][1], end))
            else:
                spans.append((start, end))
        self._held[group] = spans

    def forget(self, group: str, keep: Callable[[int], bool]) -> None:
        """Drops the spans of time of which `keep` refuses both ends (ms), save those that are held."""
        spans = self._by_group.get(group, {})
        gone = [span for span in spans if not (keep(span * SPAN_MS) or keep((span + 1) * SPAN_MS - 1))]
        held = self._held.get(group, [])
        for span in gone:
            at = bisect_right(held, (span, 1 << 62)) - 1
            if at < 0 or held[at][1] < span:
                del spans[span]


def _content(batch: EventBatch, row: int, whose: str) -> int:
    """What a live tail tells of an event, as a hash of 64 bits."""
    told = (batch.streams[row], batch.timestamps[row], batch.ingestion_times[row], batch.messages[row])
    return hash((whose, *told) if whose else told)


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
