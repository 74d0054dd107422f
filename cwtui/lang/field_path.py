"""The path of a field inside a message, and how DuckDB finds its value in JSON and in logfmt.

A path is written `error.code`, `items[0].id`, or with names between backticks: `` `odd name`.x ``. It finds
the nested field, and a key that itself holds the dots (`"error.code": 5`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cwtui.lang.condition import Condition

_PLAIN = re.compile(r"[A-Za-z_@][A-Za-z0-9_@-]*", re.ASCII)
_LATER = re.compile(r"[A-Za-z0-9_@-]+", re.ASCII)
_LOGFMT_KEY = re.compile(r"[A-Za-z_@][A-Za-z0-9_.@/-]*", re.ASCII)
_AS_WRITTEN = re.compile(r"[A-Za-z0-9_@$ .-]+", re.ASCII)
_STEP = re.compile(r"\.?(?:`((?:[^`]|``)+)`|([A-Za-z0-9_@-]+))|\[(\d+)\]", re.ASCII)

_BARE = '([^ \\t\\n\\r"]*)'
_QUOTED = r'((?:[^"\\]|\\[^\n])*)"'

JSON_MARKS = ('{"', '{ "', "{\n", "{\r")
"""How an object begins behind other text: written on one line, or laid out over several."""

JSON_SQL = (
    "(CASE WHEN (starts_with(message, '{') "
    "OR (message < '!' AND starts_with(ltrim(message, ' \t\r\n'), '{'))) "
    "AND json_valid(message) THEN message END)"
)
"""The message where it is a JSON object, else NULL. Every JSON function must read this and not `message`:
DuckDB computes what several expressions share beforehand, for all rows, whatever CASE stands around."""

_TEXT = "CASE WHEN NOT starts_with(message, '{') AND contains(message, '{') THEN message END"
_PLACES = ", ".join(f"nullif(strpos({_TEXT}, '{mark}'), 0)" for mark in JSON_MARKS)
_BEGUN = f"least({_PLACES})"
BEHIND_SQL = (
    f"TRY_CAST(CASE WHEN substr({_TEXT}, {_BEGUN} - 1, 1) <> '=' THEN substr({_TEXT}, {_BEGUN}) END AS JSON)"
)
"""The JSON object that ends a line behind other text, else NULL; the same as `envelope.json_behind`.

