"""The grammar of CloudWatch filter patterns. Loads lark, so it is imported where a pattern is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from cwtui.core.errors import InputError
from cwtui.lang.filter_pattern import Columns, Json, Term, Terms
from cwtui.lang.filter_regex import BadRegex, regex_of
from cwtui.lang.filter_tests import (
    NUMBER_PATTERN,
    Column,
    Compare,
    Every,
    Is,
    Junction,
    Number,
    Operator,
    Property,
    Regex,
    Step,
    Test,
    Text,
    Value,
    Words,
)
from cwtui.lang.reading import one_of, unreadable

REGEX_LIMIT = 2
"""Regular expressions in one pattern."""

_COMMON = r"""
QUOTED: /"(?:[^"\\]|\\.)*"/s
REGEX: /%(?:[^%\\]|\\.)*%/s
%import common.WS
%ignore WS
"""

_TERMS = (
    r"""
start: item+
item: term            -> required
    | EXCLUDE term    -> excluded
    | OPTION term     -> optional
?term: WORD -> word | QUOTED -> phrase | REGEX -> regex
WORD: /\w+/
EXCLUDE: /(?<!\S)-\s*/
OPTION: /(?<!\S)\?/
"""
    + _COMMON
)

_TESTS = (
    r"""
?any: every (_OR every)* -> either
?every: single (_AND single)* -> both
?single: _OPEN any _CLOSE | test
?value: QUOTED -> text | BARE -> bare | REGEX -> regex | number
number: NUMBER
_OPEN: "("
_CLOSE: ")"
_AND: "&&"
_OR: "||"
EQUALITY: "!=" | "=!" | "="
ORDER: "<=" | ">=" | "<" | ">"
NUMBER.2: /"""
    + NUMBER_PATTERN
    + r"""(?![\w.*:\/@-])/
