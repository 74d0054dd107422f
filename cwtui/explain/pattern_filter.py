"""A pattern as a filter: its level, and an RE2 expression made of the template's words and slots.

The miner puts an event into a pattern by what is left of its message once prefixes, wrappers and values
are taken off; a filter sees the message as it came. So the expression is fitted: of several forms, from
"these words, in this order" to "this level", the first that holds for every message of the pattern it is
tried on. Where it holds for messages of other patterns too, it is narrowed (ends, slots of one word, without
the words of the other) as far as the pattern's own messages allow and no further than helps, because what is
loose meets new events.

A filter made here holds for every message it was fitted to; it may hold for more, and says for how many.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cwtui.core.models import Level
from cwtui.explain.masks import MAX_CHARACTERS, WILDCARD
from cwtui.explain.pattern_expression import (
    ANY_SPACE,
    ANYTHING,
    CLOSER_SLOTS,
    ENDS,
    SLOT,
    STARTS,
    Form,
    literal,
    written,
)
from cwtui.lang.expression import And, Contains, Expression, LevelIs, Not, Regex

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FITTED = 4_000
"""Messages of a pattern, drawn evenly, that a filter is fitted to."""

_EMPTY = "(empty message)"
"""The miner's words for a template without any."""
_LONGEST = 600
"""Characters of a template that an expression says: beyond that its beginning is enough."""
_WORDS = 12
_RULED_OUT = 3
_BLANK = r"^\s*$"
_CLASSES = {"ok": 2, "redirect": 3, "bad-request": 4, "server-error": 5}
"""The first digit of the status that `explain.body` words like this."""
_PLAIN_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class PatternFilter:
    """What shows the events of a pattern."""

    expression: Expression
    strays: int
    """Of the messages of other patterns that it was tried on, how many it holds for as well."""


_OPEN_AGAIN: tuple[Callable[[Form], Form], ...] = (
    lambda form: replace(form, slot=SLOT),
    lambda form: replace(form, end=""),
    lambda form: replace(form, start=""),
)


def pattern_filter(
    text: str,
    level: Level,
    own: Sequence[str],
    others: Sequence[tuple[str, str]] = (),
    *,
    overflow: bool = False,
) -> PatternFilter:
    """The filter of a pattern by its template, `own` being messages of its events; it holds for each of them.

    `others` are (template, message) of events of other patterns; let them be of the same level: the filter
    names the level itself. Runs DuckDB: call it off the event loop.
    """
    of_level = LevelIs("=", level)
    with _Trial(own, others) as trial:
        body = _fitted(text, trial, overflow)
        if not body:
            return PatternFilter(of_level, len(others))
        body = _told_apart(body, trial)
        return PatternFilter(And((of_level, *body)), trial.strays(body))


# ---------------------------------------------------------------------- fitting


class _Trial:
    """Messages that expressions are tried on, by the engine that will run them."""

    def __init__(self, own: Sequence[str], others: Sequence[tuple[str, str]]) -> None:
        self._own = list(own)
        self._templates = [template for template, _ in others]
        self._others = [message for _, message in others]

    def __enter__(self) -> Self:
        import duckdb  # heavy, and needed only once a pattern is chosen

        self._connection: DuckDBPyConnection = duckdb.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def holds(self, body: Sequence[Expression]) -> bool:
        """Whether the expressions all hold for every message of the pattern."""
        return len(self._found(self._own, body)) == len(self._own)

    def strays(self, body: Sequence[Expression]) -> int:
        """For how many messages of other patterns they hold."""
        return len(self._found(self._others, body))

    def straying(self, body: Sequence[Expression]) -> list[str]:
        """The templates of these messages, those of the most first."""
        counted = Counter(self._templates[place] for place in self._found(self._others, body))
        return [template for template, _ in counted.most_common()]

    def rules_out(self, template: str, rule: Expression) -> bool:
        """Whether an expression holds for messages of that template and for none of the pattern."""
        return not self._found(self._own, (rule,)) and any(
            self._templates[place] == template for place in self._found(self._others, (rule,))
        )

    def _found(self, messages: list[str], body: Sequence[Expression]) -> list[int]:
        if not messages:
            return []
        conditions = [part.condition() for part in body]
        tests = " AND ".join(condition.sql for condition in conditions)
        values = [value for condition in conditions for value in condition.params]
        found = self._connection.execute(
            "SELECT place FROM (SELECT unnest(?::VARCHAR[]) AS message, unnest(range(?)) AS place) "
            f"WHERE {tests} ORDER BY place",
            [messages, len(messages), *values],
        ).fetchall()
        return [int(place) for (place,) in found]


