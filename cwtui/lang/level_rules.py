"""How a line says how grave it is: one table, from which come an SQL expression and a Python function.

The store computes `LEVEL_SQL` for whole batches; `level_of` says the same of one message. They agree
because both are made from `RULES`, and because the patterns keep to what RE2 and Python's `re` read
alike: no `.`, `$`, `\\s`, `\\b`, look-around or case folding; the end of the text is written `\\z`.

Rules are tried in order, the first that gives a level wins. A level is believed where a logger would
write it (a key, a bracket, a word in capitals, the head of the line), never from a word in the prose:
"0 errors", "error=0" and "terror" say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cwtui.core.models import Level

HEAD = 300
"""Characters of a text line that are looked at."""
_FAR = 4096
"""Characters looked at where the telling part may stand late: JSON keys, access logs."""

_BY_WORD: Mapping[str, Level] = {
    **dict.fromkeys(("info", "information", "informational", "notice", "note"), Level.INFO),
    **dict.fromkeys(("error", "err", "eror", "severe", "failure"), Level.ERROR),
    **dict.fromkeys(("warn", "warning", "wrn"), Level.WARN),
    **dict.fromkeys(("debug", "dbug", "dbg", "fine", "verbose"), Level.DEBUG),
    **dict.fromkeys(("trace", "trce", "finer", "finest"), Level.TRACE),
    **dict.fromkeys(("fatal", "critical", "crit", "alert", "emerg", "emergency", "panic"), Level.FATAL),
}
_BY_WORD_OR_NUMBER: Mapping[str, Level] = {
    **_BY_WORD,
    # pino and bunyan
    **dict(zip(("10", "20", "30", "40", "50", "60"), list(Level)[1:], strict=True)),
    # monolog
    **dict.fromkeys(("200", "250"), Level.INFO),
    **{"100": Level.DEBUG, "300": Level.WARN, "400": Level.ERROR},
    **dict.fromkeys(("500", "550", "600"), Level.FATAL),
}
_ANY_CASE = "([A-Za-z]{3,13})"
_CAPITALS = (
    "INFO|ERROR|WARN|WARNING|DEBUG|TRACE|NOTICE|FATAL|CRITICAL|SEVERE|ERR|CRIT|ALERT|EMERG|EMERGENCY|PANIC"
    "|VERBOSE"
)
_JSON_KEYS = (
    "level|Level|LEVEL|severity|Severity|SEVERITY|levelname|level_name|lvl|log\\.level|logLevel|LogLevel|loglevel"
    "|log_level|severity_text|severityText|SeverityText|@l"
)
_LOGFMT_KEYS = "level|lvl|severity|loglevel|logLevel|log_level|log\\.level"
# facility * 8 + severity
_SYSLOG_PRIORITY = 24 * (
    *[Level.FATAL] * 3, Level.ERROR, Level.WARN, Level.INFO, Level.INFO, Level.DEBUG
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the guards hold, what the pattern's group holds is looked up in `levels`.

    Guards are literals, looked for in the whole message; they are cheap and spare most lines the pattern.
    Cheapest are those that begin with a rare letter, not with a space: DuckDB looks for the first one.
    """

    levels: Mapping[str, Level] | tuple[Level, ...] | Level
    """By the group's text in lower case, or by its number; or one level for whatever matches."""
    pattern: str = ""
    """With one group where there are several levels. Empty: the guards suffice."""
    holds: tuple[str, ...] = ()
    """The message holds all of these."""
    holds_any: tuple[str, ...] = ()
    """The message holds at least one of these."""
    lacks: tuple[str, ...] = ()
    """The message holds none of these."""
    within: int = HEAD
    """Characters the pattern looks at."""


_CAPITAL_WORD = Rule(
    _BY_WORD,
    f'(?:^|[ \\t\\n\\[(<|:>"])((?:no|No|NO|0|zero|without) (?:{_CAPITALS})|{_CAPITALS})'
    '(?:[ \\t\\n\\]:|,)>-]|"[,}]|\\z)',
)

