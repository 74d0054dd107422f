"""The envelope that a line of text begins with: its own time stamp, level and request id, and who writes.

A list shows time and level in columns of their own, and a template must not hold them: both want
the text behind. A template wants neither thread nor process id as well: they say who speaks, not
what is said.
"""

from __future__ import annotations

import re

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d\d:\d\d:\d\d"
# Only what is surely a moment: a date with a clock, or a clock with fractions. Bare digits are no time.
_TIME = "(?:" + "|".join((
    # ISO and its kin, with any of the usual separators
    r"\d{4}[-/.]\d\d[-/.]\d\d[T _-]\d\d[:.]\d\d(?:[:.]\d\d)?(?:[.,:]\d+)?"
    r"(?:Z| ?[+-]\d\d:?\d\d(?!\d)| UTC(?![:\w]))?",
    # 17/06/09 20:10:40, 22/Nov/2026:10:09:41 +0000
    rf"\d\d/\d\d/(?:\d\d|\d{{4}}) {_CLOCK}(?:[.,]\d+)?",
    rf"\d\d/{_MONTH}/\d{{4}}[: ]{_CLOCK}(?: [+-]\d{{4}})?",
    # ctime, and what Redis and Java's own logging write
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? {_MONTH} +\d?\d {_CLOCK}(?:\.\d+)?(?: [A-Z]{{3,4}})? \d{{4}}",
    rf"(?:\d+:[A-Z] )?\d\d {_MONTH} \d{{4}} {_CLOCK}(?:\.\d+)?",
    rf"{_MONTH} \d?\d, \d{{4}} \d?\d:\d\d:\d\d [AP]M",
    # YYMMDD HHMMSS of older Java, YYMMDD H:MM:SS of older MySQL, YYYYMMDD-H:M:S:ms of Android programs
    r"\d\d[01]\d[0-3]\d [0-2]\d[0-5]\d[0-5]\d(?= \d* ?[A-Z])",
    r"\d\d[01]\d[0-3]\d +\d?\d:\d\d:\d\d",
    r"\d{8}-\d?\d:\d?\d:\d?\d(?::\d+)?",
    # no year: logcat's, and one in brackets
    rf"\d\d-\d\d {_CLOCK}\.\d{{3}}",
    rf"(?<=\[)\d\d[.-]\d\d {_CLOCK}",
    rf"{_CLOCK}[.,]\d{{3,9}}|(?<=\[){_CLOCK}(?=\])",
)) + ")"  # fmt: skip
_UPPER = r"TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE"
_CALM = r"trace|debug|info|notice|warn|warning"
_LEVEL = rf"{_UPPER}|{_CALM}|error|fatal|critical|crit|alert|emerg|fail|dbug|trce|LOG"
_CAPITAL = r"Trace|Debug|Information|Info|Notice|Warn|Warning|Error|Fatal|Critical|Note"
# Behind a time stamp a level may stand in brackets with the module of httpd before it (`core:error`). Words
# that a sentence may begin with (`error while reading`) are a level only where something parts them from it.
_LEVELLED = (
    rf"(?:\[(?:[a-z_0-9]+:)?(?:{_LEVEL}|{_CAPITAL})\](?=[\s:|\]-])[\s:|-]*"
    rf"|(?:{_UPPER}|{_CALM})\]?(?=[\s:|\]-])[\s:|-]*|(?:{_LEVEL})(?:\]|\t|:| [-|:])[\s:|-]*"
    rf"|(?:{_CAPITAL})\s{{2,}})"
)
# A time stamp, then any of: request id, level. Lambda's Python writes the level before.
_TIMED = re.compile(
    rf"(?:\[(?:{_LEVEL})\]\s+)?\[?{_TIME}\]?(?=[\s|:,\[-]|\Z)[\s|:,-]*"
    rf"(?:({_UUID})\s+|undefined\s+)?{_LEVELLED}?"
)
_LEVEL_FIRST = re.compile(rf"\[(?:{_LEVEL})\][\s:|-]*|(?:(?:{_UPPER}):?|(?:{_LEVEL}):)\s+(?=\S)")
_CRI = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) std(?:out|err) [FP] ")
# Klog and glog: level, month and day, time, thread, source file; logcat: time, process, thread, level.
_KLOG = re.compile(rf"[IWEF]\d{{4}} {_CLOCK}\.\d+ +\d+ [\w./-]+:\d+\] ?")
_LOGCAT = re.compile(rf"\d\d-\d\d {_CLOCK}\.\d{{3}} +\d+ +\d+ [VDIWEFA] ")
_RUBY = re.compile(r"[DIWEFA], \[[0-9T:. -]+#\d+\] +[A-Z]+ -- ([^:\n]*): ")
_PYTHON = re.compile(r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):([\w.-]+): ?(?=\S)")
_SYSLOG = re.compile(
    rf"(?:<\d+>)?{_MONTH} +\d?\d {_CLOCK} \S+ "
    r"([\w./-]+(?:\([\w.-]+\)|(?: [\w./-]+){1,3}(?=\[\d))?)(?:\[\d+\])?(?: \([^)\s]+\))?: "
)
_SYSLOG_5424 = re.compile(
    r"<\d+>\d (?:[0-9T:.Z+-]+|-) \S+ (\S+) \S+ \S+ (?:-|(?:\[(?:[^\]\"]|\"(?:[^\"\\]|\\.)*\")*\])+) ?\ufeff?"
)
_REQUEST = re.compile(rf"RequestId: ({_UUID})\s+(?=Error|Process)")
_BRACKET = r"\[(?:[^\[\]\n]|\[[^\[\]\n]*\]){0,160}\]"
_THREAD = re.compile(rf"{_BRACKET}(?:[\s:]+(?:- )?|\Z)")
_AGAIN = re.compile(_LEVELLED)
_PROCESS = re.compile(
    r"\d+ --- |-+ (?=\S)"
    r"|\d+#\d+: (?:\*\d+ )?"  # nginx: process, thread, connection
    r"|\d+ (?=[A-Z]{4,8} )"  # a process id before the level
    # RDS: host, user and database, process, level
    r"|(?:UTC)?:[^\s:@]{0,80}:?[^\s:@]{0,80}@[^\s:@\[]{0,80}:\[\d+\]:(?:[A-Z]+:\s+)?(?=\S)"
)
_LOGGER = re.compile(r"([A-Za-z_$][\w$./-]{1,100}) *(?: - | : )\s*(?=\S)")
# `a.b.c [context] text`: behind the name of a logger a bracket holds the request.
_DOTTED = re.compile(rf"([A-Za-z_$][\w$-]*(?:[./][\w$-]+)+) {_BRACKET}\s+(?=\S)")
# `[time LEVEL name] text`, as Rust's env_logger writes it.
_ENCLOSED = re.compile(r"([A-Za-z_][\w:$./-]{0,100})\] (?=\S)")
# Two lines each: .NET's console (`info: Category[0]`, then the text) and Java's own logging (time, class and
# method, then level and text).
_OVER_TEXT = re.compile(
    r"([\w.+`]+)\[\d+\]\r?\n\s+(?=\S)"
    r"|([\w.$]+)(?: \S+)?\r?\n(?:SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST): (?=\S)"
)
_CONTEXTS = 6
STARTS = frozenset("0123456789[<TDINWEFCSLtdinwefcJAOMR")
"""The first characters that a prefix can have."""
_DIGITS = frozenset("0123456789")
_LEVEL_STARTS = frozenset("TDINWEFCSLtdinwefca")
_PROCESS_STARTS = frozenset("0123456789-:U")