BARE: /[^\s"%()\[\]{}&|=!<>,]+/
"""
    + _COMMON
)

_JSON = (
    r"""
start: "{" any "}"
test: SELECTOR EQUALITY value -> json_compare
    | SELECTOR ORDER number   -> json_compare
    | SELECTOR IS             -> constant
    | SELECTOR ABSENT         -> constant
SELECTOR: /\$(?:\.?\[(?:\d{1,9}|\*|'[^']+'|"[^"]+")\]|\.[\w@-]+|\.\*)+/
IS: /IS\s+(?:NULL|TRUE|FALSE)\b/i
ABSENT: /NOT\s+EXISTS\b/i
"""
    + _TESTS
)

_COLUMNS = (
    r"""
start: "[" column ("," column)* "]"
column: ELLIPSIS -> ellipsis
    |            -> unnamed
    | NAME       -> unnamed
    | any        -> tested
test: NAME EQUALITY value -> column_compare
    | NAME ORDER number   -> column_compare
NAME: /[\w$@-]+/
ELLIPSIS: "..." | "…"
"""
    + _TESTS
)

_NAMES = {
    "WORD": "a term of letters, digits and _",
    "EXCLUDE": "-",
    "OPTION": "?",
    "QUOTED": 'a text in "quotes"',
    "REGEX": "a %regex%",
    "SELECTOR": "a property like $.name or $.list[0]",
    "EQUALITY": "= or !=",
    "ORDER": "<, <=, > or >=",
    "NUMBER": "a number",
    "BARE": "a word",
    "IS": "IS NULL, IS TRUE or IS FALSE",
    "ABSENT": "NOT EXISTS",
    "NAME": "a column's name",
    "ELLIPSIS": "...",
    "COMMA": "a comma",
    "LBRACE": "{",
    "RBRACE": "}",
    "LSQB": "[",
    "RSQB": "]",
    "_OPEN": "(",
    "_CLOSE": ")",
    "_AND": "&&",
    "_OR": "||",
    "$END": "the end",
}
_STEP = re.compile(r"\.?\[(?:(\d+)|(\*)|'([^']+)'|\"([^\"]+)\")\]|\.(?:(\*)|([\w@-]+))")
_QUOTED_OR_REGEX = re.compile(r'"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%', re.DOTALL)
_ESCAPE = re.compile(r"\\([\"\\])")


class _Refused(Exception):
    """What lark takes and the service does not."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(problem)
        self.position = position
        self.problem = problem


@v_args(inline=True)
class _Builder(Transformer[Token, object]):
    """Builds the pattern's value while it is parsed: nesting costs no stack."""

    def word(self, token: Token) -> Words:
        return Words(str(token))

    def phrase(self, token: Token) -> Words:
        return Words(_unquoted(token))

    def regex(self, token: Token) -> Regex:
        try:
            return regex_of(token[1:-1].replace("\\%", "%"))
        except BadRegex as error:
            raise _Refused((token.start_pos or 0) + 1 + error.position, error.problem) from error

    def text(self, token: Token) -> Text:
        return Text(_unquoted(token))

    def bare(self, token: Token) -> Text:
        return Text(str(token))

    def number(self, token: Token) -> Number:
        return Number(str(token))

    def required(self, term: Term) -> tuple[str, Term]:
        return "", term

    def excluded(self, _sign: Token, term: Term) -> tuple[str, Term]:
        return "-", term

    def optional(self, _sign: Token, term: Term) -> tuple[str, Term]:
        return "?", term

    def either(self, *parts: Test) -> Test:
        return parts[0] if len(parts) == 1 else Junction(every=False, parts=parts)

    def both(self, *parts: Test) -> Test:
        return parts[0] if len(parts) == 1 else Junction(every=True, parts=parts)

    def json_compare(self, selector: Token, operator: Token, value: Value) -> Property:
        return Property(_path(selector), Compare(_operator(operator), value))

    def constant(self, selector: Token, check: Token) -> Property:
        word = " ".join(check.upper().split())
        path = _path(selector)
        if any(isinstance(step, Every) for step in path) and word in ("IS NULL", "NOT EXISTS"):
            raise _Refused(selector.start_pos or 0, f"expected a property without * before {word}")
        return Property(path, cast(Is, word.removeprefix("IS ")))

    def column_compare(self, name: Token, operator: Token, value: Value) -> Column:
        return Column(str(name), Compare(_operator(operator), value))

    def ellipsis(self, token: Token) -> Token:
        return token

    def unnamed(self, _name: Token | None = None) -> None:
        return None

    def tested(self, test: Test) -> Test:
        return test

    def start(self, *parts: object) -> tuple[object, ...]:
        return parts


def parse(text: str) -> Terms | Json | Columns:
    """The value of a pattern that is not empty; raises InputError."""
    grammar = {"{": _JSON, "[": _COLUMNS}.get(text.lstrip(" ")[0], _TERMS)
    try:
        # `start` is a tuple of what the grammar's start rule holds; see the builder.
        parts = cast(tuple[object, ...], _parser(grammar).parse(text))
        _check_regexes(text)
        if grammar is _TERMS:
            return _terms(cast(tuple[tuple[str, Term], ...], parts))
        return Json(cast(Test, parts[0])) if grammar is _JSON else _columns(parts)
    except UnexpectedInput as error:
        raise _unreadable(text, grammar, error) from error
    except _Refused as error:
        raise unreadable("The filter pattern", text, error.position, error.problem, "pattern") from error


@lru_cache(maxsize=3)
def _parser(grammar: str) -> Lark:
    return Lark(grammar, parser="lalr", transformer=_Builder(), propagate_positions=False)


def _terms(parts: tuple[tuple[str, Term], ...]) -> Terms:
    def of(sign: str) -> tuple[Term, ...]:
        return tuple(term for mark, term in parts if mark == sign)

    return Terms(of(""), of("-"), of("?"))


def _columns(parts: tuple[object, ...]) -> Columns:
    gaps = [place for place, part in enumerate(parts) if isinstance(part, Token)]
    for extra in gaps[1:]:
        raise _Refused(cast(Token, parts[extra]).start_pos or 0, "only one ... is possible")
    tests = cast(tuple[Test | None, ...], parts)
    for test in tests:
        names = {leaf.name for leaf in _leaves(test)}
        if len(names) > 1:
            raise _Refused(0, f"one column has two names, {one_of(names)}; expected a comma between them")
    if gaps:
        return Columns(tests[: gaps[0]], tests[gaps[0] + 1 :], open=True)
    return Columns(tests)


def _leaves(test: object) -> Iterator[Column]:
    if isinstance(test, Column):
        yield test
    elif isinstance(test, Junction):
        for part in test.parts:
            yield from _leaves(part)


def _check_regexes(text: str) -> None:
    # Outside of quotes a % is always the beginning or the end of one.
    found = [match.start() for match in _QUOTED_OR_REGEX.finditer(text) if match.group().startswith("%")]
    if len(found) > REGEX_LIMIT:
        raise _Refused(found[REGEX_LIMIT], f"at most {REGEX_LIMIT} %regex% are possible")


def _path(selector: Token) -> tuple[Step, ...]:
    steps: list[Step] = []
    for index, star, single, double, dot_star, name in _STEP.findall(selector[1:]):
        if star or dot_star:
            steps.append(Every.ELEMENT if star else Every.KEY)
        else:
            steps.append(int(index) if index else single or double or name)
    return tuple(steps)


def _operator(token: Token) -> Operator:
    return cast(Operator, "!=" if token == "=!" else str(token))


def _unquoted(token: Token) -> str:
    return _ESCAPE.sub(r"\1", token[1:-1])


def _unreadable(text: str, grammar: str, error: UnexpectedInput) -> InputError:
    position = len(text)
    expected: set[str] = set()
    if isinstance(error, UnexpectedCharacters):
        position, expected = error.pos_in_stream or 0, set(error.allowed or ())
    elif isinstance(error, UnexpectedToken):
        expected = set(error.accepts or error.expected)
        if error.token.type != "$END":
            position = error.token.start_pos or 0
    problem = f"expected {one_of(_NAMES.get(name, name) for name in expected)}"
    if grammar is _TERMS:
        problem += '; a term with other characters needs "quotes"'
    return unreadable("The filter pattern", text, position, problem, "pattern")
