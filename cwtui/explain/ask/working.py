"""A plan being worked out over a window, and the sentences that every answer has in common."""

from __future__ import annotations

from dataclasses import dataclass, field

from cwtui.core.models import Columns
from cwtui.explain.ask.matching import Matching
from cwtui.explain.ask.questions import AnswerLine, Counted, Plan, Subject
from cwtui.explain.findings import many
from cwtui.explain.redact import redact
from cwtui.explain.times import Moments
from cwtui.explain.values import Scope

QUOTED = 160
"""Characters of a message that an answer quotes."""
_READ = 4_000
"""Characters of a line that are looked at for what to quote."""
DATED = Moments(0, 2**42)
"""Writes moments with their date: those that lie outside the window."""


@dataclass(slots=True)
class Working:
    """A plan being worked out over a window."""

    plan: Plan
    scope: Scope
    matching: Matching = field(init=False)
    at: Moments = field(init=False)

    def __post_init__(self) -> None:
        self.matching = Matching(self.plan.subject)
        self.at = Moments(self.scope.start, self.scope.end)

    def told(self, subject: Subject | None = None) -> str:
        """In words which events the subject takes in; the question's where none is given."""
        subject = self.plan.subject if subject is None else subject
        # With their dates where the question reaches into another day than the window.
        times = (self.scope.start, self.scope.end, subject.start, subject.end)
        known = [moment for moment in times if moment]
        return subject.told(Moments(min(known, default=0), max(known, default=0)))

    @property
    def window(self) -> tuple[int, int]:
        """The window, `[start, end)`; where the scope does not say, that of the events looked at."""
        if self.scope.end:
            return self.scope.start, self.scope.end
        return self.matching.first, self.matching.last + 1

    @property
    def span(self) -> tuple[int, int]:
        """The part of the window, `[start, end)`, that the question is about."""
        subject = self.plan.subject
        start, end = self.window
        return (
            max(start, subject.start) if subject.start is not None else start,
            min(end, subject.end) if subject.end is not None else end,
        )

    @property
    def limits(self) -> tuple[str, ...]:
        """Where the window does not reach as far as the question."""
        subject, scope = self.plan.subject, self.scope
        at, limits = DATED, []
        if subject.start is not None and scope.end and subject.start < scope.start:
            limits.append(
                f"The question reaches back to {at(subject.start)}; the window begins at {at(scope.start)}, "
                "and nothing before that was counted."
            )
        if subject.end is not None and scope.end and subject.end > scope.end:
            limits.append(f"The question goes on to {at(subject.end)}; the window ends at {at(scope.end)}.")
        return tuple(limits)

    def at_start(self, moment: int) -> bool:
        """Whether a moment lies so near the beginning that what it begins may have begun before."""
        start, end = self.span
        return moment - start <= (end - start) // 50

    def none(self) -> Counted:
        """There is no such event."""
        start, end = self.span
        at = DATED
        if start >= end:
            said = (
                f"The window, {at(self.scope.start)} to {at(self.scope.end)}, does not reach the time that "
                "the question is about."
            )
        else:
            said = (
                f"No event{self.told()} in the window ({many(self.matching.looked_at, 'event')} looked at)."
            )
        return Counted(AnswerLine(said), (), self.limits)

    def line(self, chunk: Columns, place: int) -> AnswerLine:
        """One event as a line: when, where, what it says."""
        return AnswerLine(
            f"{self.at(chunk.timestamps[place])} {chunk.groups[place]}: {said(chunk.messages[place])}",
            (chunk.ids[place],),
        )


def said(message: str) -> str:
    """The first line of a message, cut; where that might halve a secret, so that none knows it, redacted."""
    line = " ".join(message.split("\n", 1)[0][:_READ].split())
    if len(line) <= QUOTED:
        return line
    return redact(line)[: QUOTED - 1] + "…"