def without_prefix(message: str) -> tuple[str, str]:
    """The text behind the prefix, and the request id that stood in it (or empty).

    The text is the message itself where there is no prefix, and empty where there is nothing behind it.
    """
    first = message[:1]
    if first not in STARTS:
        return message, ""
    text, request = message, ""
    if first in _DIGITS:
        if " std" in message[19:40] and (container := _CRI.match(message)) is not None:
            return without_prefix(message[container.end() :])
        if message[2:3] == "-" and (logcat := _LOGCAT.match(message)) is not None:
            return message[logcat.end() :], ""
        if (timed := _TIMED.match(message)) is not None:
            text, request = message[timed.end() :], timed.group(1) or ""
    elif first == "[":
        if (timed := _TIMED.match(message)) is not None:
            text, request = message[timed.end() :], timed.group(1) or ""
        elif (level := _LEVEL_FIRST.match(message)) is not None:
            text = message[level.end() :]
    elif whole := _whole_prefix(message):
        text = whole
    elif message[3:4] in " ," and (timed := _TIMED.match(message)) is not None:
        text, request = message[timed.end() :], timed.group(1) or ""
    elif first in _LEVEL_STARTS and (level := _LEVEL_FIRST.match(message)) is not None:
        text = message[level.end() :]
    if text[:1] == "R" and (named := _REQUEST.match(text)) is not None:
        text, request = text[named.end() :], named.group(1)
    return text, request


def said(message: str) -> str:
    """What a line says, as templates are made of it: without prefix, thread, process id and the like.

    Who writes stays as `name: ` before it, whatever the way it was written.
    """
    text, _ = without_prefix(message)
    if text is message and message[:1] != "[":
        return message
    for _ in range(_CONTEXTS):
        first = text[:1]
        if first == "[":
            context = _THREAD.match(text) or _AGAIN.match(text)
        elif first in _LEVEL_STARTS:
            context = _AGAIN.match(text)
        elif first in _PROCESS_STARTS:
            context = _PROCESS.match(text)
        else:
            break
        if context is None or context.end() == len(text):
            break
        text = text[context.end() :]
    if "\n" in text and (above := _OVER_TEXT.match(text)) is not None:
        return f"{above.group(1) or above.group(2)}: {text[above.end() :]}"
    if " [" in text and (dotted := _DOTTED.match(text)) is not None:
        return f"{dotted.group(1)}: {text[dotted.end() :]}"
    if message[0] == "[" and "] " in text and (enclosed := _ENCLOSED.match(text)) is not None:
        return f"{enclosed.group(1)}: {text[enclosed.end() :]}"
    if (" - " in text or " : " in text) and (logger := _LOGGER.match(text, 0, 120)) is not None:
        rest = text[logger.end() :]
        level = _AGAIN.match(rest) if rest[:1] in _LEVEL_STARTS or rest[:1] == "[" else None
        text = f"{logger.group(1)}: {rest if level is None else rest[level.end() :]}"
    return text


def _whole_prefix(message: str) -> str:
    """The text behind prefixes of a fixed form, with the program that they name; or empty."""
    if message[3:4] == " " or message[0] == "<":
        if syslog := _SYSLOG.match(message) or _SYSLOG_5424.match(message):
            return _named(syslog.group(1), message[syslog.end() :])
    elif message[1:3] == ", ":
        if ruby := _RUBY.match(message):
            return _named(ruby.group(1).strip(), message[ruby.end() :])
    elif message[1:2] in _DIGITS:
        if klog := _KLOG.match(message):
            return message[klog.end() :]
    elif ":" in message[4:9] and (python := _PYTHON.match(message)):
        return _named(python.group(1), message[python.end() :])
    return ""


def _named(name: str, text: str) -> str:
    return f"{name}: {text}" if name not in ("", "-", "root") else text
