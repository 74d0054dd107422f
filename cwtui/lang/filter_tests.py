"""The tests that CloudWatch filter patterns are made of: terms, and comparisons of properties and columns.

Each says whether it holds of a Python value, and the same as a condition over an SQL expression.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from threading import local
from typing import Literal, Protocol

from cwtui.lang.condition import Condition, compared

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Is = Literal["NULL", "TRUE", "FALSE", "NOT EXISTS"]


class Every(Enum):
    """A step of a path that stands for many."""

    KEY = ".*"
    ELEMENT = "[*]"


Step = str | int | Every
"""A key, a place in an array, or every one of either."""

NUMBER_PATTERN = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?"
"""An integer, a decimal, or scientific notation, as the guide has it."""
_NUMBER = re.compile(NUMBER_PATTERN)
_MOST_STEPS = 100_000_000
"""Steps of Python's regular expressions over one text, a second or less; RE2 needs one for each character,
but a third of a millisecond to begin."""
_of_thread = local()
_JSON_NUMBERS = "('UBIGINT', 'BIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')"
_PLAIN_NUMBER_SQL = "'^[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,3})?\\z'"


class Test(Protocol):
    """Part of a JSON or column pattern. The subject is the fields of a line, or the text of a column."""

    def holds(self, subject: object) -> bool: ...

    def condition(self, subject: Condition) -> Condition: ...


@dataclass(frozen=True, slots=True)
class Regex:
    """Between `%` signs: a regular expression without groups."""

    pattern: str
    """As RE2 reads it."""
    python: str
    """The same for Python's `re`, with `re.ASCII`."""
    literal: str = ""
    """What every text that matches holds."""
    loops: int = 0
    """Repeats without an end."""
    ways: int = 1
    """In how many ways the repeats that have an end can go, together."""

    def found_in(self, text: str) -> bool:
        if self.literal not in text:
            return False
        # Python's engine goes back and tries again, at worst as often as this, and cannot be stopped.
        if self.ways * (len(text) + 1) ** (self.loops + 1) > _MOST_STEPS:
            return _found_by_re2(self.pattern, text)
        return _compiled(self.python).search(text) is not None

    def condition(self, text: Condition) -> Condition:
        return Condition(f"regexp_matches({text.sql}, ?)", (*text.params, self.pattern))


@dataclass(frozen=True, slots=True)
class Words:
    """A term or a quoted phrase: found anywhere, in this case."""

    text: str

    def found_in(self, text: str) -> bool:
        return self.text in text

    def condition(self, text: Condition) -> Condition:
        return Condition(f"contains({text.sql}, ?)", (*text.params, self.text))


@dataclass(frozen=True, slots=True)
class Text:
    """A text to equal; `*` at either end stands for anything."""

    text: str

    def equals(self, value: str) -> bool:
        core, front, back = self._parts()
        if front and back:
            return core in value
        if front:
            return value.endswith(core)
        return value.startswith(core) if back else value == core

    def condition(self, value: Condition) -> Condition:
        core, front, back = self._parts()
        test = "contains" if front and back else "ends_with" if front else "starts_with" if back else ""
        sql = f"{test}({value.sql}, ?)" if test else f"({value.sql} = ?)"
        return Condition(sql, (*value.params, core))

    def _parts(self) -> tuple[str, bool, bool]:
        if self.text == "*":
            return "", True, True
        front, back = self.text.startswith("*"), self.text.endswith("*")
        return self.text[front : len(self.text) - back], front, back


@dataclass(frozen=True, slots=True)
class Number:
    text: str

    @property
    def value(self) -> float:
        return float(self.text)


Value = Text | Number | Regex


@dataclass(frozen=True, slots=True)
class Compare:
    """A value against one that the pattern gives."""

    operator: Operator
    value: Value

    def holds_text(self, text: str) -> bool:
        """For a column."""
        if self.operator in ("=", "!="):
            return self._same(text) == (self.operator == "=")
        return self._ordered(_number(text))

    def holds_json(self, value: object) -> bool:
        """For a property: a string or a number, anything else is false."""
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            return False
        if self.operator not in ("=", "!="):
            return not isinstance(value, str) and self._ordered(value)
        if isinstance(self.value, Number) and not isinstance(value, str):
            same = value == self.value.value
        elif isinstance(self.value, Number):
            same = value == self.value.text
        else:
            same = self._same(str(value))
        return same == (self.operator == "=")

    def text_condition(self, text: Condition) -> Condition:
        """`holds_text` over an SQL expression."""
        number = _number_condition(text)
        if self.operator not in ("=", "!="):
            return self._ordered_condition(number)
        same = self._same_condition(text)
        return same if self.operator == "=" else same.negated()

    def json_condition(self, json: Condition) -> Condition:
        """`holds_json` over an SQL expression of type JSON."""
        text = Condition(f"json_extract_string({json.sql}, '$')", json.params)
        kind = f"coalesce(json_type({json.sql}), '')"
        number = _number_condition(text)
        if self.operator not in ("=", "!="):
            return Condition.all_of(
                [Condition(f"{kind} IN {_JSON_NUMBERS}", json.params), self._ordered_condition(number)]
            )
        if isinstance(self.value, Number):
            same = Condition(
                f"(CASE WHEN {kind} = 'VARCHAR' THEN {text.sql} = ? "
                f"ELSE coalesce({number.sql} = ?, FALSE) END)",
                (*json.params, *text.params, self.value.text, *number.params, self.value.value),
            )
        else:
            same = self._same_condition(text)
        test = same if self.operator == "=" else same.negated()
        return Condition(
            f"(CASE WHEN {kind} = 'VARCHAR' OR {kind} IN {_JSON_NUMBERS} THEN {test.sql} ELSE FALSE END)",
            (*json.params, *json.params, *test.params),
        )

    def _same(self, text: str) -> bool:
        if isinstance(self.value, Regex):
            return self.value.found_in(text)
        if isinstance(self.value, Text):
            return self.value.equals(text)
        return text == self.value.text or _number(text) == self.value.value

    def _same_condition(self, text: Condition) -> Condition:
        if isinstance(self.value, Number):
            number = _number_condition(text)
            return Condition(
                f"coalesce({text.sql} = ? OR {number.sql} = ?, FALSE)",
                (*text.params, self.value.text, *number.params, self.value.value),
            )
        same = self.value.condition(text)
        return Condition(f"coalesce({same.sql}, FALSE)", same.params)

    def _ordered(self, number: float | None) -> bool:
        if number is None or not isinstance(self.value, Number):
            return False
        return _ORDERS[self.operator](number, self.value.value)

    def _ordered_condition(self, number: Condition) -> Condition:
        if not isinstance(self.value, Number):
            return Condition("FALSE")
        ordered = compared(number, self.operator, self.value.value)
        return Condition(f"coalesce({ordered.sql}, FALSE)", ordered.params)


