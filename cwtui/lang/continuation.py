"""Which lines cannot begin an event: what a stack trace is cut into when each of its lines is sent alone.

Java, Python, Node, Go and .NET write such lines, and an agent that knows of no multi-line events (or was
not told) makes an event of each. Here stands what one line says of itself; what it belongs to is found
beside its neighbours (`window.joined`).

One table gives an SQL expression and a Python function. They agree because both are made from it, and
because the patterns keep to what RE2 and Python's `re` read alike (see `lang.level_rules`).
"""

from __future__ import annotations

import re
from enum import IntEnum

_HEAD = 240
"""Characters that are looked at."""


class LineKind(IntEnum):
    """What a line is to those before it in its stream."""

    OPENING = 0
    """It begins an event, for all that it says."""
    FRAME = 1
    """It goes on with what came before: `at ...`, `Caused by: ...`, `... 12 more`."""
    BODY = 2
    """It goes on too, being indented or empty, and what follows at the margin may as well."""
    CLOSING = 3
    """It goes on with a `BODY` right before it, else it begins: `ValueError: ...`, `}`, a function of Go."""


_WORDS = "TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|trace|debug|info|warn|warning|error|fatal"
_SPACE = "[ \\t\\r\\n]"
_FRAME = (
    "^(?:[ \\t]+at [^ ]|at [A-Za-z_<][^ ]*[.(][^ ]*[(]|[ \\t]*[.]{3} [0-9]+ (?:more|common)"
    "|[ \\t]*Caused by: |[ \\t]+Suppressed: |[ \\t]*--- End of )"
)
_LOGGED = (
    f"^{_SPACE}+(?:[0-9]{{4}}[-/][0-9]{{2}}|[0-9]{{2}}:[0-9]{{2}}:|[\\[(<]?(?:{_WORDS})(?:[ \\t:\\])>|]|\\z))"
)
"""Indented, and yet what a logger writes: it pads its levels."""
_BODY = (
    f"^(?:[ \\t]|{_SPACE}*\\z|During handling of the above exception|The above exception was the direct cause"
    "|goroutine [0-9]+ \\[|\\[signal |created by [^ ]+[.])"
)
_CLOSING = (
    "^(?:Traceback \\(most recent call last\\)"
    "|[A-Za-z_][A-Za-z0-9_.$]*(?:Error|Exception|Warning|Exit|Interrupt|Timeout)(?::|[\\r\\n]|\\z)"
    "|[a-z_][a-z0-9_]*(?:[.][A-Za-z_][A-Za-z0-9_]*)+(?:: |[\\r\\n]|\\z)"
    "|[A-Za-z_][^ ]*[.][^ ]*[(][^ ]*(?:, [^ ]+)*[)][\\r\\n]*\\z"
    "|[}\\])]+[,;]?[\\r\\n]*\\z|exit status [0-9])"
)
_STAMPED = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}(?:Z|[+-][0-9]{2}:[0-9]{2}) (?:std(?:out|err) [FP] )?"
    "(?:(?:[ ]{2,}|[ ]*\\t[ \\t]*)at [^ (][^(]*[(]|[ \\t]*[.]{3} [0-9]+ (?:more|common)"
    '|[ \\t]*Caused by: |[ ]{2}File ")'
)
"""A `FRAME` behind the time that each line gets of `docker logs -t`, `kubectl --timestamps` or a node's log.

Only what is surely of a trace: what else is indented there may be a logger's padding.
"""
_STAMPED_MARKS = ("(", "... ", "Caused by: ", 'File "')
"""One of these is in what `_STAMPED` matches. They begin with rare characters: most lines are spared it."""
_RULES = (
    (LineKind.FRAME, _FRAME),
    (LineKind.OPENING, _LOGGED),
    (LineKind.BODY, _BODY),
    (LineKind.CLOSING, _CLOSING),
)
_ONE = re.compile("|".join(f"({pattern})" for _, pattern in _RULES).replace("\\z", "\\Z"), re.ASCII)
_ONE_STAMPED = re.compile(_STAMPED, re.ASCII)
_OFTEN = frozenset('{0123456789<"')
"""What most lines begin with, and none that goes on with another, but behind a time."""


def kind_of(message: str) -> LineKind:
    """What the line is; the same as `KIND_SQL`, for one message."""
    if message[:1] in _OFTEN:
        if message[10:11] == "T" and _ONE_STAMPED.match(message[:_HEAD]) is not None:
            return LineKind.FRAME
        return LineKind.OPENING
    found = _ONE.match(message[:_HEAD])
    return _RULES[found.lastindex - 1][0] if found is not None and found.lastindex else LineKind.OPENING


def _sql() -> str:
    # `left` counts characters, of which there are never more than bytes.
    head = f"CASE WHEN strlen(message) <= {_HEAD} THEN message ELSE left(message, {_HEAD}) END"
    timed = "message >= '0' AND message < ':'"
    marked = " OR ".join(f"contains(message, '{mark}')" for mark in _STAMPED_MARKS)
    stamped = f"({marked}) AND regexp_matches({head}, '{_STAMPED}')"
    # Most lines match nothing: one look at each tells them apart, and only the others get a second.
    nothing = f"NOT regexp_matches({head}, '{'|'.join((_FRAME, _BODY, _CLOSING))}')"
    rules = " ".join(f"WHEN regexp_matches({head}, '{pattern}') THEN {kind:d}" for kind, pattern in _RULES)
    return (
        f"CAST(CASE WHEN starts_with(message, '{{') THEN 0 "
        f"WHEN {timed} THEN CASE WHEN {stamped} THEN {LineKind.FRAME:d} ELSE 0 END "
        f"WHEN {nothing} THEN 0 {rules} ELSE 0 END AS UTINYINT)"
    )


KIND_SQL = _sql()
"""A DuckDB expression over the column `message`: the number of its `LineKind`, as UTINYINT."""
