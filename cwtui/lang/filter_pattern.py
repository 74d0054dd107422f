"""CloudWatch filter patterns, run locally with the service's own meaning.

Source: "Filter pattern syntax" in the CloudWatch Logs user guide (FilterAndPatternSyntax). Four forms:
terms (`ERROR -retry`, `?a ?b`, `"a phrase"`, `%regex%`), JSON (`{ $.status >= 500 && $.user = "x*" }`),
columns of a space-delimited line (`[ip, ..., status=5*, bytes>1000]`), and nothing, which matches all.
What the guide leaves open is decided here: a comparison with a property that is missing, an object, an
array, null or a boolean is false, `!=` too; a `*` is a wildcard at the ends of a value only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cwtui.core.errors import InputError
from cwtui.lang.condition import EVERYTHING, Condition
from cwtui.lang.envelope import fields_of
from cwtui.lang.field_path import JSON_SQL
from cwtui.lang.filter_tests import Regex, Test, Words

LIMIT = 1024
"""Characters of a pattern (FilterLogEvents, `filterPattern`)."""

_TOKEN = '"[^"]*"|\\[[^\\]]*\\]|[^ \\t\\r\\n]+'
_TOKENS = re.compile(_TOKEN)


Term = Words | Regex


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of an unstructured line; the optional ones count only where there are no others."""

    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    optional: tuple[Term, ...] = ()

    def matches(self, message: str) -> bool:
        if not self.required and not self.excluded:
            return any(term.found_in(message) for term in self.optional)
        return all(term.found_in(message) for term in self.required) and not any(
            term.found_in(message) for term in self.excluded
        )

    def condition(self) -> Condition:
        message = Condition("message")
        if not self.required and not self.excluded:
            return Condition.any_of(term.condition(message) for term in self.optional)
        return Condition.all_of(
            [
                *(term.condition(message) for term in self.required),
                *(term.condition(message).negated() for term in self.excluded),
            ]
        )


@dataclass(frozen=True, slots=True)
class Json:
    """Tests on the properties of a line that is a JSON object; other lines never match."""

    test: Test

    def matches(self, message: str) -> bool:
        if not message.lstrip(" \t\r\n").startswith("{"):
            return False
        fields = fields_of(message)
        return fields is not None and self.test.holds(fields)

    def condition(self) -> Condition:
        test = self.test.condition(Condition(JSON_SQL))
        return Condition(f"(CASE WHEN {JSON_SQL} IS NOT NULL THEN {test.sql} ELSE FALSE END)", test.params)


@dataclass(frozen=True, slots=True)
class Columns:
    """Tests on the columns of a space-delimited line; what `"..."` or `[...]` holds is one column."""

    before: tuple[Test | None, ...]
    """Tests of the columns from the left, None where any value will do."""
    after: tuple[Test | None, ...] = ()
    """Tests of the last columns, behind an ellipsis."""
    open: bool = False
    """Whether there is an ellipsis; without one the number of columns must be the same."""

    def matches(self, message: str) -> bool:
        columns = _TOKENS.findall(message)
        named = len(self.before) + len(self.after)
        if len(columns) < named if self.open else len(columns) != named:
            return False
        tests = (*self.before, *self.after)
        values = [*columns[: len(self.before)], *columns[len(columns) - len(self.after) :]]
        return all(
            test is None or test.holds(_bare(value)) for test, value in zip(tests, values, strict=True)
        )

    def condition(self) -> Condition:
        columns = f"regexp_extract_all(message, '{_TOKEN}')"
        named = len(self.before) + len(self.after)
        conditions = [Condition(f"(len({columns}) {'>=' if self.open else '='} {named})")]
        places = [*range(1, len(self.before) + 1), *range(-len(self.after), 0)]
        for place, test in zip(places, (*self.before, *self.after), strict=True):
            if test is not None:
                column = f"coalesce({columns}[{place}], '')"
                # What `_bare` does: quotes and brackets around a column are not part of it.
                bare = f"regexp_replace({column}, '^(?:\"([^\"]*)\"|\\[([^\\]]*)\\])\\z', '\\1\\2')"
                conditions.append(test.condition(Condition(bare)))
        return Condition.all_of(conditions)


@dataclass(frozen=True, slots=True)
class FilterPattern:
    """A pattern that can be read; the same text is sent to the service."""

    text: str
    body: Terms | Json | Columns | None = field(compare=False)
    """None matches everything."""

    def __str__(self) -> str:
        return self.text

    def matches(self, message: str) -> bool:
        """Whether the service would give this message. Never raises."""
        return self.body is None or self.body.matches(message)

    def condition(self) -> Condition:
        """The same over the window's rows."""
        return EVERYTHING if self.body is None else self.body.condition()


def parse_pattern(text: str) -> FilterPattern:
    """Reads a filter pattern; raises InputError naming the column and what was expected there."""
    if len(text) > LIMIT:
        raise InputError(
            f"The filter pattern has {len(text)} characters; CloudWatch allows {LIMIT}.",
            "Leave terms out, or filter the window with --where.",
            code="pattern",
        )
    from cwtui.lang.filter_pattern_parser import parse  # lark takes its time: only where a pattern is read

    stripped = text.strip()
    # Space in front stays, so that the column of an error is one of the text as it was given.
    indent = " " * (len(text) - len(text.lstrip()))
    return FilterPattern(stripped, parse(indent + stripped) if stripped else None)


def phrase(text: str) -> str:
    """The pattern for lines that hold the very text, whatever characters it has."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _bare(column: str) -> str:
    return column[1:-1] if column[:1] + column[-1:] in ('""', "[]") and len(column) > 1 else column
