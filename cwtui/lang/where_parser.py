"""The grammar of cwtui's filter expressions. Loads lark, so it is imported where one is read."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC
from functools import lru_cache
from typing import cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from cwtui.core.errors import InputError
from cwtui.core.models import Level
from cwtui.core.timespec import parse_instant
from cwtui.lang.expression import (
    And,
    Column,
    Comparison,
    Contains,
    Exists,
    Expression,
    LevelIs,
    Like,
    Match,
    Not,
    Number,
    Operator,
    Or,
    Pattern,
    Regex,
    TimeIs,
)
from cwtui.lang.field_path import PATH_PATTERN, SPECIAL, FieldPath
from cwtui.lang.filter_pattern import parse_pattern
from cwtui.lang.reading import one_of, unreadable
from cwtui.lang.regex import checked

DEPTH = 64
"""Parentheses and `not`s inside each other, at most."""

_GRAMMAR = (
    r"""
start: _any
_any: either
?either: both (_OR both)*
?both: negation (_AND negation)*
?negation: NOT negation | single
?single: OPEN either CLOSE -> group
    | "~" value            -> contains
    | STRING               -> contains
    | REGEX                -> message_regex
    | PATTERN STRING       -> pattern
    | PATH OPERATOR value  -> comparison
    | PATH "~" value       -> like
    | PATH "!~" value      -> unlike
    | PATH "~" REGEX       -> match
    | PATH "=~" REGEX      -> match
    | PATH "!~" REGEX      -> mismatch
    | PATH EXISTS          -> exists
?value: STRING | WORD
_OR.3: /or(?![\w.@-])/i | "||"
_AND.3: /and(?![\w.@-])/i | "&&"
NOT.3: /not(?![\w.@-])/i | "!"
PATTERN.3: /pattern(?=\s*")/i
EXISTS.3: /exists(?![\w.@-])/i
OPEN: "("
CLOSE: ")"
OPERATOR: /==|=(?!~)|!=|<=|>=|<|>/
STRING: /"(?:[^"\\]|\\.)*"/s
REGEX: /\/(?:[^\/\\]|\\.)+\/i?/s
WORD: /[^\s()"'`~!=<>&|\/][^\s()"&|]*/
PATH.2: /"""
    + PATH_PATTERN.replace("/", "\\/")
    + r"""/