Without a regular expression: to hand over the rest of a line, RE2 takes ten times as long.
"""

Predicate = Callable[[Condition], Condition]
"""Makes a condition of a value: an SQL expression giving text, with its parameters."""

PATH_PATTERN = (
    r"(?:\$\.)?(?:[A-Za-z_@][A-Za-z0-9_@-]*|`(?:[^`]|``)+`)"
    r"(?:\.(?:[A-Za-z0-9_@-]+|`(?:[^`]|``)+`)|\[[0-9]{1,6}\])*"
)
"""The regular expression of a written path; for grammars."""

SPECIAL = frozenset({"level", "time", "message", "stream", "group", "account", "region"})
"""Names that mean a column and not a field; `$.level` is the field."""
_RESERVED = SPECIAL | {"and", "or", "not", "exists", "pattern"}


@dataclass(frozen=True, slots=True)
class FieldPath:
    """Keys (str) and places in arrays (int) from the outermost on; the first is a key."""

    steps: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> FieldPath:
        """The path of a text that `PATH_PATTERN` matches."""
        steps: list[str | int] = []
        for quoted, name, index in _STEP.findall(text.removeprefix("$.")):
            steps.append(int(index) if index else name or quoted.replace("``", "`"))
        return cls(tuple(steps))

    def __str__(self) -> str:
        text = ""
        for position, step in enumerate(self.steps):
            if isinstance(step, int):
                text += f"[{step}]"
                continue
            plain = _LATER if position else _PLAIN
            text += "." if position else ""
            text += step if plain.fullmatch(step) else "`" + step.replace("`", "``") + "`"
        return f"$.{text}" if str(self.steps[0]).lower() in _RESERVED else text

    def where(self, predicate: Predicate) -> Condition:
        """True where the field exists and the predicate over its text holds."""
        return self._either(
            _never_null(predicate(self._value(JSON_SQL))),
            predicate(self._value(BEHIND_SQL)),
            self._logfmt(predicate),
        )

    def exists(self) -> Condition:
        """True where the field exists, be it null or empty."""
        in_json, behind = self._there(JSON_SQL), self._there(BEHIND_SQL)
        # False there leaves it to logfmt, as NULL does for a value.
        return self._either(
            in_json, Condition(f"nullif({behind.sql}, FALSE)", behind.params), self._logfmt(None)
        )

    def _value(self, source: str) -> Condition:
        values = [f"json_extract_string({source}, ?)" for _ in self._pointers()]
        sql = f"coalesce({', '.join(values)})" if len(values) > 1 else values[0]
        return Condition(sql, tuple(self._pointers()))

    def _there(self, source: str) -> Condition:
        return Condition.any_of(
            Condition(f"coalesce(json_exists({source}, ?), FALSE)", (pointer,))
            for pointer in self._pointers()
        )

    def _either(self, in_json: Condition, behind: Condition, logfmt: Condition) -> Condition:
        json, ending = self._guarded(in_json, "FALSE"), self._guarded(behind, "NULL")
        return Condition(
            f"(CASE WHEN starts_with(message, '{{') THEN {json.sql} "
            f"ELSE coalesce({ending.sql}, {logfmt.sql}) END)",
            (*json.params, *ending.params, *logfmt.params),
        )

    def _pointers(self) -> list[str]:
        pointers = [_pointer(self.steps)]
        if len(self.steps) > 1 and all(isinstance(step, str) for step in self.steps):
            pointers.append(_pointer((self._dotted(),)))
        return pointers

    def _dotted(self) -> str:
        return ".".join(map(str, self.steps))

    def _guarded(self, condition: Condition, otherwise: str) -> Condition:
        # Reading JSON costs; a line that does not hold the key as written is spared it. An encoder may
        # write other characters as escapes, so such keys are not looked for.
        keys = {next(step for step in reversed(self.steps) if isinstance(step, str)), self._dotted()}
        if not all(_AS_WRITTEN.fullmatch(key) for key in keys):
            return condition
        names = tuple(sorted(f'"{key}"' for key in keys))
        guard = " OR ".join("contains(message, ?)" for _ in names)
        return Condition(
            f"CASE WHEN {guard} THEN {condition.sql} ELSE {otherwise} END", (*names, *condition.params)
        )

    def _logfmt(self, predicate: Predicate | None) -> Condition:
        key = self._dotted()
        if not _LOGFMT_KEY.fullmatch(key) or not all(isinstance(step, str) for step in self.steps):
            return Condition("FALSE")
        front = rf"(?:^|[ \t\n,;]){re.escape(key)}="
        guard = Condition("contains(message, ?) AND regexp_matches(message, ?)", (f"{key}=", front))
        if predicate is None:
            return Condition(f"({guard.sql})", guard.params)
        in_quotes = front + '"'
        bare = _never_null(predicate(Condition("regexp_extract(message, ?, 1)", (front + _BARE,))))
        quoted = _never_null(
            predicate(
                Condition("replace(regexp_extract(message, ?, 1), '\\\"', '\"')", (in_quotes + _QUOTED,))
            )
        )
        return Condition(
            f"CASE WHEN {guard.sql} THEN CASE WHEN regexp_matches(message, ?) THEN {quoted.sql} "
            f"ELSE {bare.sql} END ELSE FALSE END",
            (*guard.params, in_quotes, *quoted.params, *bare.params),
        )


def _pointer(steps: tuple[str | int, ...]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _never_null(condition: Condition) -> Condition:
    return Condition(f"coalesce({condition.sql}, FALSE)", condition.params)
