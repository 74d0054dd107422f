"""Filter expressions as values: each knows its canonical text, which parses back to it, and its condition.

Comparing a field needs the field: `user != "x"` leaves out lines without a `user`, `not user = "x"` keeps
them. `~` is the smart `contains`: upper case in the text makes it mind the case, and a `*` in a compared
text stands for anything and ties it to the whole value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cwtui.core.models import Level
from cwtui.core.timespec import iso
from cwtui.lang.condition import EVERYTHING, Condition, compared
from cwtui.lang.field_path import FieldPath, Predicate
from cwtui.lang.filter_pattern import FilterPattern

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Column = Literal["message", "stream", "group", "account", "region"]

_COLUMN_SQL: dict[str, str] = {
    "message": "{0}",
    "stream": "(stream_id IN (SELECT stream_id FROM streams WHERE {0}))",
    "group": "(source_id IN (SELECT source_id FROM sources WHERE {0}))",
    "account": "(source_id IN (SELECT source_id FROM sources WHERE {0}))",
    "region": "(source_id IN (SELECT source_id FROM sources WHERE {0}))",
}
_COLUMN_NAME = {"stream": "name", "group": "log_group"}
_EXACT_DIGITS = 15
"""Digits up to which a DOUBLE tells every integer from the next."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written; compared as a number, and as text where it is too long for that."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Everything:
    def __str__(self) -> str:
        return ""

    def condition(self) -> Condition:
        return EVERYTHING


@dataclass(frozen=True, slots=True)
class And:
    """All of at least two."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " and ".join(map(_part, self.parts))

    def condition(self) -> Condition:
        return Condition.all_of(part.condition() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of at least two."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " or ".join(map(_part, self.parts))

    def condition(self) -> Condition:
        return Condition.any_of(part.condition() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression

    def __str__(self) -> str:
        return f"not {_part(self.part)}"

    def condition(self) -> Condition:
        return self.part.condition().negated()


@dataclass(frozen=True, slots=True)
class Contains:
    """The message contains the text, smart case; a `*` is a star."""

    text: str

    def __str__(self) -> str:
        return quoted(self.text)

    def condition(self) -> Condition:
        return _contains(Condition("message"), self.text)


@dataclass(frozen=True, slots=True)
class Regex:
    """An RE2 regular expression, known to be valid; see `where.regex`."""

    pattern: str
    ignore_case: bool = False

    def __str__(self) -> str:
        return f"/{_slashed(self.pattern)}/{'i' if self.ignore_case else ''}"

    def condition(self) -> Condition:
        return self.over(Condition("message"))

    def over(self, value: Condition) -> Condition:
        """True where the value holds a match."""
        pattern = f"(?i){self.pattern}" if self.ignore_case else self.pattern
        return Condition(f"regexp_matches({value.sql}, ?)", (*value.params, pattern))


@dataclass(frozen=True, slots=True)
class Like:
    """`~`: a part of the value, or with `*` the whole of it, smart case."""

    text: str

    def __str__(self) -> str:
        return quoted(self.text)

    def over(self, value: Condition) -> Condition:
        """True where the value is like the text."""
        if "*" not in self.text:
            return _contains(value, self.text)
        flags = "s" if _minds_case(self.text) else "si"
        pattern = f"(?{flags})^{'.*'.join(map(re.escape, self.text.split('*')))}\\z"
        return Condition(f"regexp_matches({value.sql}, ?)", (*value.params, pattern))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column's or a field's value against a text or a number."""

    subject: Column | FieldPath
    operator: Operator
    value: str | Number

    def __str__(self) -> str:
        value = str(self.value) if isinstance(self.value, Number) else quoted(self.value)
        return f"{self.subject} {self.operator} {value}"

    def condition(self) -> Condition:
        return _where(self.subject, self._over)

    def _over(self, value: Condition) -> Condition:
        sign = "<>" if self.operator == "!=" else self.operator
        if isinstance(self.value, str):
            return Condition(f"({value.sql} {sign} ?)", (*value.params, self.value))
        text = self.value.text
        if sign in ("=", "<>") and text.lstrip("+-").isdigit() and len(text) > _EXACT_DIGITS:
            return Condition(f"({value.sql} {sign} ?)", (*value.params, text))
        return compared(
            Condition(f"TRY_CAST({value.sql} AS DOUBLE)", value.params), self.operator, float(text)
        )