JSON_RULES: tuple[Rule, ...] = (
    Rule(
        _BY_WORD_OR_NUMBER,
        f'"(?:{_JSON_KEYS})"[ \\t]*:[ \\t]*"?([A-Za-z]{{3,13}}|[0-9]{{2,3}})[",}} \\n\\r]',
        within=_FAR,
    ),
    # CloudTrail has no level: a refused or failed call is worth a look, the rest is information.
    Rule(Level.WARN, holds=('"eventSource"', '"errorCode"')),
    Rule(Level.INFO, holds=('"eventSource"', '"eventName"')),
    # Lambda's JSON log format.
    Rule(Level.ERROR, '"status"[ ]?:[ ]?"(?:timeout|error|failure)"', holds=('"platform.',), within=_FAR),
    Rule(Level.INFO, '^[{][^{]*"type"[ ]?:[ ]?"platform[.]', holds=('"platform.',)),
    Rule(Level.ERROR, holds=('"errorType"', '"errorMessage"')),
    Rule(Level.WARN, holds=('"errorCode"',)),
    _CAPITAL_WORD,
)
"""For messages that begin with `{`."""

TEXT_RULES: tuple[Rule, ...] = (
    # Access logs (common and combined form, uvicorn): the class of the status.
    Rule(
        {"1": Level.INFO, "2": Level.INFO, "3": Level.INFO, "4": Level.WARN, "5": Level.ERROR},
        ' HTTP/[0-9.]{1,3}" ([1-5])[0-9][0-9](?:[^0-9]|\\z)',
        holds=("HTTP/",),
        lacks=("ERROR", "WARN", "CRITICAL", "FATAL"),
        within=_FAR,
    ),
    # VPC flow logs.
    Rule(Level.WARN, holds=("REJECT ", " eni-")),
    Rule(Level.INFO, holds=("ACCEPT ", " eni-")),
    # What loggers write.
    Rule(
        _BY_WORD,
        f'(?:^|[ \\t,;|{{(\\[])(?:{_LOGFMT_KEYS})="?{_ANY_CASE}(?:[ \\t",;)|}}\\]\\n\\r]|\\z)',
        holds_any=("vel=", "verity=", "vl="),
    ),
    _CAPITAL_WORD,
    # Lambda's own lines of failure.
    Rule(Level.ERROR, holds=("Task timed out after ",)),
    Rule(Level.ERROR, holds=("Error: Runtime exited",)),
    Rule(
        Level.ERROR,
        "^(?:REPORT|INIT_REPORT|RESTORE_REPORT) [^{]*Status: (?:timeout|error|failure)",
        holds=("REPORT ", "Status: "),
        within=_FAR,
    ),
    Rule(_BY_WORD, f"\\[(?:[a-z_0-9]+:)?{_ANY_CASE}\\]", holds=("[",)),
    Rule(
        # klog and glog
        {"i": Level.INFO, "w": Level.WARN, "e": Level.ERROR, "f": Level.FATAL},
        "^([IWEF])[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}[.]",
        holds=("] ",),
    ),
    Rule(
        Level.INFO,
        "^(?:(?:START|END|REPORT) RequestId: |INIT_START |INIT_REPORT |RESTORE_START |RESTORE_REPORT "
        "|(?:EXTENSION|LOGS|TELEMETRY)\tName: )",
    ),
    Rule(
        # `error: ...`, after nothing, a timestamp, or syslog's time, host and program
        _BY_WORD,
        "^(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [^ ]+ [^ ]+: |[0-9][0-9TZ:.,/+ -]{9,35}[ \\t])?"
        f"{_ANY_CASE}: ",
        holds=(": ",),
    ),
    # A failure that no logger labelled.
    Rule(Level.FATAL, "^(?:panic|fatal error): "),
    Rule(
        Level.ERROR,
        '^(?:Traceback \\(most recent call last\\)|Exception in thread "|Unhandled (?:exception|rejection)'
        "|(?:Uncaught |Unhandled )?[A-Za-z_][A-Za-z0-9_.$]*(?:Error|Exception)(?:: |\\z|\\n))",
    ),
    Rule(_SYSLOG_PRIORITY, "^<([0-9]{1,3})>", holds=(">",)),
)
"""For all other messages."""


