"""A window to a digest: what happened, by severity, each statement with the events it rests on.

One pass over the events in display order, then figures over the patterns found. No model takes part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns, Level
from cwtui.core.timespec import human_duration
from cwtui.explain import changes as changed
from cwtui.explain.beside import is_marked, parted
from cwtui.explain.bursts import bucket_counts
from cwtui.explain.changed_fields import changed_fields
from cwtui.explain.changed_slots import slot_numbers
from cwtui.explain.cloudtrail import Change, change_of
from cwtui.explain.findings import (
    CHANGE_FINDINGS,
    GRAVE,
    LISTED,
    FindingWriter,
    Ranked,
    many,
    quote,
    ranked_patterns,
)
from cwtui.explain.injection import addressing
from cwtui.explain.lambda_report import LambdaFigures, speaking
from cwtui.explain.masks import MAX_CHARACTERS
from cwtui.explain.paths import READ, Requests, partings
from cwtui.explain.reservoir import DRAWN
from cwtui.explain.sampled import Sample
from cwtui.explain.slots import SHOWN_SLOTS, slots_of
from cwtui.explain.templates import Miner
from cwtui.explain.tracing import raised, trace_summaries
from cwtui.explain.values import MAX_EVENTS, SCHEMA, Digest, Finding, PatternSummary, Scope, spread

DRAWN_ROWS = 1_000
"""Events of a pattern that a filter for it is fitted to."""
DETAILED = 500
"""Patterns whose slots are looked at, the gravest first."""
_OF_NOTE = frozenset(("cloudtrail", "lambda_timeout", "lambda_error", "lambda_memory"))
"""Kinds of findings that a headline names where no error is as grave."""
_NOTED = 160
# Exact figures of the calendar: a scope wider than this came from a broken clock.
_SANE_SPAN_MS = 400 * 86_400_000


def build_digest(
    chunks: Iterable[Columns],
    scope: Scope,
    *,
    listed: int = LISTED,
) -> Digest:
    """The digest of events given in display order. Pure and deterministic; call it off the event loop.

    Where the scope has a baseline, its events come first, as `beside.marked` gives them.
    """
    reading = _Reading(comparing=scope.baseline is not None)
    for chunk in chunks:
        reading.add(chunk)
    return _Drawing(reading, scope, listed).digest()


def digest_and_patterns(
    chunks: Iterable[Columns], scope: Scope, listed: int = LISTED
) -> tuple[Digest, NDArray[np.int64]]:
    """The digest, and for every event in order the n of its pattern `Pn`. Of one window, no baseline."""
    reading = _Reading(comparing=False)
    for chunk in chunks:
        reading.add(chunk)
    drawing = _Drawing(reading, replace(scope, baseline=None), listed)
    return drawing.digest(), drawing.numbers()


@dataclass(slots=True)
class _Reading:
    """What one pass over the events gathers."""

    comparing: bool
    miner: Miner = field(default_factory=Miner)
    lambdas: LambdaFigures = field(default_factory=LambdaFigures)
    levels: list[int] = field(default_factory=lambda: [0] * len(Level))
    groups: dict[str, int] = field(default_factory=dict)
    changes: dict[str, tuple[Change, int, list[int]]] = field(default_factory=dict)
    """By key: a CloudTrail change, when it came first, and its row ids."""
    addressing: list[int] = field(default_factory=list)
    before: int = 0
    """Events of the baseline."""
    sample: Sample = field(default_factory=Sample)
    sample_before: Sample = field(default_factory=Sample)
    """Lines whose fields are compared, of the window and of its baseline."""
    requests: Requests = field(default_factory=Requests)

    def add(self, chunk: Columns) -> None:
        self.miner.add(chunk)
        if is_marked(chunk):
            self.before += len(chunk)
            self.sample_before.add(chunk)
            return
        if self.comparing:
            self.sample.add(chunk)
            self.requests.add(chunk)
        for level, count in zip(*np.unique(np.asarray(chunk.levels), return_counts=True), strict=True):
            self.levels[int(level) if 0 <= level <= Level.FATAL else 0] += int(count)
        for group, count in Counter(chunk.groups).items():
            self.groups[group] = self.groups.get(group, 0) + count
        for place in speaking(chunk.messages):
            self.lambdas.add(chunk.ids[place], chunk.groups[place], chunk.messages[place])
        for place, message in enumerate(chunk.messages):
            if '"eventName"' in message and (change := change_of(message)) is not None:
                kept = self.changes.setdefault(change.key, (change, chunk.timestamps[place], []))
                kept[2].append(chunk.ids[place])
        self.addressing += [chunk.ids[position] for position in addressing(chunk.messages)]


class _Drawing:
    """Turns what was read into the digest's sentences."""

    def __init__(self, reading: _Reading, scope: Scope, listed: int) -> None:
        self.reading = reading
        self.listed = listed
        mined, pattern_of = reading.miner.assigned()
        parts = [parted(pattern) for pattern in mined]
        self.parts = parts
        self.pattern_of = pattern_of[reading.before :]
        patterns = [part.here for part in parts if part.here is not None]
        first = min((int(pattern.times.min()) for pattern in patterns), default=0)
        last = max((int(pattern.times.max()) for pattern in patterns), default=0)
        groups = tuple(sorted(reading.groups, key=lambda name: (-reading.groups[name], name)))
        self.scope = scope.counted(groups, first, last + 1, len(reading.miner) - reading.before)
        self.patterns = ranked_patterns(patterns)
        self.changes: changed.Changes | None = None
        if scope.baseline is not None:
            self.changes = changed.changes_of(parts, self.patterns, self.scope, reading.before)
            self.scope = replace(self.scope, baseline=self.changes.baseline)
        self.writer = FindingWriter(self.patterns, self.scope.start, self.scope.end)

    def numbers(self) -> NDArray[np.int64]:
        """For every event of the window, in order, the n of its pattern `Pn`."""
        ranks = {id(ranked.pattern): int(ranked.id[1:]) for ranked in self.patterns}
        of_mined = [ranks[id(part.here)] if part.here is not None else 0 for part in self.parts]
        return np.array(of_mined, dtype=np.int64)[self.pattern_of]

    def digest(self) -> Digest:
        scope, reading, writer = self.scope, self.reading, self.writer
        functions = reading.lambdas.functions()
        findings = [
            *self._changes(),
            *writer.edges(),
            *writer.errors(),
            *writer.bursts(),
            # Of what could not be read nobody knows whether it was silent.
            *(() if scope.notes else writer.silences()),
            *writer.lambdas(functions),
            *writer.changes(list(reading.changes.values())),
            *writer.addressing(reading.addressing),
        ]
        findings.sort(key=lambda finding: -finding.severity)
        listed = self.patterns[: self.listed]
        return Digest(
            schema=SCHEMA,
            scope=scope,
            headline=self._headline(findings),
            findings=tuple(findings),
            patterns=tuple(self._summary(ranked) for ranked in listed),
            functions=functions,
            limits=self._limits(),
            levels=tuple(reading.levels),
            patterns_found=len(self.patterns),
            vanished=self.changes.vanished(self.listed) if self.changes is not None else (),
        )

    def _changes(self) -> Iterable[Finding]:
        if self.changes is None:
            return
        yield from changed.change_findings(self.changes, self.patterns)
        if self.changes.baseline.events:
            samples = self.reading.sample, self.reading.sample_before
            fields = changed_fields(*samples, slot_numbers(self.parts))
            yield from changed.field_findings(fields, self.changes.baseline, self.patterns)
        requests = self.reading.requests
        ranked = {id(each.pattern): each for each in self.patterns}
        steps = {
            place: ranked[id(part.here)] for place, part in enumerate(self.parts) if part.here is not None
        }
        grave = {place for place, each in steps.items() if each.severity >= GRAVE}
        if grave:
            parted_ways = partings(requests.lines, self.pattern_of[: len(requests.rows)].tolist(), grave)
            yield from changed.path_findings(parted_ways, steps, requests.rows)

    def _headline(self, findings: list[Finding]) -> str:
        scope, levels = self.scope, self.reading.levels
        if not scope.events:
            return "No events to explain."
        errors = levels[Level.ERROR] + levels[Level.FATAL]
        parts = [
            f"{many(scope.events, 'event')} in {human_duration(max(0, scope.end - scope.start))}"
            f" from {many(len(scope.groups), 'log group')}"
        ]
        told = [many(errors, "error")] if errors else []
        if levels[Level.WARN]:
            told.append(many(levels[Level.WARN], "warning"))
        parts.append(", ".join(told) if told else "no line says it is an error or a warning")
        grave = self.writer.grave()
        if grave:
            worst = grave[0]
            with_ = f", {kind}" if (kind := raised(worst.pattern)) else ""
            parts.append(
                f"worst: {quote(worst.pattern.text)}{with_} ({worst.pattern.count:,}x, "
                f"first {self.writer.at(int(worst.pattern.times.min()))})"
            )
        least = grave[0].severity + 1 if grave else 3
        if findings and findings[0].severity >= least and findings[0].kind in _OF_NOTE:
            # No line of it says that it is an error, and yet: a trail was stopped.
            parts.append(quote(findings[0].text.rstrip("."), _NOTED)[1:-1])
        if self.changes is not None and self.changes.baseline.events:
            parts.append(changed.headline(self.changes))
        return "; ".join(parts) + "."

    def _limits(self) -> tuple[str, ...]:
        miner, scope = self.reading.miner, self.scope
        limits = list(scope.notes)
        if len(self.patterns) > self.listed:
            rest = self.patterns[self.listed :]
            events = sum(ranked.pattern.count for ranked in rest)
            limits.append(f"{many(len(rest), 'more pattern')} ({many(events, 'event')}) are not listed.")
        if miner.overflowed:
            limits.append('There were too many different lines: the rarest are put together as "other: ...".')
        if any(ranked.pattern.count > len(ranked.pattern.drawn) for ranked in self.patterns):
            limits.append(
                f"The values in patterns of more than {min(miner.drawn, DRAWN):,} events are those of events "
                "drawn evenly."
            )
        if self.listed > DETAILED and len(self.patterns) > DETAILED:
            limits.append(f"Values are told of the gravest {DETAILED:,} patterns only.")
        if miner.cut:
            limits.append(
                f"Of {many(miner.cut, 'long message')} only the first {MAX_CHARACTERS:,} characters "
                "were compared."
            )
        if len(self.reading.changes) > CHANGE_FINDINGS:
            more = len(self.reading.changes) - CHANGE_FINDINGS
            limits.append(f"{many(more, 'more CloudTrail change')} of lesser weight are not told.")
        if scope.end - scope.start > _SANE_SPAN_MS:
            limits.append("Some timestamps lie years apart: bursts and rates mean little here.")
        if scope.events:
            limits += self._limits_of_change()
        return tuple(limits)

    def _limits_of_change(self) -> list[str]:
        if self.changes is None:
            return ["No baseline: nothing is said about what is new or more frequent than before."]
        baseline = self.changes.baseline
        if not baseline.events:
            return [f"The baseline, {changed.described(baseline)}, is empty: nothing can be compared."]
        limits = [f"Of the baseline: {note}" for note in baseline.notes]
        if self.reading.requests.cut:
            limits.append(f"Only the first {many(READ, 'event')} were read for the paths of requests.")
        more, weak = changed.untold(self.changes)
        if more:
            limits.append(f"{many(more, 'more changed pattern')} of lesser weight are not told.")
        if weak:
            limits.append(
                f"{many(weak, 'more pattern')} not seen {baseline.spoken}, on little evidence, are not told."
            )
        return limits

    def _summary(self, ranked: Ranked) -> PatternSummary:
        pattern = ranked.pattern
        values = slots_of(pattern) if int(ranked.id[1:]) <= DETAILED else ()
        verdict = self.changes.here.get(ranked.id) if self.changes is not None else None
        return PatternSummary(
            id=ranked.id,
            text=pattern.text,
            level=pattern.level,
            severity=ranked.severity,
            count=pattern.count,
            share=round(pattern.count / max(1, self.scope.events), 6),
            first=int(pattern.times.min()),
            last=int(pattern.times.max()),
            events=spread(pattern.ids.tolist(), MAX_EVENTS),
            per_bucket=tuple(bucket_counts(pattern.times, self.scope.start, self.scope.end).tolist()),
            slots=tuple(str(value) for value in values[:SHOWN_SLOTS]),
            values=values,
            traces=trace_summaries(pattern.traces),
            change=verdict.kind if verdict else None,
            drawn=spread(pattern.ids.tolist(), DRAWN_ROWS) if int(ranked.id[1:]) <= LISTED else (),
            evidence=verdict.evidence if verdict else None,
        )
