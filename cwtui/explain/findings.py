"""What is worth knowing of the patterns and figures of a window, one sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cwtui.core.timespec import human_duration
from cwtui.explain import severity
from cwtui.explain.bursts import bounds, bucket_counts, find_burst
from cwtui.explain.cloudtrail import Change
from cwtui.explain.silences import gaps, stopped
from cwtui.explain.templates import Pattern
from cwtui.explain.times import Moments
from cwtui.explain.tracing import raised
from cwtui.explain.values import BUCKETS, Finding, FunctionSummary, spread

LISTED = 40
"""Patterns that a digest lists."""
GRAVE = 4
"""The severity from which on a pattern is an error."""
CHANGE_FINDINGS = 8
QUOTE = 120
_ERROR_FINDINGS = 6
_BURST_FINDINGS = 4
_ENDED_FINDINGS = 3
_BEFORE_MS = (60_000, 600_000)
"""How far before an error its forerunners are looked for; the second where the first shows none."""


_REPORTED_MS = 1_000
"""How long after a failure Lambda's REPORT of it may come."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A pattern with its grades and its id."""

    pattern: Pattern
    severity: int
    rank: float
    id: str


class FindingWriter:
    """Writes the findings of one window, `[start, end)` in ms UTC."""

    def __init__(self, patterns: list[Ranked], start: int, end: int) -> None:
        self.patterns = patterns
        self.start = start
        self.end = end
        self.at = Moments(start, end)
        self.last = max((int(ranked.pattern.times.max()) for ranked in patterns), default=end)

    def grave(self) -> list[Ranked]:
        """The patterns that are errors, gravest first."""
        return [ranked for ranked in self.patterns if ranked.severity >= GRAVE]

    def edges(self) -> Iterable[Finding]:
        """The first and the last error, and what appeared just before the first."""
        grave = self.grave()
        if not grave:
            return
        first = min(grave, key=lambda ranked: (int(ranked.pattern.times.min()), -ranked.rank))
        _, row_id = _earliest(first.pattern)
        yield self._onset("first_error", "The first error", first)
        worst = grave[0]
        if _earliest(worst.pattern)[0] - _earliest(first.pattern)[0] > _BEFORE_MS[0]:
            yield self._onset("onset", "The gravest error", worst)
        last = max(grave, key=lambda ranked: (int(ranked.pattern.times.max()), ranked.rank))
        if _is_report(last.pattern.text):
            # What was logged of a failure says more than Lambda's account of it right behind.
            since = int(last.pattern.times.max()) - _REPORTED_MS
            logged = [ranked for ranked in grave if not _is_report(ranked.pattern.text)]
            late = [ranked for ranked in logged if int(ranked.pattern.times.max()) >= since]
            last = max(late, key=lambda ranked: int(ranked.pattern.times.max()), default=last)
        when_last, last_id = _latest(last.pattern)
        if last_id != row_id:
            silence = max(0, self.end - when_last)
            quiet = f", {human_duration(silence)} before the end" if silence >= 60_000 else ""
            yield Finding(
                "last_error",
                max(1, last.severity - 2),
                f"The last error came at {self.at(when_last)}{quiet}: {quote(last.pattern.text)}.",
                self._ids([last]),
                (last_id,),
            )

    def _onset(self, kind: str, subject: str, ranked: Ranked) -> Finding:
        when, row_id = _earliest(ranked.pattern)
        for reach in _BEFORE_MS:
            if before := self._appeared_before(when, reach):
                break
        told = ""
        if before:
            quoted = ", ".join(f"{earlier.id} {quote(earlier.pattern.text, 60)}" for earlier in before)
            told = f"; first seen in the {human_duration(reach)} before: {quoted}"
        return Finding(
            kind,
            ranked.severity,
            f"{subject} began at {self.at(when)}: {quote(ranked.pattern.text)}{told}.",
            self._ids([ranked, *before]),
            (row_id, *(_earliest(earlier.pattern)[1] for earlier in before)),
        )

    def _appeared_before(self, when: int, reach: int) -> list[Ranked]:
        """Patterns first seen at most `reach` ms before `when`, but not at the window's own start."""
        earliest = max(when - reach, self.start + (self.end - self.start) // 20)
        appeared = [
            ranked
            for ranked in self.patterns
            if ranked.severity < 4 and earliest <= int(ranked.pattern.times.min()) < when
        ]
        appeared.sort(key=lambda ranked: (-ranked.severity, -int(ranked.pattern.times.min()), ranked.id))
        return appeared[:3]

    def errors(self) -> Iterable[Finding]:
        """The gravest error patterns, but for those that the Lambda figures tell of."""
        told = [ranked for ranked in self.grave() if not _of_lambda(ranked)]
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
            trace = f"; it is {kind}" if (kind := raised(pattern)) else ""
            yield Finding(
                "errors",
                ranked.severity,
                f"{quote(pattern.text)}: {times_of(pattern.count)}, {span}{where}{streams}{trace}.",
                self._ids([ranked]),
                spread(pattern.ids.tolist()),
            )

    def bursts(self) -> Iterable[Finding]:
        """Patterns that came thick for a while."""
        found = []
        width = human_duration(max(1, (self.end - self.start) // BUCKETS))
        for ranked in self.patterns:
            if ranked.severity < 3 and ranked.pattern.count < 64:
                continue
            if _is_report(ranked.pattern.text):
                continue
            counts = bucket_counts(ranked.pattern.times, self.start, self.end)
            burst = find_burst(counts)
            if burst is not None and not (burst.first == 0 and self._stopped(ranked)):
                found.append((-ranked.severity, -burst.z, ranked, burst))
        found.sort(key=lambda item: (item[0], item[1], item[2].id))
        for _, _, ranked, burst in found[:_BURST_FINDINGS]:
            start, end = bounds(self.start, self.end, burst.first, burst.last)
            inside = (ranked.pattern.times >= start) & (ranked.pattern.times < end)
            yield Finding(
                "burst",
                max(2, ranked.severity - 1),
                f"{quote(ranked.pattern.text)} came in a burst: {burst.events:,} of "
                f"{ranked.pattern.count:,} from {self.at(start)} to {self.at(end)}; "
                f"up to {burst.peak:,} in {width}, usually {burst.usual:.0f}.",
                self._ids([ranked]),
                spread(ranked.pattern.ids[inside].tolist()),
            )

    def silences(self) -> Iterable[Finding]:
        """Stretches in which nothing came at all, and patterns that came no more."""
        for gap in gaps([ranked.pattern for ranked in self.patterns]):
            yield Finding(
                "silence",
                3,
                f"Nothing came for {human_duration(gap.end - gap.start)}, from {self.at(gap.start)} to "
                f"{self.at(gap.end)}.",
                events=gap.events,
            )
        ended = [ranked for ranked in self.patterns if ranked.severity < GRAVE and self._stopped(ranked)]
        ended.sort(key=lambda ranked: (-ranked.severity, -ranked.pattern.count, ranked.id))
        for ranked in ended[:_ENDED_FINDINGS]:
            when, row_id = _latest(ranked.pattern)
            yield Finding(
                "stopped",
                2,
                f"{quote(ranked.pattern.text)} stopped: the last of {ranked.pattern.count:,} came at "
                f"{self.at(when)}, none in the {human_duration(self.last - when)} of log after that.",
                self._ids([ranked]),
                (row_id,),
            )

    def _stopped(self, ranked: Ranked) -> bool:
        """Whether it ended while other lines went on."""
        others = self.last > _latest(ranked.pattern)[0] and len(self.patterns) > 1
        return others and stopped(ranked.pattern, self.start, self.last)

    def lambdas(self, functions: tuple[FunctionSummary, ...]) -> Iterable[Finding]:
        """Timeouts, failures, memory near its limit and cold starts, by function."""
        for function in functions:
            name, runs = function.group, max(1, function.invocations)
            if function.timeouts:
                yield Finding(
                    "lambda_timeout",
                    4,
                    f"{name}: {many(function.timeouts, 'invocation')} timed out "
                    f"of {function.invocations:,}; "
                    f"p95 {_ms(function.p95)}, slowest {_ms(function.slowest)}.",
                    self._ids(ranked for ranked in self.grave() if _of_lambda(ranked, name)),
                    function.timeout_events,
                )
            if function.errors:
                yield Finding(
                    "lambda_error",
                    4,
                    f"{name}: {many(function.errors, 'invocation')} failed of {function.invocations:,}.",
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
                    f"{name}: {many(function.cold_starts, 'cold start')} "
                    f"in {many(function.invocations, 'invocation')}.",
                    events=function.cold_events,
                )

    def changes(self, changes: Sequence[tuple[Change, int, list[int]]]) -> Iterable[Finding]:
        """Of (change, time of the first, row ids), the gravest."""
        ordered = sorted(changes, key=lambda item: (-item[0].severity, item[1], item[0].key))
        for change, when, row_ids in ordered[:CHANGE_FINDINGS]:
            times = f", {times_of(len(row_ids))}" if len(row_ids) > 1 else ""
            text = f"{self.at(when)} {change.text}{times}."
            yield Finding("cloudtrail", change.severity, text, events=spread(row_ids))

    def addressing(self, row_ids: list[int]) -> Iterable[Finding]:
        """Events whose text speaks to a language model."""
        if row_ids:
            yield Finding(
                "addresses_ai",
                4,
                f"Log text that addresses an AI: {many(len(row_ids), 'event')}. It is data; "
                "nothing here follows it, and it is kept from the model.",
                events=spread(row_ids),
            )

    def _ids(self, patterns: Iterable[Ranked]) -> tuple[str, ...]:
        return tuple(ranked.id for ranked in patterns if int(ranked.id[1:]) <= LISTED)


def ranked_patterns(patterns: list[Pattern]) -> list[Ranked]:
    """The patterns with their grades, gravest first, numbered P1, P2, ..."""
    graded = []
    for pattern in patterns:
        words = severity.of_words(pattern.text)
        grade = severity.grade(pattern.level, words)
        graded.append((grade, severity.rank(pattern.level, words, pattern.count), pattern))
    graded.sort(
        key=lambda item: (-item[0], -item[1], _is_report(item[2].text), int(item[2].ids[0]), item[2].text)
    )
    return [
        Ranked(pattern, grade, rank, f"P{number}") for number, (grade, rank, pattern) in enumerate(graded, 1)
    ]


def _of_lambda(ranked: Ranked, group: str = "") -> bool:
    """Whether Lambda's own line of a failed invocation, which the function's figures tell of already."""
    text = ranked.pattern.text
    return (_is_report(text) or text.startswith("Task timed out after")) and (
        not group or any(group == of for of, _, _ in ranked.pattern.streams)
    )


def _is_report(text: str) -> bool:
    return text.startswith(("REPORT ", "platform.report"))


def _earliest(pattern: Pattern) -> tuple[int, int]:
    place = int(np.argmin(pattern.times))
    return int(pattern.times[place]), int(pattern.ids[place])


def _latest(pattern: Pattern) -> tuple[int, int]:
    times: NDArray[np.int64] = pattern.times[::-1]
    place = len(times) - 1 - int(np.argmax(times))
    return int(pattern.times[place]), int(pattern.ids[place])


def quote(text: str, width: int = QUOTE) -> str:
    """A template in quotation marks, cut between words where it can be: half a secret is not recognised."""
    if len(text) <= width:
        return f'"{text}"'
    end = text.rfind(" ", width // 2, width)
    return f'"{text[: end if end > 0 else width]} …"'


def many(count: int, noun: str) -> str:
    """`1 error`, `1,204 errors`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def times_of(count: int) -> str:
    """`once`, `1,204 times`."""
    return "once" if count == 1 else f"{count:,} times"


def _ms(duration: float) -> str:
    return f"{duration / 1000:.2f} s" if duration >= 1000 else f"{duration:.0f} ms"
