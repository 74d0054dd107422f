"""A template as an RE2 expression, and the template read off such an expression again. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cwtui.explain.masks import WILDCARD
from cwtui.lang.expression import And, Expression, LevelIs, Not, Regex

SPACE = r"\s+"
ANY_SPACE = r"(?:[\s\pZ\pC]|\\[nrt])+"
"""Also white space that RE2 does not call so, and as JSON writes it."""
SLOT = ".*"
CLOSER_SLOTS = (r"\S*", r'[^"]*')
STARTS = ("^", r':\s*"')
ENDS = (r"\s*(?:\n|$)", r'"\s*[,}]')
"""Closer forms, the tightest first: a word, a text; the ends of the message, of a text in JSON."""
ANYTHING = "(?s)"
_OR_ESCAPED = r"|\\u[0-9a-fA-F]{4})+"
_META = frozenset(r"\.+*?()|[]{}^$")
_IN_JSON = {'"': r"\\*" + '"', "\\": r"\\+", "/": r"\\?/"}
_MAY_BE_ESCAPED = frozenset("<>&'")
_SLOTS_TOGETHER = re.compile(r"(?:<\*>){2,}")


@dataclass(frozen=True, slots=True)
class Form:
    """How the words of a template are written as an expression."""

    json: bool = False
    space: str = SPACE
    start: str = ""
    end: str = ""
    slot: str = SLOT


def pattern_name(expression: Expression) -> str | None:
    """The template that a filter made here, or its negation, was made of, with its level; else None.

    It is read off the expression itself, so that a filter which was shared or saved keeps its name.
    """
    if isinstance(expression, Not):
        name = pattern_name(expression.part)
        return None if name is None else f"not {name}"
    match expression:
        case And((LevelIs("=", level), Regex(pattern, False), *ruled_out)) if all(
            isinstance(each, Not) for each in ruled_out
        ):
            template = _template(pattern)
            return None if template is None else f"{level.name} {template}"
    return None


def written(tokens: list[str], form: Form) -> Regex:
    """The words of a template, slots between them, as an expression."""
    first, last = 0, len(tokens)
    # A slot at an open end says nothing.
    while not form.start and first < last - 1 and tokens[first] == WILDCARD:
        first += 1
    while not form.end and first < last - 1 and tokens[last - 1] == WILDCARD:
        last -= 1
    words = (
        form.slot.join(literal(piece, json=form.json) for piece in token.split(WILDCARD))
        for token in tokens[first:last]
    )
    return Regex(form.start + form.space.join(words) + form.end)


def literal(text: str, *, json: bool) -> str:
    """Text of a template as RE2 matches it; `json`: also as JSON escapes it."""
    return "".join(_character(character, json) for character in text)


def _character(character: str, json: bool) -> str:
    if character == "0":
        return r"\d"  # the miner folds digits
    if json and character in _IN_JSON:
        return _IN_JSON[character]
    plain = f"\\{character}" if character in _META else character
    if not character.isprintable():
        plain = rf"\x{{{ord(character):x}}}"
    if json and (character in _MAY_BE_ESCAPED or not character.isascii() or not character.isprintable()):
        return f"(?:{plain}{_OR_ESCAPED}"
    return plain


_READ = re.compile(
    "|".join(
        rf"(?P<{name}>{'|'.join(map(re.escape, forms))})"
        for name, forms in {
            "nothing": (*STARTS, *ENDS, ANYTHING),
            "space": (ANY_SPACE, SPACE),
            "slot": (SLOT, *CLOSER_SLOTS),
            "digit": (r"\d",),
        }.items()
    )
    + r"|(?:\\\\\*(?P<quote>\")|\\\\\?(?P<slash>/)|(?P<backslash>\\\\)\+?)"
    + r"|\\x\{(?P<code>[0-9a-f]{1,6})\}|\\(?P<meta>[.+*?()|\[\]{}^$])"
    + rf"|(?P<escapable>\(\?:)|(?P<escaped>{re.escape(_OR_ESCAPED)})"
    + r"|(?P<plain>[^\\.+*?()|\[\]{}^$ ])",
    re.DOTALL,
)


def _template(pattern: str) -> str | None:
    """The template that `written` makes the expression of; None for an expression of another make."""
    told: list[str] = []
    place = 0
    while place < len(pattern):
        found = _READ.match(pattern, place)
        if found is None:
            return None
        place = found.end()
        match found.lastgroup:
            case "space":
                told.append(" ")
            case "slot":
                told.append(WILDCARD)
            case "digit":
                told.append("0")
            case "backslash":
                told.append("\\")
            case "code":
                told.append(chr(int(found["code"], 16)))
            case "quote" | "slash" | "meta" | "plain":
                told.append(found[found.lastgroup])
            case _:
                pass
    template = _SLOTS_TOGETHER.sub(WILDCARD, "".join(told))
    if pattern.startswith(ANYTHING):
        template = template.replace(WILDCARD, " ")
    return template.strip() or None
