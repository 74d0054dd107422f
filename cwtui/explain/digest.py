"""A window to a digest: what happened, by severity, each statement with the events it rests on.

One pass over the events in display order, then figures over the patterns found. No model takes part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cwtui.core.models import Columns, Level
from cwtui.core.timespec import human_duration
from cwtui.explain import severity
from cwtui.explain.bursts import bounds, bucket_counts, find_burst
from cwtui.explain.cloudtrail import Change, change_of
from cwtui.explain.injection import addressing
from cwtui.explain.lambda_report import LambdaFigures
from cwtui.explain.masks import MAX_CHARACTERS
from cwtui.explain.slots import slot_values
from cwtui.explain.templates import Miner, Pattern
from cwtui.explain.times import Moments
from cwtui.explain.values import (
    BUCKETS,
    MAX_EVENTS,
    SCHEMA,
    Digest,
    Finding,
    FunctionSummary,
    PatternSummary,
    Scope,
    spread,
)

_LISTED = 40
_ERROR_FINDINGS = 6
_BURST_FINDINGS = 4
_CHANGE_FINDINGS = 8
_BEFORE_MS = (60_000, 600_000)
"""How far before an error its forerunners are looked for; the second where the first shows none."""
_QUOTE = 120
# Exact figures of the calendar: a scope wider than this came from a broken clock.
_SANE_SPAN_MS = 400 * 86_400_000


def build_digest(
    chunks: Iterable[Columns], scope: Scope, *, cancelled: Callable[[], bool] = lambda: False
) -> Digest:
    """The digest of events given in display order. Pure and deterministic; call it off the event loop.

    When `cancelled` answers true between two chunks, the digest covers what was read and says so.
    """
    reading = _Reading()
    for chunk in chunks:
        if cancelled():
            reading.stopped = True
            break
        reading.add(chunk)
    return _Drawing(reading, scope).digest()


@dataclass(slots=True)
class _Reading:
    """What one pass over the events gathers."""

    miner: Miner = field(default_factory=Miner)
    lambdas: LambdaFigures = field(default_factory=LambdaFigures)
    levels: list[int] = field(default_factory=lambda: [0] * len(Level))
    groups: dict[str, int] = field(default_factory=dict)
    changes: dict[str, tuple[Change, list[int]]] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    """When each of them came first."""
    addressing: list[int] = field(default_factory=list)
    stopped: bool = False

    def add(self, chunk: Columns) -> None:
        self.miner.add(chunk)
        for level, count in zip(*np.unique(np.asarray(chunk.levels), return_counts=True), strict=True):
            self.levels[int(level) if 0 <= level <= Level.FATAL else 0] += int(count)
        rows = zip(chunk.ids, chunk.timestamps, chunk.groups, chunk.messages, strict=True)
        for row_id, timestamp, group, message in rows:
            self.groups[group] = self.groups.get(group, 0) + 1
            self.lambdas.add(row_id, group, message)
            if '"eventName"' in message and (change := change_of(message)) is not None:
                self.changes.setdefault(change.key, (change, []))[1].append(row_id)
                self.changed_at.setdefault(change.key, timestamp)
        self.addressing += [chunk.ids[position] for position in addressing(chunk.messages)]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A pattern with its grades and, once listed, its id."""

    pattern: Pattern
    severity: int
    rank: float
    id: str


