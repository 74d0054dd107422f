"""A digest as JSON and as Markdown. Both hold foreign text: JSON escapes it, Markdown fences it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cwtui.core.models import Level, Row
from cwtui.core.text import printable
from cwtui.core.timespec import iso
from cwtui.explain.compare import Evidence
from cwtui.explain.slot import slot_json
from cwtui.explain.values import Digest, Finding, FunctionSummary, PatternSummary

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$@])")
_CITED = 4
"""Events that a line of the Markdown text cites."""
_PATTERNS = 20
_QUOTED = 300
"""Characters of an event in the list at the end: what was said first must not scroll away."""


def unchanged(text: str) -> str:
    """In the place of `Redactor().redact` where nothing is to be redacted."""
    return text


def digest_json(
    digest: Digest, event_names: Callable[[int], str], redacted: Callable[[str], str] = unchanged
) -> dict[str, object]:
    """The object of `summarize -o json` (schema `cwtui.digest/1`).

    `event_names` gives the id of an event by its row id. `redacted` is applied to what quotes events.
    """
    scope = digest.scope

    def names(events: Sequence[int]) -> list[str]:
        return [event_names(event) for event in events]

    return {
        "schema": digest.schema,
        "scope": {
            "groups": list(scope.groups),
            "start": scope.start,
            "end": scope.end,
            "events": scope.events,
            "filters": scope.filters,
            "levels": {level.name.lower(): digest.levels[level] for level in Level},
            **_baseline_json(digest),
        },
        "headline": redacted(digest.headline),
        "findings": [_finding_json(finding, names, redacted) for finding in digest.findings],
        "patterns": [
            {
                "id": pattern.id,
                "text": redacted(pattern.text),
                "level": pattern.level.name.lower(),
                "severity": pattern.severity,
                "count": pattern.count,
                "share": pattern.share,
                "first": pattern.first,
                "last": pattern.last,
                "events": names(pattern.events),
                "slots": list(pattern.slots),
                **details_json(pattern, names),
                **change_json(pattern),
            }
            for pattern in digest.patterns
        ],
        "functions": [_function_json(function, names) for function in digest.functions],
        "limits": list(digest.limits),
    }


def change_json(pattern: PatternSummary) -> dict[str, object]:
    """How a pattern stands to the baseline: `change` and `evidence`; nothing where there is none."""
    if pattern.change is None or pattern.evidence is None:
        return {}
    return {"change": str(pattern.change), "evidence": evidence_json(pattern.evidence)}


def evidence_json(evidence: Evidence) -> dict[str, object]:
    """The numbers of a change."""
    return {
        "grade": evidence.grade,
        "count": evidence.count,
        "before": evidence.before,
        "ratio": evidence.ratio,
        "p": evidence.p,
    }


def details_json(pattern: PatternSummary, names: Callable[[Sequence[int]], list[str]]) -> dict[str, object]:
    """What stands in a pattern's slots, and the stack traces of its events."""
    return {
        "values": [slot_json(slot) for slot in pattern.values],
        "traces": [
            {
                "fingerprint": trace.fingerprint,
                "title": trace.title,
                "errors": list(trace.errors),
                "frames": list(trace.frames),
                "count": trace.count,
                "events": names(trace.events),
            }
            for trace in pattern.traces
        ],
    }


def _finding_json(
    finding: Finding, names: Callable[[Sequence[int]], list[str]], redacted: Callable[[str], str]
) -> dict[str, object]:
    said: dict[str, object] = {
        "kind": finding.kind,
        "severity": finding.severity,
        "text": redacted(finding.text),
        "patterns": list(finding.patterns),
        "events": names(finding.events),
    }
    return said if finding.evidence is None else {**said, "evidence": evidence_json(finding.evidence)}


def _baseline_json(digest: Digest) -> dict[str, object]:
    baseline = digest.scope.baseline
    if baseline is None:
        return {}
    return {
        "baseline": {
            "name": baseline.name,
            "start": baseline.start,
            "end": baseline.end,
            "events": baseline.events,
        }
    }


def _function_json(
    function: FunctionSummary, names: Callable[[Sequence[int]], list[str]]
) -> dict[str, object]:
    return {
        "group": function.group,
        "invocations": function.invocations,
        "coldStarts": function.cold_starts,
        "timeouts": function.timeouts,
        "errors": function.errors,
        "durationMs": {"p50": function.p50, "p95": function.p95, "max": function.slowest},
        "memoryMb": {"max": function.memory_max, "size": function.memory_size},
        "worst": [
            {"requestId": request, "durationMs": duration, "events": names(events)}
            for request, duration, events in function.worst
        ],
    }


