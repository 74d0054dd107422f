"""Two sides of a window beside each other: before and after a moment, or one place against another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cwtui.core.models import Columns
from cwtui.core.timespec import human_duration
from cwtui.explain.ask.matching import Matching
from cwtui.explain.ask.questions import ERRORS, AnswerLine, Counted, Subject
from cwtui.explain.ask.working import DATED, Working
from cwtui.explain.beside import marked
from cwtui.explain.digest import build_digest
from cwtui.explain.findings import CHANGE_FINDINGS, many
from cwtui.explain.values import Baseline, Digest, Scope, spread

CHANGES = frozenset(("new", "new_weak", "vanished", "more", "fewer", "bursting", "field", "path"))
"""Kinds of findings that say how two sides differ."""
MOST = 300_000
"""Events of both sides that are kept to be mined; beyond that only counts are compared."""


@dataclass(slots=True)
class _Side:
    name: str
    matching: Matching
    start: int
    end: int
    place: str = ""
    """Where it is, as a sentence says it; empty where the sides are told apart by time."""
    kept: list[Columns] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    errors: int = 0

    def add(self, chunk: Columns, room: bool) -> None:
        hits = self.matching.of(chunk)
        if not len(hits):
            return
        self.ids += hits.ids
        self.errors += sum(level in ERRORS for level in hits.levels)
        if room:
            self.kept.append(hits)

    @property
    def line(self) -> AnswerLine:
        minutes = max(1, self.end - self.start) / 60_000
        said = (
            f"{self.name}: {many(len(self.ids), 'event')} in {human_duration(max(0, self.end - self.start))} "
            f"({len(self.ids) / minutes:,.3g} a minute), {self.errors:,} of level ERROR or FATAL "
            f"({self.errors / minutes:,.3g} a minute)"
        )
        return AnswerLine(said, spread(self.ids))


def compared(chunks: Iterable[Columns], working: Working) -> Counted:
    """How often on each side, and which patterns differ by more than chance."""
    one, other = _sides(working)
    total = 0
    for chunk in chunks:
        working.matching.of(chunk)
        room = total <= MOST
        one.add(chunk, room)
        other.add(chunk, room)
        total = len(one.ids) + len(other.ids)
    limits = list(working.limits)
    if one.end <= one.start or other.end <= other.start:
        start, end = (DATED(moment) for moment in working.window)
        said = f"One side lies outside the window, {start} to {end}: there is nothing to compare."
        return Counted(AnswerLine(said), (), tuple(limits))
    rows: list[AnswerLine] = []
    if total > MOST:
        limits.append(f"Only counts are compared: there are more than {MOST:,} events on both sides.")
    elif one.ids and other.ids:
        # What the sides are told apart by differs by itself.
        named = (
            ()
            if working.plan.split
            else (*working.plan.subject.fields, *(working.plan.other or Subject()).fields)
        )
        by_itself = tuple(f"Field {path}:" for path, _ in named)
        rows += [line for line in _differing(one, other) if not line.text.startswith(by_itself)]
        if not rows:
            limits.append("No pattern differs by more than chance and twofold.")
    headline = AnswerLine(f"{one.line.text}; {other.line.text}.", spread((*one.ids, *other.ids)))
    return Counted(headline, (one.line, other.line, *rows), tuple(limits))


def _sides(working: Working) -> tuple[_Side, _Side]:
    plan, (start, end) = working.plan, working.span
    if plan.split:
        at = working.at(plan.split)
        before = plan.subject.within(plan.subject.start, plan.split)
        after = plan.subject.within(plan.split, plan.subject.end)
        told = working.told(replace(plan.subject, start=None, end=None)).strip()
        of = f", {told}" if told else ""
        return (
            _Side(f"before {at}{of}", Matching(before), start, min(end, plan.split)),
            _Side(f"after {at}{of}", Matching(after), max(start, plan.split), end),
        )
    other = plan.other or Subject()
    return (
        _place(working, plan.subject, (start, end)),
        _place(working, other, (start, end)),
    )


def _place(working: Working, subject: Subject, span: tuple[int, int]) -> _Side:
    timeless = working.told(subject.within(None, None)).strip() or "of all"
    return _Side(working.told(subject).strip() or "all", Matching(subject), *span, place=timeless)


def _differing(one: _Side, other: _Side) -> list[AnswerLine]:
    """What the second side has that the first has not, and the other way round."""
    baseline = Baseline(one.name, one.start, max(one.end, one.start + 1), there=one.place, here=other.place)
    scope = Scope(start=other.start, end=max(other.end, other.start + 1), baseline=baseline)
    digest = build_digest((*marked(one.kept), *other.kept), scope)
    return [
        AnswerLine(line.text, tuple(~row if row < 0 else row for row in line.events))
        for line in change_lines(digest)
    ]


def change_lines(digest: Digest) -> list[AnswerLine]:
    """What a digest says of changes, gravest first."""
    return [
        AnswerLine(finding.text, finding.events) for finding in digest.findings if finding.kind in CHANGES
    ][:CHANGE_FINDINGS]


def nothing_to_compare() -> Counted:
    """What is said where no baseline is loaded."""
    return Counted(
        AnswerLine(
            "There is nothing to compare with: no baseline is loaded. `:against previous`, or "
            "`--against previous`, loads the window before."
        )
    )


def against_baseline(digest: Digest) -> Counted:
    """What a digest with a baseline says of changes, as an answer."""
    baseline = digest.scope.baseline
    lines = change_lines(digest)
    if baseline is None or not baseline.events:
        said = "There is nothing to compare with."
        return Counted(AnswerLine(said), (), digest.limits)
    said = (
        f"{many(digest.scope.events, 'event')} against {many(baseline.events, 'event')} of {baseline.name}: "
        f"{many(len(lines), 'change')} of note."
    )
    events = tuple(dict.fromkeys(row for line in lines for row in line.events))
    return Counted(AnswerLine(said, spread(events)), tuple(lines), digest.limits)
