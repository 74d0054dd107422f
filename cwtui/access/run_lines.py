"""What one log line says of the run it belongs to: its ids, and whether Lambda begins or ends a run with it.

Formats: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html, text and JSON
of every runtime. Names of ids are those that `lang.envelope` knows, and those of sessions and jobs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from cwtui.explain.lambda_report import Report, failure_of, report_of
from cwtui.lang.continuation import LineKind, kind_of
from cwtui.lang.envelope import REQUEST_KEYS, TRACE_KEYS

_REACH = 8_192
"""Characters in which ids are looked for."""

SESSION_KEYS = "[sS]ession_?[iI][dD]|session[.]id|[rR]untimeSessionId|[sS]essionID|[cC]onversation_?[iI]d"
JOB_KEYS = (
    "[jJ]ob_?[iI][dD]|[jJ]ob_?[rR]un_?[iI][dD]|job[.]id|[rR]un_?[iI]d|[eE]xecution_?(?:[iI]d|Arn)"
    "|[tT]ask_?[iI]d|[bB]atch_?[iI]d|[wW]orkflow_?(?:[rR]un_?)?[iI]d"
)


class Mark(IntEnum):
    """What a line is to the runs of its stream."""

    NONE = 0
    GOES_ON = 1
    """A line of the one before it, such as a frame of a stack trace."""
    INIT = 2
    """An execution environment begins; a run follows."""
    START = 3
    END = 4
    REPORT = 5


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says; ids are empty where it names none, and foreign text."""

    mark: Mark = Mark.NONE
    request: str = ""
    job: str = ""
    session: str = ""
    trace: str = ""
    failure: str = ""
    """`timeout` or `error` where a runtime says that the run failed."""
    report: Report | None = None


_NOTHING = Line()
_GOES_ON = Line(Mark.GOES_ON)
_INIT = Line(Mark.INIT)
_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_TEXT_MARK = re.compile(rf"(START|END|REPORT) RequestId: ({_UUID})")
_INITS = ("INIT_START ", "RESTORE_START ")
_PLATFORM = re.compile(
    r'"type":\s?"platform\.(start|end|report|initStart|restoreStart|runtimeDone|initRuntimeDone|initReport)"'
)
_REQUEST = re.compile(rf'"requestId":\s?"({_UUID})"')
_MARKS = {
    "start": Mark.START,
    "end": Mark.END,
    "report": Mark.REPORT,
    "initStart": Mark.INIT,
    "restoreStart": Mark.INIT,
}

# Before the keys stands what cannot be within a name; an id is text, of a job a number too.
_VALUE = r'"(?P<{0}>[^"\\\n]{{1,200}})"'
_PLAIN = r'"?(?P<{0}_>[A-Za-z0-9][A-Za-z0-9:=._/+-]{{2,199}})'
_KEYS = (("request", REQUEST_KEYS), ("job", JOB_KEYS), ("session", SESSION_KEYS), ("trace", TRACE_KEYS))
_JSON_ID = re.compile(
    r'"(?:'
    + "|".join(
        f'(?:{keys})"[ ]?:[ ]?(?:{_VALUE.format(name)}'
        + (rf"|(?P<{name}_>[0-9]{{1,20}})(?![0-9.eE])" if name == "job" else "")
        + ")"
        for name, keys in _KEYS
    )
    + ")",
    re.ASCII,
)
_TEXT_ID = re.compile(
    r"(?:^|[ \t,;\[(])(?:"
    + "|".join(f"(?:{keys})[=:][ ]?{_PLAIN.format(name)}" for name, keys in _KEYS)
    + ")",
    re.ASCII,
)
_HINT = re.compile('[iI][dD]"?[ ]?[:=]|Arn"?[ ]?[:=]|[.-][iI]d|[tT]race-')
"""What every key ends with: most lines have none and are let go at once."""
_SAID_BY_RUNTIME = re.compile(
    rf"(?:\[[A-Z]+\][ \t])?[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9:.,]+Z?[ \t]({_UUID})[ \t]"
    rf"|RequestId: ({_UUID})"
)
"""Node.js, Python, Java, .NET: time and request, with a level before or behind; the platform's own words."""
_ROOT = re.compile("Root=([0-9a-zA-Z-]+)")
_NO_ID = frozenset({"null", "none", "None", "nil", "undefined", "unknown", "N/A", "n/a", "true", "false"})


def line_of(message: str) -> Line:
    """What a line says of its run. Never raises."""
    first = message[:1]
    if first in ("S", "E", "R", "I") and (platform := _platform_text(message)) is not None:
        return platform
    head = message if len(message) <= _REACH else message[:_REACH]
    if first == "{" and '"platform.' in head and (platform := _platform_json(message, head)) is not None:
        return platform
    failure, request = failure_of(message)
    ids: dict[str, str] = {"request": request} if request else {}
    if not request and (said := _SAID_BY_RUNTIME.match(head)) is not None:
        ids["request"] = said[1] or said[2]
    if _HINT.search(head) is not None:
        for pattern in (_JSON_ID, _TEXT_ID) if first != "{" else (_JSON_ID,):
            for found in pattern.finditer(head):
                name = found.lastgroup
                assert name is not None
                if (value := _id_in(found[name])) and name.rstrip("_") not in ids:
                    ids[name.rstrip("_")] = value
    if ids or failure:
        return Line(
            Mark.NONE,
            ids.get("request", ""),
            ids.get("job", ""),
            ids.get("session", ""),
            ids.get("trace", ""),
            failure,
        )
    return _NOTHING if kind_of(message) is LineKind.OPENING else _GOES_ON


def _id_in(value: str) -> str:
    """The id that a value is, of X-Ray's header its root; empty where it stands for none."""
    if value in _NO_ID or not value.strip("0-:. "):
        return ""
    root = _ROOT.search(value)
    return root[1] if root is not None else value.rstrip(".:,")


def _platform_text(message: str) -> Line | None:
    if (found := _TEXT_MARK.match(message)) is not None:
        mark, request = _MARKS[found[1].lower()], found[2]
        if mark is not Mark.REPORT:
            return Line(mark, request)
        report = report_of(message)
        return Line(mark, request, trace=report.trace if report else "", report=report)
    return _INIT if message.startswith(_INITS) else None


def _platform_json(message: str, head: str) -> Line | None:
    found = _PLATFORM.search(head)
    if found is None:
        return None
    request = _REQUEST.search(head)
    mark = _MARKS.get(found[1], Mark.NONE)
    if request is None:
        return _INIT if mark is Mark.INIT else _NOTHING
    report = report_of(message) if mark is Mark.REPORT else None
    return Line(mark, request[1], trace=report.trace if report else "", report=report)