def digest_markdown(
    digest: Digest,
    rows: Callable[[Sequence[int]], Sequence[Row]],
    redacted: Callable[[str], str] = unchanged,
) -> str:
    """The digest as Markdown; `[3]` cites an event of the list at its end.

    `rows` gives the events by row id, in the order asked (`Store.rows`). `redacted` is applied to all
    foreign text; pass `Redactor().redact` for what leaves the machine.
    """
    return _Markdown(rows, redacted).text(digest)


class Citing:
    """Numbers the events that a text cites, in the order in which it does."""

    def __init__(
        self,
        rows: Callable[[Sequence[int]], Sequence[Row]],
        redacted: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._rows = rows
        self._redacted = redacted
        self._cited: dict[int, int] = {}

    def cite(self, events: Sequence[int]) -> str:
        """` [1] [2]`, of the first few."""
        numbers = [self._cited.setdefault(event, len(self._cited) + 1) for event in events[:_CITED]]
        return "".join(f" [{number}]" for number in numbers)

    def citations(self) -> list[str]:
        """The events that were cited, each on a line of its own below a heading."""
        if not self._cited:
            return []
        lines = ["", "## Events", ""]
        for number, row in enumerate(self._rows(list(self._cited)), 1):
            place = f"{self.safe(row.group)} {self.safe(row.stream)}"
            # Redacted before it is cut: half a secret is not recognised.
            whole = self._redacted(row.message.rstrip("\r\n"))
            said = _escaped(whole if len(whole) <= _QUOTED else f"{whole[:_QUOTED]}…")
            lines.append(f"- [{number}] {iso(row.timestamp)} {place}: {said}")
        return lines

    def safe(self, text: str) -> str:
        """Foreign text that is no markup."""
        return _escaped(self._redacted(text))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", printable(text))


class _Markdown(Citing):
    def text(self, digest: Digest) -> str:
        scope = digest.scope
        lines = ["# Summary", "", self.safe(digest.headline), ""]
        if scope.events:
            lines += [f"- Window: {iso(scope.start)} to {iso(scope.end)}"]
        lines += [f"- Log group: {self.safe(group)}" for group in scope.groups]
        if scope.baseline is not None and scope.baseline.elsewhere:
            start, end = iso(scope.baseline.start), iso(scope.baseline.end)
            lines.append(f"- Compared with {self.safe(scope.baseline.name)}: {start} to {end}")
        if scope.filters:
            lines.append(f"- Filters: {self.safe(scope.filters)}")
        counts = [
            f"{digest.levels[level]:,} {level.name.lower()}"
            for level in reversed(Level)
            if digest.levels[level]
        ]
        if counts:
            lines.append(f"- Levels: {', '.join(counts)}")
        if digest.findings:
            lines += ["", "## Findings", ""]
            lines += [
                f"{number}. {self.safe(finding.text)}{self.cite(finding.events)}"
                for number, finding in enumerate(digest.findings, 1)
            ]
        if digest.patterns:
            lines += [
                "",
                "## Patterns",
                "",
                "| id | level | events | pattern | cites |",
                "|---|---|---:|---|---|",
            ]
            lines += [self._pattern(pattern) for pattern in digest.patterns[:_PATTERNS]]
        if digest.functions:
            lines += ["", "## Lambda functions", ""]
            lines += [self._function(function) for function in digest.functions]
        if digest.limits:
            lines += ["", "## Limits", ""]
            lines += [f"- {self.safe(limit)}" for limit in digest.limits]
        lines += self.citations()
        return "\n".join(lines) + "\n"

    def _pattern(self, pattern: PatternSummary) -> str:
        level = pattern.level.name.lower()
        text = self.safe(pattern.text)
        return f"| {pattern.id} | {level} | {pattern.count:,} | {text} |{self.cite(pattern.events)} |"

    def _function(self, function: FunctionSummary) -> str:
        worst = function.worst[0] if function.worst else None
        slowest = f", slowest request {self.safe(worst[0])}{self.cite(worst[2])}" if worst else ""
        return (
            f"- {self.safe(function.group)}: {function.invocations:,} invocations, "
            f"{function.cold_starts:,} cold starts, {function.timeouts:,} timeouts, "
            f"{function.errors:,} errors; duration p50 {function.p50:.0f} ms, p95 {function.p95:.0f} ms, "
            f"max {function.slowest:.0f} ms; memory {function.memory_max} of "
            f"{function.memory_size} MB{slowest}"
        )