class _Drawing:
    """Turns what was read into the digest's sentences."""

    def __init__(self, reading: _Reading, scope: Scope) -> None:
        self.reading = reading
        patterns = reading.miner.patterns()
        first = min((int(pattern.times.min()) for pattern in patterns), default=0)
        last = max((int(pattern.times.max()) for pattern in patterns), default=0)
        groups = tuple(sorted(reading.groups, key=lambda name: (-reading.groups[name], name)))
        self.scope = scope.counted(groups, first, last + 1, len(reading.miner))
        self.patterns = _ranked(patterns)
        self.at = Moments(self.scope.start, self.scope.end)

    def digest(self) -> Digest:
        scope = self.scope
        functions = self.reading.lambdas.functions()
        findings = [
            *self._edges(),
            *self._errors(),
            *self._bursts(),
            *self._lambda(functions),
            *self._changes(),
            *self._addressing(),
        ]
        findings.sort(key=lambda finding: -finding.severity)
        listed = self.patterns[:_LISTED]
        return Digest(
            schema=SCHEMA,
            scope=scope,
            headline=self._headline(),
            findings=tuple(findings),
            patterns=tuple(self._summary(ranked) for ranked in listed),
            functions=functions,
            limits=self._limits(),
            levels=tuple(self.reading.levels),
            patterns_found=len(self.patterns),
        )

    # -- sentences ----------------------------------------------------------------------------

    def _headline(self) -> str:
        scope, levels = self.scope, self.reading.levels
        if not scope.events:
            return "No events to explain."
        errors = levels[Level.ERROR] + levels[Level.FATAL]
        parts = [
            f"{_many(scope.events, 'event')} in {human_duration(max(0, scope.end - scope.start))}"
            f" from {_many(len(scope.groups), 'log group')}"
        ]
        told = [_many(errors, "error")] if errors else []
        if levels[Level.WARN]:
            told.append(_many(levels[Level.WARN], "warning"))
        parts.append(", ".join(told) if told else "no line says it is an error or a warning")
        grave = self._grave()
        if grave:
            worst = grave[0]
            parts.append(
                f"worst: {_quote(worst.pattern.text)} ({worst.pattern.count:,}x, "
                f"first {self.at(int(worst.pattern.times.min()))})"
            )
        return "; ".join(parts) + "."

    def _grave(self) -> list[_Ranked]:
        return [ranked for ranked in self.patterns if ranked.severity >= 4]

    def _edges(self) -> Iterable[Finding]:
        """The first and the last error, and what appeared just before the first."""
        grave = self._grave()
        if not grave:
            return
        first = min(grave, key=lambda ranked: (int(ranked.pattern.times.min()), -ranked.rank))
        _, row_id = _earliest(first.pattern)
        yield self._onset("first_error", "The first error", first)
        worst = grave[0]
        if _earliest(worst.pattern)[0] - _earliest(first.pattern)[0] > _BEFORE_MS[0]:
            yield self._onset("onset", "The gravest error", worst)
        last = max(grave, key=lambda ranked: (int(ranked.pattern.times.max()), ranked.rank))
        when_last, last_id = _latest(last.pattern)
        if last_id != row_id:
            silence = max(0, self.scope.end - when_last)
            quiet = f", {human_duration(silence)} before the end" if silence >= 60_000 else ""
            yield Finding(
                "last_error",
                max(1, last.severity - 2),
                f"The last error came at {self.at(when_last)}{quiet}: {_quote(last.pattern.text)}.",
                self._listed([last]),
                (last_id,),
            )

    def _onset(self, kind: str, subject: str, ranked: _Ranked) -> Finding:
        when, row_id = _earliest(ranked.pattern)
        for reach in _BEFORE_MS:
            if before := self._appeared_before(when, reach):
                break
        told = ""
        if before:
            quoted = ", ".join(f"{earlier.id} {_quote(earlier.pattern.text, 60)}" for earlier in before)
            told = f"; first seen in the {human_duration(reach)} before: {quoted}"
        return Finding(
            kind,
            ranked.severity,
            f"{subject} began at {self.at(when)}: {_quote(ranked.pattern.text)}{told}.",
            self._listed([ranked, *before]),
            (row_id, *(_earliest(earlier.pattern)[1] for earlier in before)),
        )

    def _appeared_before(self, when: int, reach: int) -> list[_Ranked]:
        """Patterns first seen at most `reach` ms before `when`, but not at the window's own start."""
        earliest = max(when - reach, self.scope.start + (self.scope.end - self.scope.start) // 20)
        appeared = [
            ranked
            for ranked in self.patterns
            if ranked.severity < 4 and earliest <= int(ranked.pattern.times.min()) < when
        ]
        appeared.sort(key=lambda ranked: (-ranked.severity, -int(ranked.pattern.times.min()), ranked.id))
        return appeared[:3]

    def _errors(self) -> Iterable[Finding]:
        told = [ranked for ranked in self._grave() if not _of_lambda(ranked)]
        for ranked in told[:_ERROR_FINDINGS]:
            pattern = ranked.pattern
            first, last = int(pattern.times.min()), int(pattern.times.max())
            span = f"at {self.at(first)}" if first == last else f"{self.at(first)} to {self.at(last)}"
            place = pattern.streams[0][0] if pattern.streams else ""
            where = (
                f" in {place}"
                if len({group for group, _, _ in pattern.streams}) == 1
                else " in several groups"
            )
            streams = f", {len(pattern.streams)} streams" if len(pattern.streams) > 1 else ""
            yield Finding(
                "errors",
                ranked.severity,
                f"{_quote(pattern.text)}: {_times(pattern.count)}, {span}{where}{streams}.",
                self._listed([ranked]),
                spread(pattern.ids.tolist()),
            )

    def _bursts(self) -> Iterable[Finding]:
        found = []
        width = human_duration(max(1, (self.scope.end - self.scope.start) // BUCKETS))
        for ranked in self.patterns:
            if ranked.severity < 3 and ranked.pattern.count < 64:
                continue
            counts = bucket_counts(ranked.pattern.times, self.scope.start, self.scope.end)
            burst = find_burst(counts)
            if burst is not None:
                found.append((-ranked.severity, -burst.z, ranked, burst))
        found.sort(key=lambda item: (item[0], item[1], item[2].id))
        for _, _, ranked, burst in found[:_BURST_FINDINGS]:
            start, end = bounds(self.scope.start, self.scope.end, burst.first, burst.last)
            inside = (ranked.pattern.times >= start) & (ranked.pattern.times < end)
            yield Finding(
                "burst",
                max(2, ranked.severity - 1),
                f"{_quote(ranked.pattern.text)} came in a burst: {burst.events:,} of {ranked.pattern.count:,} "
                f"from {self.at(start)} to {self.at(end)}; up to {burst.peak:,} in {width}, usually {burst.usual:.0f}.",
                self._listed([ranked]),
                spread(ranked.pattern.ids[inside].tolist()),
            )

    def _lambda(self, functions: tuple[FunctionSummary, ...]) -> Iterable[Finding]:
        for function in functions:
            name, runs = function.group, max(1, function.invocations)
            if function.timeouts:
                yield Finding(
                    "lambda_timeout",
                    4,
                    f"{name}: {_many(function.timeouts, 'invocation')} timed out of {function.invocations:,}; "
                    f"p95 {_ms(function.p95)}, slowest {_ms(function.slowest)}.",
                    self._listed(ranked for ranked in self._grave() if _of_lambda(ranked, name)),
                    function.timeout_events,
                )
            if function.errors:
                yield Finding(
                    "lambda_error",
                    4,
                    f"{name}: {_many(function.errors, 'invocation')} failed of {function.invocations:,}.",
                    events=function.error_events,
                )
            if function.memory_events:
                yield Finding(
                    "lambda_memory",
                    4 if function.memory_max >= function.memory_size else 3,
                    f"{name} used up to {function.memory_max} of {function.memory_size} MB of memory.",
                    events=function.memory_events,
                )
            if function.cold_starts > 1 and function.cold_starts / runs >= 0.05:
                yield Finding(
                    "lambda_cold",
                    2,
                    f"{name}: {_many(function.cold_starts, 'cold start')} in {_many(function.invocations, 'invocation')}.",
                    events=function.cold_events,
                )

    def _changes(self) -> Iterable[Finding]:
        changes = sorted(
            self.reading.changes.values(), key=lambda item: (-item[0].severity, item[1][0], item[0].key)
        )
        for change, row_ids in changes[:_CHANGE_FINDINGS]:
            times = f", {_times(len(row_ids))}" if len(row_ids) > 1 else ""
            when = self.at(self.reading.changed_at[change.key])
            yield Finding(
                "cloudtrail", change.severity, f"{when} {change.text}{times}.", events=spread(row_ids)
            )

    def _addressing(self) -> Iterable[Finding]:
        row_ids = self.reading.addressing
        if row_ids:
            yield Finding(
                "addresses_ai",
                4,
                f"Log text that addresses an AI: {_many(len(row_ids), 'event')}. It is data; "
                "nothing here follows it, and it is kept from the model.",
                events=spread(row_ids),
            )

    def _limits(self) -> tuple[str, ...]:
        miner, scope = self.reading.miner, self.scope
        limits = list(scope.notes)
        if self.reading.stopped:
            limits.append(f"Stopped early: only the first {_many(len(miner), 'event')} were read.")
        if len(self.patterns) > _LISTED:
            rest = self.patterns[_LISTED:]
            events = sum(ranked.pattern.count for ranked in rest)
            limits.append(f"{_many(len(rest), 'more pattern')} ({_many(events, 'event')}) are not listed.")
        if miner.overflowed:
            limits.append('There were too many different lines: the rarest are put together as "other: ...".')
        if miner.cut:
            limits.append(
                f"Of {_many(miner.cut, 'long message')} only the first {MAX_CHARACTERS:,} characters were compared."
            )
        if len(self.reading.changes) > _CHANGE_FINDINGS:
            more = len(self.reading.changes) - _CHANGE_FINDINGS
            limits.append(f"{_many(more, 'more CloudTrail change')} of lesser weight are not told.")
        if scope.end - scope.start > _SANE_SPAN_MS:
            limits.append("Some timestamps lie years apart: bursts and rates mean little here.")
        if scope.events:
            limits.append("No baseline: nothing is said about what is new or more frequent than before.")
        return tuple(limits)

    # -- patterns -----------------------------------------------------------------------------

    def _summary(self, ranked: _Ranked) -> PatternSummary:
        pattern = ranked.pattern
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
            slots=slot_values(pattern),
        )

    def _listed(self, patterns: Iterable[_Ranked]) -> tuple[str, ...]:
        return tuple(ranked.id for ranked in patterns if int(ranked.id[1:]) <= _LISTED)


def _ranked(patterns: list[Pattern]) -> list[_Ranked]:
    graded = []
    for pattern in patterns:
        words = severity.of_words(pattern.text)
        grade = severity.grade(pattern.level, words)
        graded.append((grade, severity.rank(pattern.level, words, pattern.count), pattern))
    graded.sort(key=lambda item: (-item[0], -item[1], int(item[2].ids[0]), item[2].text))
    return [
        _Ranked(pattern, grade, rank, f"P{number}") for number, (grade, rank, pattern) in enumerate(graded, 1)
    ]


def _of_lambda(ranked: _Ranked, group: str = "") -> bool:
    """Whether Lambda's own line of a failed invocation, which the function's figures tell of already."""
    return ranked.pattern.text.startswith(("REPORT RequestId", "Task timed out after")) and (
        not group or any(group == of for of, _, _ in ranked.pattern.streams)
    )


def _earliest(pattern: Pattern) -> tuple[int, int]:
    place = int(np.argmin(pattern.times))
    return int(pattern.times[place]), int(pattern.ids[place])


def _latest(pattern: Pattern) -> tuple[int, int]:
    times: NDArray[np.int64] = pattern.times[::-1]
    place = len(times) - 1 - int(np.argmax(times))
    return int(pattern.times[place]), int(pattern.ids[place])


def _quote(text: str, width: int = _QUOTE) -> str:
    return f'"{text}"' if len(text) <= width else f'"{text[: width - 1]}…"'


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _ms(duration: float) -> str:
    return f"{duration / 1000:.2f} s" if duration >= 1000 else f"{duration:.0f} ms"
