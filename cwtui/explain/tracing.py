"""The stack traces of a pattern's events, counted."""

from __future__ import annotations

from collections.abc import Sequence

from cwtui.explain.values import TraceSummary, spread
from cwtui.lang.traces import Trace

_LISTED = 5


def trace_summaries(traces: Sequence[tuple[int, Trace]]) -> tuple[TraceSummary, ...]:
    """What of (row id, trace) was met most, at most five; of equal counts the earlier first."""
    rows: dict[Trace, list[int]] = {}
    for row, trace in traces:
        rows.setdefault(trace, []).append(row)
    most = sorted(rows.items(), key=lambda item: -len(item[1]))[:_LISTED]
    return tuple(
        TraceSummary(trace.fingerprint, trace.title, trace.errors, trace.frames, len(events), spread(events))
        for trace, events in most
    )
