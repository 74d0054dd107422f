"""An answer as JSON and as Markdown. Both hold foreign text: JSON escapes it, Markdown fences it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cwtui.core.models import Row
from cwtui.explain.ask.answer import Answer, AnsweredBy
from cwtui.explain.ask.questions import AnswerLine
from cwtui.explain.render import Citing, unchanged

SCHEMA = "cwtui.answer/1"


def who(answer: Answer) -> str:
    """Who speaks: code, the lines themselves, or a model as far as it was verified. The name is foreign."""
    if answer.by is AnsweredBy.CODE:
        return "counted by code"
    if answer.by is AnsweredBy.MODEL:
        return f"said by {answer.model}, {answer.verified}"
    return "not counted: the lines that speak of it"


def answer_markdown(
    answer: Answer,
    rows: Callable[[Sequence[int]], Sequence[Row]],
    redacted: Callable[[str], str] = unchanged,
) -> str:
    """The answer as Markdown; `[3]` cites an event of the list at its end; as `digest_markdown`."""
    citing = Citing(rows, redacted)
    lines = [f"# {citing.safe(answer.question)}", ""]
    if answer.sentences:
        lines += [
            f"{citing.safe(sentence.text)}{citing.cite(sentence.events)}\n" for sentence in answer.sentences
        ]
    lines += [_line(answer.headline, citing), "", f"- {citing.safe(who(answer))}"]
    if answer.rows:
        lines += ["", "## What it rests on", ""]
        lines += [f"{number}. {_line(row, citing)}" for number, row in enumerate(answer.rows, 1)]
    if answer.limits:
        lines += ["", "## Limits", "", *(f"- {citing.safe(limit)}" for limit in answer.limits)]
    return "\n".join([*lines, *citing.citations()]) + "\n"


def _line(line: AnswerLine, citing: Citing) -> str:
    return f"{citing.safe(line.text)}{citing.cite([row for row in line.events if row >= 0])}"


def answer_json(
    answer: Answer, event_names: Callable[[int], str], redacted: Callable[[str], str] = unchanged
) -> dict[str, object]:
    """The object of `summarize --ask -o json` (schema `cwtui.answer/1`); `redacted` as for `digest_json`."""

    def names(events: Sequence[int]) -> list[str]:
        return [event_names(row) for row in events if row >= 0]

    scope = answer.scope
    patterns = answer.digest.patterns if answer.digest is not None else ()
    said: dict[str, object] = {}
    if answer.sentences:
        said = {
            "model": answer.model,
            "verified": answer.verified,
            "sentences": [
                {"text": redacted(each.text), "patterns": list(each.cites), "events": names(each.events)}
                for each in answer.sentences
            ],
        }
    return {
        "schema": SCHEMA,
        "scope": {
            "groups": list(scope.groups),
            "start": scope.start,
            "end": scope.end,
            "events": scope.events,
            "filters": scope.filters,
        },
        "question": redacted(answer.question),
        "answeredBy": str(answer.by),
        "answer": redacted(answer.headline.text),
        **said,
        "rows": [{"text": redacted(row.text), "events": names(row.events)} for row in answer.rows],
        "events": names(answer.events),
        "patterns": [
            {
                "id": pattern.id,
                "text": redacted(pattern.text),
                "level": pattern.level.name.lower(),
                "count": pattern.count,
                "first": pattern.first,
                "last": pattern.last,
                "events": names(pattern.events),
            }
            for pattern in patterns
        ],
        "limits": list(answer.limits),
    }