def _fitted(text: str, trial: _Trial, overflow: bool) -> tuple[Expression, ...]:
    """The tightest of the forms that holds for all; empty where only the level does."""
    if text == _EMPTY and trial.holds(blank := (Regex(_BLANK),)):
        return blank
    tokens, whole = _tokens(text, overflow)
    if tokens and not overflow:
        for form in (Form(), Form(json=True), Form(json=True, space=ANY_SPACE)):
            if trial.holds((written(tokens, form),)):
                return _narrowed(tokens, form, trial, whole)
        for request in _requests(tokens):
            if trial.holds((written(request, Form()),)):
                return _narrowed(request, Form(), trial, whole=False)
    for loose in _in_order(tokens):
        if trial.holds((loose,)):
            return (loose,)
    words = dict.fromkeys(_PLAIN_WORD.findall(" ".join(tokens)))
    found = [Contains(word) for word in words if trial.holds((Contains(word),))]
    return tuple(sorted(found, key=lambda each: -len(each.text))[:_WORDS])


def _in_order(tokens: list[str]) -> list[Regex]:
    """What the template says in its order, whatever stands between: all of it, or the words alone."""
    literals = [piece for token in tokens for piece in token.split(WILDCARD) if piece]
    words = _PLAIN_WORD.findall(" ".join(literals))
    return [
        Regex(ANYTHING + SLOT.join(literal(piece, json=True) for piece in pieces))
        for pieces in (literals, words)
        if pieces
    ]


def _narrowed(tokens: list[str], form: Form, trial: _Trial, whole: bool) -> tuple[Expression, ...]:
    """The loosest form that holds for as few messages of other patterns as the tightest one does."""

    def strays(tried: Form) -> int:
        return trial.strays((written(tokens, tried),))

    def closest(tries: Iterable[Form]) -> Form | None:
        return next((tried for tried in tries if trial.holds((written(tokens, tried),))), None)

    if before := strays(form):
        tight = closest(replace(form, start=start) for start in STARTS) or form
        # Together: a slot at an open end is left out, so that a slot alone says nothing there.
        ends = (*(ENDS if whole else ()), "")
        tight = closest(replace(tight, slot=slot, end=end) for end in ends for slot in CLOSER_SLOTS) or tight
        if (least := strays(tight)) < before:
            for open_again in _OPEN_AGAIN:
                if strays(tried := open_again(tight)) == least:
                    tight = tried
            form = tight
    made = written(tokens, form)
    return () if made.pattern == SLOT else (made,)


def _told_apart(body: tuple[Expression, ...], trial: _Trial) -> tuple[Expression, ...]:
    """The same without other patterns that it holds for too, where their words tell them apart."""
    for template in trial.straying(body)[:_RULED_OUT]:
        tokens, _ = _tokens(template, overflow=False)
        rules = [written(tokens, form) for form in (Form(), Form(json=True)) if tokens]
        rules += _in_order(tokens)
        rule = next((each for each in rules if trial.rules_out(template, each)), None)
        if rule is not None:
            body = (*body, Not(rule))
    return body


def _requests(tokens: list[str]) -> list[list[str]]:
    """Of `GET /cart answered ok`, which is how an access log is mined, what stands in such a log."""
    match tokens:
        case [method, route, "answered", answer, *_] if answer in _CLASSES:
            status = f"{_CLASSES[answer]}{WILDCARD}"
            ways = ([route, f'{WILDCARD}"'], [f'{route}{WILDCARD}"'])
            return [[f'"{method}', *way, status] for way in ways]
    return []


def _tokens(text: str, overflow: bool) -> tuple[list[str], bool]:
    """The template's words as far as they are told, and whether those are all of them."""
    tokens = text.split(" ")
    if overflow:
        return [token for token in tokens[1:] if token != "…"], False
    told: list[str] = []
    length = 0
    for token in tokens if len(text) < MAX_CHARACTERS else tokens[:-1]:
        length += len(token) + 1
        if length > _LONGEST and told:
            break
        told.append(token)
    return told, len(told) == len(tokens)
