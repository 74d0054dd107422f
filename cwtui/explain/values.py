"""What an explanation consists of. Plain frozen values: the same input gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cwtui.core.models import Level
from cwtui.explain.compare import Evidence, Kind
from cwtui.explain.slot import Slot

SCHEMA = "cwtui.digest/1"
MAX_EVENTS = 20
"""Row ids that a finding or pattern carries at most."""
BUCKETS = 64


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a window is compared with."""

    name: str
    """previous, yesterday, last-week, rest, or as it was written."""
    start: int = 0
    end: int = 0
    """Exclusive, ms UTC; both 0: the rest of the loaded window, which no clock can measure."""
    notes: tuple[str, ...] = ()
    """One sentence for each thing of it that is not whole."""
    events: int = 0
    there: str = ""
    """Where its events are, as a sentence says it (`in /ecs/cart`), where that is no matter of time."""
    here: str = ""
    """Where those are that are compared with it."""

    @property
    def spoken(self) -> str:
        """`before`, or where it is: the rest of a window need not be earlier."""
        return self.there or ("before" if self.elsewhere else "in the rest")

    @property
    def counterpart(self) -> str:
        """What `spoken` is told apart from."""
        return self.here or ("now" if self.spoken == "before" else "here")

    @property
    def elsewhere(self) -> bool:
        """Whether its events lie in another window; their row ids stand as `~id` then, below zero."""
        return bool(self.start or self.end)


@dataclass(frozen=True, slots=True)
class Scope:
    """What was explained. Zeros and empty tuples are filled in from the events themselves."""

    groups: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    """Exclusive, ms UTC; 0 with `start` 0: from the first event to the last."""
    events: int = 0
    filters: str = ""
    """The filter stack as text, or empty."""
    notes: tuple[str, ...] = ()
    """One sentence for each thing that is not whole (Progress.partial, sampled, gaps)."""
    baseline: Baseline | None = None

    def counted(self, groups: tuple[str, ...], start: int, end: int, events: int) -> Scope:
        """The scope with what the events tell, where the caller did not say."""
        if self.start or self.end:
            start, end = self.start, self.end
        return replace(self, groups=self.groups or groups, start=start, end=end, events=events)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth knowing, computed, with the events that show it."""

    kind: str
    """first_error, onset, last_error, errors, burst, silence, stopped, lambda_timeout, lambda_memory,
    lambda_error, lambda_cold, cloudtrail, addresses_ai; against a baseline new, new_weak, vanished, more,
    fewer, bursting, field, path."""
    severity: int
    """0..5."""
    text: str
    """One sentence; holds foreign text."""
    patterns: tuple[str, ...] = ()
    """Ids of `PatternSummary`, those it rests on that are listed."""
    events: tuple[int, ...] = ()
    """Row ids, first to last, at most `MAX_EVENTS`; below zero `~id` of the baseline's window."""
    evidence: Evidence | None = None
    """Of a change: in numbers what the text says in words."""


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """Events of a pattern that failed in the same way."""

    fingerprint: str
    """The same for the same errors in the same functions, on whatever lines (`lang.traces`)."""
    title: str
    """The error at the bottom and where it came from; foreign text."""
    errors: tuple[str, ...]
    frames: tuple[str, ...]
    """Types, outermost first, and functions of one's own code, innermost first; foreign text."""
    count: int
    events: tuple[int, ...]
    """Row ids, at most `MAX_EVENTS`."""


@dataclass(frozen=True, slots=True)
class PatternSummary:
    """Events that say the same, as shown: one row of the patterns list."""

    id: str
    """P1, P2, ... by rank."""
    text: str
    """The template; foreign text."""
    level: Level
    severity: int
    count: int
    share: float
    """Of all events of the scope, 0..1."""
    first: int
    last: int
    """Times of its first and last event, ms UTC."""
    events: tuple[int, ...]
    """Row ids: the first, the last and others evenly between, at most `MAX_EVENTS`."""
    per_bucket: tuple[int, ...]
    """Events in each of `BUCKETS` equal parts of the scope."""
    slots: tuple[str, ...] = ()
    """What stands in its first slots, in words; foreign text."""
    values: tuple[Slot, ...] = ()
    """What stands in its slots, by number: how numbers are spread, which values are met most."""
    traces: tuple[TraceSummary, ...] = ()
    """The stack traces of its events, those met most first, at most five."""
    change: Kind | None = None
    """How it stands to the baseline, where there is one."""
    drawn: tuple[int, ...] = ()
    """Row ids of events drawn evenly, more than `events`: a filter must hold for all of them."""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class FunctionSummary:
    """A Lambda function's REPORT lines in figures; durations in ms, memory in MB."""

    group: str
    invocations: int
    cold_starts: int
    timeouts: int
    errors: int
    p50: float
    p95: float
    slowest: float
    memory_max: int
    memory_size: int
    worst: tuple[tuple[str, float, tuple[int, ...]], ...]
    """(request id, duration in ms, row ids) of the slowest requests, slowest first, at most five."""
    timeout_events: tuple[int, ...] = ()
    cold_events: tuple[int, ...] = ()
    error_events: tuple[int, ...] = ()
    memory_events: tuple[int, ...] = ()
    """REPORT lines of invocations that used at least 90 % of the memory."""


@dataclass(frozen=True, slots=True)
class Digest:
    """An explanation of a window in code's own words: every statement rests on events named by row id."""

    schema: str
    scope: Scope
    headline: str
    findings: tuple[Finding, ...]
    patterns: tuple[PatternSummary, ...]
    functions: tuple[FunctionSummary, ...]
    limits: tuple[str, ...]
    levels: tuple[int, ...] = (0,) * len(Level)
    """Events by level, indexed by `Level`."""
    patterns_found: int = 0
    """How many there are; `patterns` lists the first by rank."""
    vanished: tuple[PatternSummary, ...] = ()
    """Patterns of the baseline alone, B1, B2, ...; their times and row ids are the baseline's."""


def spread(events: tuple[int, ...] | list[int], at_most: int = MAX_EVENTS) -> tuple[int, ...]:
    """The first, the last and others evenly between."""
    if len(events) <= at_most:
        return tuple(events)
    return tuple(events[round(step * (len(events) - 1) / (at_most - 1))] for step in range(at_most))
