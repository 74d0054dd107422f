"""Regular expressions of users: RE2's, checked by the engine that will run them before anything runs."""

from __future__ import annotations

import re
from functools import lru_cache

from cwtui.core.errors import InputError
from cwtui.core.text import printable
from cwtui.lang.expression import Regex

_ESCAPE = re.compile(r"\\.", re.DOTALL)
_PROPER_CASE = re.compile(r"\\(?:[pP]\{[^}]*\}|x\{[^}]*\}|.)", re.DOTALL)


def checked(pattern: str, ignore_case: bool | None = False) -> Regex:
    """The expression; `ignore_case=None` is smart: case counts where the pattern has an upper-case letter.

    Raises InputError saying what RE2 has against it, and where, if that can be told.
    """
    plain = _ESCAPE.sub(lambda found: "/" if found[0] == "\\/" else found[0], pattern)
    if not plain:
        raise InputError("The regular expression is empty.", "Write it like /time(d )?out/.", code="regex")
    problem = _problem(plain)
    if problem:
        place = _place(plain)
        at = f" (at its character {place})" if place else ""
        raise InputError(
            f"The regular expression /{printable(plain)}/ is wrong: {printable(problem)}{at}.",
            "The syntax is RE2's: no look-around, no back references.",
            code="regex",
            column=place,
        )
    if ignore_case is None:
        ignore_case = not any(character.isupper() for character in _PROPER_CASE.sub("", plain))
    return Regex(plain, ignore_case)


@lru_cache(maxsize=256)
def _problem(pattern: str) -> str:
    import duckdb  # heavy, and needed only once someone has written a regular expression

    try:
        with duckdb.connect() as connection:
            connection.execute("SELECT regexp_matches('', ?)", [pattern])
    except (duckdb.Error, UnicodeError) as error:
        return str(error).removeprefix("Invalid Input Error: ").splitlines()[0]
    return ""


def _place(pattern: str) -> int:
    # From 1, or 0. RE2 does not say where. Python's engine does, of the mistakes that both know.
    try:
        re.compile(pattern)
    except re.error as error:
        return error.pos + 1 if error.pos is not None else 0
    except (OverflowError, RecursionError):
        return 0
    return 0