%import common.WS
%ignore WS
"""
)

_NAMES = {
    "_OR": "or",
    "_AND": "and",
    "NOT": "not",
    "OPEN": "(",
    "CLOSE": ")",
    "PATTERN": 'pattern "..."',
    "EXISTS": "exists",
    "OPERATOR": "=, !=, <, <=, >, >=",
    "STRING": 'a text in "quotes"',
    "REGEX": "a /regex/",
    "WORD": "a word",
    "PATH": "a field",
    "BANG": "!",
    "TILDE": "~",
    "__ANON_0": "!~",
    "__ANON_1": "=~",
    "$END": "the end",
}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}.*|[0-9]{10}|[0-9]{13}", re.DOTALL)
_LEVELS = {
    **{level.name.lower(): level for level in Level},
    "warning": Level.WARN,
    "err": Level.ERROR,
    "critical": Level.FATAL,
}


class _Refused(Exception):
    """What the grammar takes and the language does not."""

    def __init__(self, token: Token, problem: str, inside: int = 0) -> None:
        super().__init__(problem)
        self.position = (token.start_pos or 0) + inside
        self.problem = problem


@v_args(inline=True)
class _Builder(Transformer[Token, Expression]):
    """Builds the expression while it is parsed: nesting costs no stack."""

    def start(self, expression: Expression) -> Expression:
        return expression

    def either(self, *parts: Expression) -> Expression:
        return Or(parts)

    def both(self, *parts: Expression) -> Expression:
        return And(parts)

    def negation(self, _not: Token, part: Expression) -> Expression:
        return Not(part)

    def group(self, _open: Token, part: Expression, _close: Token) -> Expression:
        return part

    def contains(self, value: Token) -> Expression:
        return Contains(_text(value))

    def message_regex(self, token: Token) -> Expression:
        return _regex(token)

    def pattern(self, _word: Token, value: Token) -> Expression:
        try:
            return Pattern(parse_pattern(_text(value)))
        except InputError as error:
            # Its column is one of the quoted text, told in the words of this one.
            said = error.message.partition(": ")[2] if error.column else error.message
            raise _Refused(value, said.rstrip("."), error.column) from error

    def comparison(self, path: Token, sign: Token, value: Token) -> Expression:
        operator = cast(Operator, "=" if sign == "==" else str(sign))
        name = path.lower()
        if name == "level":
            return LevelIs(operator, _level(value))
        if name == "time":
            return TimeIs(operator, _moment(value))
        subject = _subject(path)
        if not isinstance(subject, FieldPath):
            if operator not in ("=", "!="):
                raise _Refused(sign, f"{name} has no order; expected =, !=, ~ or =~")
            return Comparison(subject, operator, _text(value))
        number = value.type != "STRING" and _NUMBER.fullmatch(value)
        return Comparison(subject, operator, Number(str(value)) if number else _text(value))

    def like(self, path: Token, value: Token) -> Expression:
        return Match(_matchable(path), Like(_text(value)))

    def unlike(self, path: Token, value: Token) -> Expression:
        return Not(self.like(path, value))

    def match(self, path: Token, token: Token) -> Expression:
        return Match(_matchable(path), _regex(token))

    def mismatch(self, path: Token, token: Token) -> Expression:
        return Not(self.match(path, token))

    def exists(self, path: Token, _word: Token) -> Expression:
        if path.lower() in SPECIAL:
            raise _Refused(path, f"every line has a {path.lower()}; a field of that name is $.{path}")
        return Exists(FieldPath.parse(path))


def parse(text: str) -> Expression:
    """The expression of a text that is not blank; raises InputError."""
    try:
        _check_depth(text)
        # With a transformer of its own the parser gives what `start` gives, not a tree.
        return cast(Expression, _parser().parse(text))
    except UnexpectedInput as error:
        raise _unreadable(text, error) from error
    except _Refused as error:
        raise _error(text, error.position, error.problem) from error
    except VisitError as error:
        if isinstance(error.orig_exc, _Refused):
            raise _error(text, error.orig_exc.position, error.orig_exc.problem) from error
        raise


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Builder())


_NESTING = re.compile(
    r'"(?:[^"\\]|\\.)*"|\/(?:[^\/\\]|\\.)+\/|(?P<open>\()|(?P<close>\))|(?P<no>\bnot\b|!(?![=~]))',
    re.DOTALL | re.IGNORECASE,
)


def _check_depth(text: str) -> None:
    depth = nots = 0
    for found in _NESTING.finditer(text):
        depth += (found["open"] is not None) - (found["close"] is not None)
        nots = nots + 1 if found["no"] else nots if found["open"] else 0
        if depth + nots > DEPTH:
            raise _error(text, found.start(), f"expected at most {DEPTH} parentheses inside each other")


def _text(value: Token) -> str:
    if value.type != "STRING":
        return str(value)
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), value[1:-1])


def _regex(token: Token) -> Regex:
    body, _, flag = token[1:].rpartition("/")
    try:
        return checked(body, ignore_case=flag == "i")
    except InputError as error:
        raise _Refused(token, error.message.rstrip(".")) from error


def _subject(path: Token) -> Column | FieldPath:
    name = path.lower()
    return cast(Column, name) if name in SPECIAL - {"level", "time"} else FieldPath.parse(path)


def _matchable(path: Token) -> Column | FieldPath:
    if path.lower() in ("level", "time"):
        raise _Refused(path, f"{path.lower()} holds no text; compare it with =, !=, <, <=, > or >=")
    return _subject(path)


def _level(value: Token) -> Level:
    level = _LEVELS.get(_text(value).lower())
    if level is None:
        raise _Refused(value, f"expected a level: {one_of(level.name.lower() for level in Level)}")
    return level


def _moment(value: Token) -> int:
    text = _text(value)
    if _MOMENT.fullmatch(text):
        with suppress(InputError):
            return parse_instant(text, now=0, zone=UTC)
    raise _Refused(value, "expected a time like 2026-11-22T10:00Z or milliseconds since 1970")


def _unreadable(text: str, error: UnexpectedInput) -> InputError:
    position = len(text)
    expected: set[str] = set()
    if isinstance(error, UnexpectedCharacters):
        position, expected = error.pos_in_stream or 0, set(error.allowed or ())
    elif isinstance(error, UnexpectedToken):
        expected = set(error.accepts or error.expected)
        if error.token.type != "$END":
            position = error.token.start_pos or 0
    return _error(text, position, f"expected {one_of(_NAMES.get(name, name) for name in expected)}")


def _error(text: str, position: int, problem: str) -> InputError:
    return unreadable("The filter", text, position, problem, "where")
