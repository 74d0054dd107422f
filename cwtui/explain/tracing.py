"""The stack traces of a pattern's events, counted."""

from __future__ import annotations

from collections.abc import Sequence

from cwtui.explain.templates import Pattern
from cwtui.explain.values import TraceSummary, spread
from cwtui.lang.traces import Trace

_LISTED = 5
_RAISED = 120


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


def raised(pattern: Pattern) -> str:
    """The errors of the stack trace that a pattern's events have most, outermost first, or empty.

    Empty, too, where its own text names them: `Servlet.service() threw exception` does not.
    """
    told = trace_summaries(pattern.traces)
    errors = [error.rpartition(".")[2] for error in told[0].errors] if told else []
    if not errors or any(error in pattern.text for error in errors):
        return ""
    return " caused by ".join(dict.fromkeys(errors))[:_RAISED]
