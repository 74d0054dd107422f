"""How a written expression that cannot be read is answered: where it broke, and what was expected there."""

from __future__ import annotations

from collections.abc import Iterable

from cwtui.core.errors import InputError
from cwtui.core.text import printable

_AROUND = 30
"""Characters shown at each side of the place."""


def unreadable(what: str, text: str, position: int, problem: str, code: str) -> InputError:
    """An error that names the column (from 1) and whose hint shows the place with a caret below it."""
    position = max(0, min(position, len(text)))
    start, end = max(0, position - _AROUND), position + _AROUND
    before = ("…" if start else "") + printable(text[start:position])
    after = printable(text[position:end]) + ("…" if end < len(text) else "")
    return InputError(
        f"{what} cannot be read at column {position + 1}: {printable(problem)}.",
        f"{before}{after}\n{' ' * len(before)}^",
        code=code,
        column=position + 1,
    )


def one_of(expected: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`: sorted, each once."""
    names = sorted(set(expected))
    if len(names) < 2:
        return "".join(names) or "nothing more"
    return f"{', '.join(names[:-1])} or {names[-1]}"