def level_of(message: str) -> Level:
    """How grave the message says it is; the same as `LEVEL_SQL`, for one message."""
    for rule, pattern in _COMPILED_JSON if message.startswith("{") else _COMPILED_TEXT:
        level = _level_by(rule, pattern, message)
        if level is not None:
            return level
    return Level.UNKNOWN


def _level_by(rule: Rule, pattern: re.Pattern[str] | None, message: str) -> Level | None:
    for text in rule.holds:
        if text not in message:
            return None
    if rule.holds_any and not any(text in message for text in rule.holds_any):
        return None
    if rule.lacks and any(text in message for text in rule.lacks):
        return None
    if isinstance(rule.levels, Level):
        return rule.levels if pattern is None or pattern.search(message[: rule.within]) else None
    found = pattern.search(message[: rule.within]) if pattern else None
    if found is None:
        return None
    if isinstance(rule.levels, tuple):
        number = int(found.group(1))
        return rule.levels[number] if number < len(rule.levels) else None
    return rule.levels.get(found.group(1).lower())


def _sql(rules: tuple[Rule, ...]) -> str:
    return f"coalesce({', '.join(map(_rule_sql, rules))}, '{Level.UNKNOWN:d}')"


def _rule_sql(rule: Rule) -> str:
    guards = [_holds(text) for text in rule.holds]
    guards += [f"NOT {_holds(text)}" for text in rule.lacks]
    if rule.holds_any:
        guards.append(f"({' OR '.join(map(_holds, rule.holds_any))})")
    # `left` counts characters, of which there are never more than bytes.
    head = f"CASE WHEN strlen(message) <= {rule.within} THEN message ELSE left(message, {rule.within}) END"
    pattern = _quoted(rule.pattern)
    # RE2 runs an anchored pattern with a group the slow way over every line, so it is asked first
    # whether it matches at all.
    if rule.pattern and (isinstance(rule.levels, Level) or rule.pattern.startswith("^")):
        guards.append(f"regexp_matches({head}, {pattern})")
    group = f"regexp_extract({head}, {pattern}, 1)"
    # Levels travel as digits cut from a string: of all ways to look a word up, this one is planned and
    # run fastest. It names the group once; a CASE over it would compute it anew for every WHEN.
    if isinstance(rule.levels, Level):
        level = f"'{rule.levels:d}'"
    elif isinstance(rule.levels, tuple):
        level = f"nullif(substr({_digits(rule.levels)}, TRY_CAST({group} AS INTEGER) + 1, 1), '')"
    else:
        words = ", ".join(map(_quoted, rule.levels))
        level = f"substr({_digits(rule.levels.values())}, list_position([{words}], lower({group})), 1)"
    return f"CASE WHEN {' AND '.join(guards)} THEN {level} END" if guards else level


def _digits(levels: Iterable[Level]) -> str:
    return _quoted("".join(f"{level:d}" for level in levels))


def _holds(text: str) -> str:
    return f"contains(message, {_quoted(text)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _compiled(rules: tuple[Rule, ...]) -> tuple[tuple[Rule, re.Pattern[str] | None], ...]:
    return tuple(
        (rule, re.compile(rule.pattern.replace("\\z", "\\Z"), re.ASCII) if rule.pattern else None)
        for rule in rules
    )


_COMPILED_JSON, _COMPILED_TEXT = _compiled(JSON_RULES), _compiled(TEXT_RULES)

LEVEL_SQL = (
    f"CAST(CASE WHEN starts_with(message, '{{') THEN {_sql(JSON_RULES)} ELSE {_sql(TEXT_RULES)} END "
    "AS UTINYINT)"
)
"""A DuckDB expression over the column `message`: the number of its `Level`, as UTINYINT.

Long: parsing it costs 6 ms under the interpreter's lock and planning 7 ms without, whatever the rows;
running it 1 us a row. Keep the parsed statement (`extract_statements`) and use it for many rows.
"""
