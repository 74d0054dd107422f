"""A question answered: by code where it understood all of it, else by the events that speak of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain

from cwtui.core.errors import InputError
from cwtui.core.models import Columns
from cwtui.explain.ask.answers import counted
from cwtui.explain.ask.plans import plan_of, within_of
from cwtui.explain.ask.questions import MAX_QUESTION, AnswerLine, Counted, Plan, Subject, Verb, Vocabulary
from cwtui.explain.ask.retrieval import Evidence, Wanted, retrieved, wanted_of
from cwtui.explain.ask.subjects import read
from cwtui.explain.narrate import NarrationState, Sentence
from cwtui.explain.values import Digest, Scope
from cwtui.lang.envelope import fields_of, flatten

_FIELDS = 300
_VALUES = 50
"""Different values of a field up to which each is a name that a question may use by itself."""
_A_NAME = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9_.-]{2,39}")


class AnsweredBy(StrEnum):
    """Who speaks in an answer."""

    CODE = "code"
    MODEL = "model"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told of a question. Plain values: the same window and question give the same answer."""

    question: str
    scope: Scope
    by: AnsweredBy
    headline: AnswerLine
    rows: tuple[AnswerLine, ...] = ()
    limits: tuple[str, ...] = ()
    digest: Digest | None = None
    """Of the evidence: what a model may put into words."""
    sentences: tuple[Sentence, ...] = field(default=())
    """A model's, as far as they are verified."""
    model: str = ""
    verified: str = ""

    @property
    def events(self) -> tuple[int, ...]:
        """Row ids of all that is cited, each once, the headline's first; not those of a baseline (`~id`)."""
        lines = (self.headline.events, *(row.events for row in self.rows))
        said = (sentence.events for sentence in self.sentences)
        return tuple(dict.fromkeys(row for row in chain(*lines, *said) if row >= 0))

    def said_by(self, state: NarrationState | None) -> Answer:
        """With what a model says of the evidence, where any of it is verified."""
        if state is None or not state.sentences:
            return self
        return replace(
            self, by=AnsweredBy.MODEL, sentences=state.sentences, model=state.model, verified=state.verified
        )


def checked(question: str) -> str:
    """A question on one line. Raises InputError where it is empty or too long."""
    text = " ".join(question.split())
    if not text:
        raise InputError("There is no question.", 'Ask one: "how many errors in checkout?"', code="question")
    if len(text) > MAX_QUESTION:
        raise InputError(
            f"The question has {len(text):,} characters.",
            f"Ask in {MAX_QUESTION} or less.",
            code="question",
        )
    return text


def vocabulary_of(sample: Iterable[Columns], known: Vocabulary) -> Vocabulary:
    """What names can mean, learned from some events of the window, added to what is known of it."""
    groups: dict[str, None] = dict.fromkeys(known.groups)
    streams: dict[str, None] = dict.fromkeys(known.streams)
    fields: dict[str, int] = {}
    values: dict[str, set[str]] = {}
    for chunk in sample:
        groups.update(dict.fromkeys(chunk.groups))
        streams.update(dict.fromkeys(chunk.streams))
        for message in chunk.messages:
            for path, value in flatten(fields_of(message) or {}, _FIELDS).items():
                if "[" in path:
                    continue
                fields[path] = fields.get(path, 0) + 1
                if isinstance(value, str) and len(names := values.setdefault(path, set())) <= _VALUES:
                    names.add(value.lower())
    ordered = sorted(fields, key=lambda path: (-fields[path], path))
    return replace(
        known,
        groups=tuple(groups),
        streams=tuple(streams),
        fields=tuple(ordered),
        values=_of_one_field(values),
    )


def _of_one_field(values: Mapping[str, set[str]]) -> dict[str, str]:
    """By value the one field that has it, and has few values: names, neither ids nor sentences."""
    paths: dict[str, list[str]] = {}
    for path, names in values.items():
        for name in names:
            paths.setdefault(name, []).append(path)
    return {
        name: found[0]
        for name, found in paths.items()
        if len(found) == 1 and len(values[found[0]]) <= _VALUES and _A_NAME.fullmatch(name)
    }


@dataclass(frozen=True, slots=True)
class Understood:
    """A question, and what is to be done to answer it."""

    question: str
    plan: Plan | None
    wanted: Wanted
    within: Subject
    """The time to look for evidence in."""

    @property
    def of_baseline(self) -> bool:
        """Whether it asks what changed against the baseline."""
        return self.plan is not None and self.plan.verb is Verb.BASELINE


def understood(question: str, vocabulary: Vocabulary) -> Understood:
    """Reads a checked question. Never raises."""
    reading = read(question, vocabulary)
    text, within = within_of(reading)
    return Understood(question, plan_of(question, vocabulary), wanted_of(text, reading.terms), within)


def by_code(chunks: Iterable[Columns], scope: Scope, asked: Understood) -> Answer | None:
    """The answer that code works out over events in display order; None where it cannot."""
    if asked.plan is None or asked.of_baseline:
        return None
    scope = replace(scope, baseline=None)
    seen: list[int] = [0, 0, 0]
    found = counted(_watched(chunks, seen), scope, asked.plan)
    if found is None:
        return None
    return answer_of(found, replace(scope.counted((), seen[1], seen[2], seen[0])), asked.question)


def answer_of(found: Counted, scope: Scope, question: str) -> Answer:
    """What was counted, with the limits that every answer over a window has."""
    limits = (*found.limits, *_limits(scope))
    return Answer(question, scope, AnsweredBy.CODE, found.headline, found.rows, limits)


def by_evidence(chunks: Iterable[Columns], scope: Scope, asked: Understood) -> Answer:
    """The events and patterns that speak of a question, for a reader or for a model."""
    found: Evidence = retrieved(chunks, replace(scope, baseline=None), asked.wanted, asked.within)
    over = found.digest.scope if found.digest is not None else scope
    limits = tuple(dict.fromkeys((*found.limits, *_limits(scope))))
    return Answer(asked.question, over, AnsweredBy.EVIDENCE, found.headline, found.rows, limits, found.digest)


def _watched(chunks: Iterable[Columns], seen: list[int]) -> Iterable[Columns]:
    """The same chunks; `seen` becomes how many events, from when to when."""
    for chunk in chunks:
        if len(chunk):
            first, last = min(chunk.timestamps), max(chunk.timestamps) + 1
            seen[1] = min(seen[1], first) if seen[0] else first
            seen[2] = max(seen[2], last)
            seen[0] += len(chunk)
        yield chunk


def _limits(scope: Scope) -> Sequence[str]:
    limits = list(scope.notes)
    if scope.filters:
        limits.append(f"Only what the filters let through was looked at: {scope.filters}.")
    return limits
