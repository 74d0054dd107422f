"""cwtui's own filters: expressions, one filter, and the stack of filters a view is narrowed by.

| written | meaning |
|---|---|
| `~text` `"some text"` | the message contains it; case counts where it has an upper-case letter |
| `/regex/` `/regex/i` | the message matches (RE2) |
| `level >= warn` · `time < 2026-11-22T10:00Z` | level, timestamp |
| `stream = "x"` `group ~ "/api*"` `account` `region` `message =~ /x/` | where it came from, the raw line |
| `status >= 500` `error.code != 5` `user = "x"` `path =~ /v[12]/` `user exists` | fields of JSON and logfmt |
| `pattern "{ $.status = 5* }"` | a CloudWatch filter pattern |
| `and or not ( )` `&& \\|\\| !` | together |
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cwtui.core.errors import InputError
from cwtui.core.models import Level
from cwtui.lang.condition import Condition
from cwtui.lang.expression import (
    And,
    Chosen,
    Comparison,
    Contains,
    Everything,
    Expression,
    LevelIs,
    Not,
    Or,
    Pattern,
    Regex,
)
from cwtui.lang.filter_pattern import parse_pattern

__all__ = [
    "Expression",
    "Filter",
    "FilterStack",
    "containing",
    "from_bar",
    "from_edit",
    "in_account",
    "in_group",
    "in_place",
    "in_region",
    "in_stream",
    "inverted",
    "level_floor",
    "parse_where",
    "regex",
    "search_expression",
]

LIMIT = 10_000
"""Characters of an expression."""

_LOOKS_WRITTEN = re.compile(
    r"(?:\$\.)?[A-Za-z_@`][^\s\"'=<>!~]*\s*(?:[<>!=]=|=~|!~)|(?:level|time)\s*[=<>]|pattern\s*\"",
    re.IGNORECASE,
)
_JSON_PATTERN = re.compile(r"\{[\s(]*\$[.\[]")
"""How a CloudWatch pattern begins, closed or not; a text to be found may begin with a brace too."""
_METACHARACTER = re.compile(r"[\\^$.|?*+()\[\]{}]")
_WHOLE_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/(i?)", re.DOTALL)


def parse_where(text: str) -> Expression:
    """Reads an expression; blank text is everything. Raises InputError naming the column."""
    if len(text) > LIMIT:
        raise InputError(
            f"The filter has {len(text)} characters; {LIMIT} are possible.", "Say less.", code="where"
        )
    if not text.strip():
        return Everything()
    from cwtui.lang.where_parser import parse  # lark takes its time: only where an expression is read

    return parse(text)


@dataclass(frozen=True, slots=True)
class Filter:
    """One expression, switched on or off."""

    expression: Expression
    enabled: bool = True

    def __str__(self) -> str:
        return str(self.expression)

    def condition(self) -> Condition:
        return self.expression.condition()

    def toggled(self) -> Filter:
        return replace(self, enabled=not self.enabled)

    def inverted(self) -> Filter:
        return replace(self, expression=inverted(self.expression))


@dataclass(frozen=True, slots=True)
class FilterStack:
    """Filters in the order shown; a line passes where every one that is on lets it."""

    filters: tuple[Filter, ...] = ()

    def __len__(self) -> int:
        return len(self.filters)

    def condition(self) -> Condition | None:
        """None where nothing narrows the view."""
        conditions = [each.condition() for each in self._on()]
        return Condition.all_of(conditions) if conditions else None

    def where(self) -> str:
        """The stack as one expression, for `--where`; empty where nothing narrows the view."""
        expressions = tuple(each.expression for each in self._on())
        return str(And(expressions) if len(expressions) > 1 else expressions[0]) if expressions else ""

    def add(self, added: Filter) -> FilterStack:
        return FilterStack((*self.filters, added))

    def remove(self, index: int) -> FilterStack:
        return FilterStack(self.filters[:index] + self.filters[index + 1 :])

    def toggle(self, index: int) -> FilterStack:
        return self.replace(index, self.filters[index].toggled())

    def replace(self, index: int, by: Filter) -> FilterStack:
        return FilterStack((*self.filters[:index], by, *self.filters[index + 1 :]))

    def move(self, index: int, to: int) -> FilterStack:
        """The filter at `index` stands at `to` afterwards."""
        rest = list(self.filters[:index] + self.filters[index + 1 :])
        rest.insert(to, self.filters[index])
        return FilterStack(tuple(rest))

    def settled(self) -> FilterStack:
        """The same for another window, in which rows have other numbers."""
        return FilterStack(
            tuple(replace(each, expression=_settled(each.expression)) for each in self.filters)
        )

    def _on(self) -> list[Filter]:
        return [each for each in self.filters if each.enabled and not isinstance(each.expression, Everything)]


def inverted(expression: Expression) -> Expression:
    """Its negation; of a negation, what it negates."""
    return expression.part if isinstance(expression, Not) else Not(expression)


def _settled(expression: Expression) -> Expression:
    match expression:
        case Chosen(told=told):
            return told
        case Not(part):
            return Not(_settled(part))
        case And(parts):
            return And(tuple(map(_settled, parts)))
        case Or(parts):
            return Or(tuple(map(_settled, parts)))
    return expression


def containing(text: str) -> Expression:
    """Lines that contain the text, smart case."""
    return Contains(text)


def regex(pattern: str, ignore_case: bool | None = False) -> Regex:
    """Lines that match an RE2 expression; `ignore_case=None` is smart case. Raises InputError."""
    from cwtui.lang.regex import checked

    return checked(pattern, ignore_case)


def search_expression(text: str) -> Expression:
    """What a search text means: a regular expression where it is one, else the text itself; smart case."""
    if not _METACHARACTER.search(text):
        return containing(text)
    try:
        return regex(text, ignore_case=None)
    except InputError:
        return containing(text)


def level_floor(level: Level) -> Expression:
    """Lines of this level and graver."""
    return LevelIs(">=", level)


def in_stream(name: str) -> Expression:
    """Lines of the stream, whatever its group."""
    return Comparison("stream", "=", name)


def in_group(name: str) -> Expression:
    """Lines of the log group, whatever its account and region."""
    return Comparison("group", "=", name)


def in_account(account: str) -> Expression:
    """Lines of the log groups of an account."""
    return Comparison("account", "=", account)


def in_region(region: str) -> Expression:
    """Lines of the log groups of a region."""
    return Comparison("region", "=", region)


def in_place(account: str, region: str, group: str) -> tuple[Expression, ...]:
    """What holds for the lines of that log group and of none of its name elsewhere: each of them must.

    An account or region that is not known is left out.
    """
    where = (in_account(account) if account else None, in_region(region) if region else None)
    return (*(each for each in where if each is not None), in_group(group))


def from_edit(text: str) -> Filter:
    """What the bar's text means where it began as a filter's canonical text; raises InputError.

    `/regex/` is what it is in an expression there: without a flag it minds the case.
    """
    try:
        return Filter(parse_where(text))
    except InputError:
        return from_bar(text)


def from_bar(text: str) -> Filter:
    """What the filter bar takes; raises InputError.

    `!x` excludes what `x` means; `/re/` is a regular expression (smart case, `/re/i` without case); `{...}`
    and `[...]` are CloudWatch patterns; an expression of the language above is that; the rest is a text to
    be contained.
    """
    stripped = text.strip()
    if stripped.startswith("!") and stripped[1:].strip():
        # A space for the sign, so that the column of an error stays that of the text as it was given.
        return from_bar(text.replace("!", " ", 1)).inverted()
    if len(stripped) > 1 and (stripped[0] + stripped[-1] in ("{}", "[]") or _JSON_PATTERN.match(stripped)):
        return Filter(Pattern(parse_pattern(text)))
    if whole := _WHOLE_REGEX.fullmatch(stripped):
        try:
            return Filter(regex(whole[1], ignore_case=True if whole[2] else None))
        except InputError as error:
            error.column += text.index("/") + 1 if error.column else 0
            raise
    try:
        return Filter(parse_where(text))
    except InputError as error:
        if _LOOKS_WRITTEN.match(stripped) or error.code == "cwtui.input.regex":
            raise
        return Filter(containing(stripped))