@dataclass(frozen=True, slots=True)
class Match:
    """A column's or a field's value against a text (`~`) or a regular expression (`=~`)."""

    subject: Column | FieldPath
    against: Like | Regex

    def __str__(self) -> str:
        return f"{self.subject} {'~' if isinstance(self.against, Like) else '=~'} {self.against}"

    def condition(self) -> Condition:
        return _where(self.subject, self.against.over)


@dataclass(frozen=True, slots=True)
class Exists:
    path: FieldPath

    def __str__(self) -> str:
        return f"{self.path} exists"

    def condition(self) -> Condition:
        return self.path.exists()


@dataclass(frozen=True, slots=True)
class LevelIs:
    """The level against a level; a line that says none is below all."""

    operator: Operator
    level: Level

    def __str__(self) -> str:
        return f"level {self.operator} {self.level.name.lower()}"

    def condition(self) -> Condition:
        return Condition(f"(level {_sql(self.operator)} ?)", (int(self.level),))


@dataclass(frozen=True, slots=True)
class TimeIs:
    """The timestamp, in ms UTC, against a moment."""

    operator: Operator
    moment: int

    def __str__(self) -> str:
        return f"time {self.operator} {iso(self.moment)}"

    def condition(self) -> Condition:
        return Condition(f"(ts {_sql(self.operator)} ?)", (self.moment,))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A CloudWatch filter pattern, run locally."""

    pattern: FilterPattern

    def __str__(self) -> str:
        return f"pattern {quoted(str(self.pattern))}"

    def condition(self) -> Condition:
        return self.pattern.condition()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Events that were picked out one by one, such as those of a run.

    Of the rows up to `known` it is exactly `rows`; what comes later, and what is loaded elsewhere, is judged
    by `told`, which is also what is written. Row ids outlive no window: see `where.FilterStack.settled`.
    """

    name: str
    """For a chip; foreign text."""
    rows: tuple[int, ...]
    known: int
    told: Expression

    def __str__(self) -> str:
        return str(self.told)

    def condition(self) -> Condition:
        later = self.told.condition()
        return Condition(
            f"(CASE WHEN rowid <= ? THEN rowid IN (SELECT unnest(?::BIGINT[])) ELSE {later.sql} END)",
            (self.known, list(self.rows), *later.params),
        )


Expression = (
    Everything
    | And
    | Or
    | Not
    | Contains
    | Regex
    | Comparison
    | Match
    | Exists
    | LevelIs
    | TimeIs
    | Pattern
    | Chosen
)

_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\", '"': '\\"'}


def quoted(text: str) -> str:
    """The text between double quotes, as the language reads it back."""
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


def _part(expression: Expression) -> str:
    if isinstance(expression, Chosen):
        return _part(expression.told)
    return f"({expression})" if isinstance(expression, And | Or) else str(expression)


def _where(subject: Column | FieldPath, predicate: Predicate) -> Condition:
    if isinstance(subject, FieldPath):
        return subject.where(predicate)
    inner = predicate(Condition(_COLUMN_NAME.get(subject, subject)))
    return Condition(_COLUMN_SQL[subject].format(f"coalesce({inner.sql}, FALSE)"), inner.params)


def _minds_case(text: str) -> bool:
    return any(character.isupper() for character in text)


def _contains(value: Condition, text: str) -> Condition:
    if _minds_case(text):
        return Condition(f"contains({value.sql}, ?)", (*value.params, text))
    return Condition(f"contains(lower({value.sql}), ?)", (*value.params, text.lower()))


def _sql(operator: Operator) -> str:
    return "<>" if operator == "!=" else operator


def _slashed(pattern: str) -> str:
    return re.sub(r"\\.|/", lambda found: "\\/" if found[0] == "/" else found[0], pattern, flags=re.DOTALL)
