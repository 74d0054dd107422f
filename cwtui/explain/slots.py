"""What stands in the slots of a pattern, seen in its samples: a range of numbers, or the values met most."""

from __future__ import annotations

import re
from collections import Counter

from cwtui.explain.body import body_of
from cwtui.explain.lambda_report import quantile
from cwtui.explain.masks import MAX_CHARACTERS, MAX_TOKENS, WILDCARD
from cwtui.explain.redact import Redactor
from cwtui.explain.templates import Pattern, headline

_SLOTS = 4
_VALUES = 3
_VALUE_WIDTH = 40
_TOKEN_LIMIT = 60
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def slot_values(pattern: Pattern) -> tuple[str, ...]:
    """For the first slots of a pattern, what its samples hold there, in words; foreign text."""
    tokens = pattern.text.split(" ")
    if (
        pattern.overflow
        or WILDCARD not in pattern.text
        or len(tokens) > _TOKEN_LIMIT
        or len(pattern.samples) < 2
    ):
        return ()
    expression = re.compile(r"\s+".join(_token_expression(token) for token in tokens) + r"(?:\s|$)")
    columns: list[list[str]] = []
    # A value shown by itself has lost the name that gives it away as a secret: redacted in its line.
    redactor = Redactor()
    for _, message in pattern.samples:
        line = " ".join(
            redactor.redact(headline(body_of(message))[:MAX_CHARACTERS]).split(maxsplit=MAX_TOKENS)[
                :MAX_TOKENS
            ]
        )
        if (match := expression.match(line)) is not None:
            columns.append([value or "" for value in match.groups()])
    if len(columns) < 2:
        return ()
    return tuple(_described(values) for values in list(zip(*columns, strict=True))[:_SLOTS])


def _token_expression(token: str) -> str:
    # A slot may have swallowed a few words (dates, units): not more, so that matching stays linear.
    return r"(\S*(?: \S+){0,4}?)".join(re.escape(part) for part in token.split(WILDCARD))


def _described(values: tuple[str, ...]) -> str:
    if all(_NUMBER.fullmatch(value) for value in values):
        numbers = sorted(float(value) for value in values)
        if numbers[0] == numbers[-1]:
            return f"{numbers[0]:g}"
        return f"{numbers[0]:g}..{numbers[-1]:g} (median {quantile(numbers, 0.5):g})"
    counted = Counter(values)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    shown = [value[:_VALUE_WIDTH] or "(empty)" for value, _ in ordered[:_VALUES]]
    return " | ".join(shown) + (" | …" if len(ordered) > _VALUES else "")
