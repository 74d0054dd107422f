"""An answer as lines to choose from: what was asked, who answers, and the events that Enter jumps to."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from cwtui.core.text import printable
from cwtui.explain.ask.answer import Answer, AnsweredBy
from cwtui.explain.ask.questions import AnswerLine
from cwtui.explain.ask.render import who
from cwtui.ui.widgets.summary_lines import Line


def answer_lines(answer: Answer, *, ascii_only: bool = False) -> Iterator[Line]:
    """The whole pane of an answer, from the question to what is missing."""
    yield Line(Content.assemble(("? ", "bold $accent"), (printable(answer.question), "$muted")))
    yield _line(answer.headline, "bold", ascii_only, "answer")
    yield Line(Content.styled(printable(who(answer)), "$muted"))
    if answer.rows:
        yield _heading(
            "THE LINES THAT SPEAK OF IT" if answer.by is AnsweredBy.EVIDENCE else "WHAT IT RESTS ON"
        )
        # Of evidence each line is a pattern's, and tells of all its events.
        patterns = [pattern.id for pattern in answer.digest.patterns] if answer.digest is not None else []
        for place, row in enumerate(answer.rows):
            yield _line(row, "", ascii_only, "pattern", tuple(patterns[place : place + 1]))
    if answer.limits:
        yield _heading("LIMITS")
        for limit in answer.limits:
            yield Line(Content.styled(printable(limit), "$muted"))


def _line(
    told: AnswerLine, style: str, ascii_only: bool, section: str, patterns: tuple[str, ...] = ()
) -> Line:
    events = tuple(row for row in told.events if row >= 0)
    arrow = ">" if ascii_only else "→"
    cited = f" {arrow}{len(events)}" if events else ""
    content = Content.assemble((printable(told.text), style), (cited, "$faint"))
    return Line(content, events, patterns=patterns, section=section, key=f"{section} {told.text}")


def _heading(text: str) -> Line:
    return Line(Content.assemble("\n", (text, "bold $accent")))