_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Property:
    """One test on a property of a JSON line; true where it is of one of those that the path reaches."""

    path: tuple[Step, ...]
    check: Compare | Is

    def holds(self, subject: object) -> bool:
        found = list(_reached(subject, self.path))
        if self.check == "NOT EXISTS":
            return not found
        return any(self._checks(value) for value in found)

    def _checks(self, value: object) -> bool:
        if isinstance(self.check, Compare):
            return self.check.holds_json(value)
        return value is {"NULL": None, "TRUE": True, "FALSE": False}[self.check]

    def condition(self, subject: Condition) -> Condition:
        json = Condition(f"json_extract({subject.sql}, ?)", (*subject.params, self._json_path()))
        if not any(isinstance(step, Every) for step in self.path):
            if self.check == "NOT EXISTS":
                return Condition(f"(NOT json_exists({subject.sql}, ?))", json.params)
            return self._value_condition(json)
        inner = self._value_condition(Condition("x"))
        return Condition(
            f"(len(list_filter({json.sql}, lambda x: {inner.sql})) > 0)", (*json.params, *inner.params)
        )

    def _value_condition(self, json: Condition) -> Condition:
        if isinstance(self.check, Compare):
            return self.check.json_condition(json)
        return Condition(
            f"coalesce(CAST({json.sql} AS VARCHAR) = '{self.check.lower()}', FALSE)", json.params
        )

    def _json_path(self) -> str:
        return "$" + "".join(map(_step, self.path))


@dataclass(frozen=True, slots=True)
class Column:
    """One comparison of a column."""

    name: str
    compare: Compare

    def holds(self, subject: object) -> bool:
        return isinstance(subject, str) and self.compare.holds_text(subject)

    def condition(self, subject: Condition) -> Condition:
        return self.compare.text_condition(subject)


@dataclass(frozen=True, slots=True)
class Junction:
    """All (`&&`) or any (`||`) of at least two."""

    every: bool
    parts: tuple[Test, ...]

    def holds(self, subject: object) -> bool:
        return (all if self.every else any)(part.holds(subject) for part in self.parts)

    def condition(self, subject: Condition) -> Condition:
        join = Condition.all_of if self.every else Condition.any_of
        return join(part.condition(subject) for part in self.parts)


def _reached(value: object, path: tuple[Step, ...]) -> Iterator[object]:
    for position, step in enumerate(path):
        if isinstance(step, Every):
            if step is Every.KEY:
                inner = list(value.values()) if isinstance(value, dict) else []
            else:
                inner = value if isinstance(value, list) else []
            for each in inner:
                yield from _reached(each, path[position + 1 :])
            return
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return
            value = value[step]
        else:
            if not isinstance(value, list) or step >= len(value):
                return
            value = value[step]
    yield value


def _number_condition(text: Condition) -> Condition:
    """`_number` over an SQL expression: NULL where the text is no number as the grammar writes one."""
    return Condition(f"TRY_CAST(regexp_extract({text.sql}, '^(?:{NUMBER_PATTERN})$') AS DOUBLE)", text.params)


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _step(step: Step) -> str:
    if isinstance(step, Every):
        return step.value
    return (
        f"[{step}]" if isinstance(step, int) else '."' + step.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )


def _found_by_re2(pattern: str, text: str) -> bool:
    """Whether DuckDB's engine finds it: in a time that grows with the text and no faster."""
    if not hasattr(_of_thread, "connection"):
        import duckdb  # heavy, and seldom needed

        _of_thread.connection = duckdb.connect(config={"threads": 1})
    sound = text.encode("utf-8", "backslashreplace").decode()
    found = _of_thread.connection.execute("SELECT regexp_matches(?, ?)", [sound, pattern]).fetchone()
    return bool(found[0])


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
