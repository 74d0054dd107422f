"""The envelope that a line of text begins with: its own time stamp, level and request id.

A list shows time and level in columns of their own, and a template must not hold them: both want
the text behind.
"""

from __future__ import annotations

import re

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_TIME = r"\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d|(?= UTC) UTC)?"
_LEVEL = (
    r"TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE|"
    r"trace|debug|info|notice|warn|warning|error|fatal|critical"
)
# A recognised time stamp, then any of: request id, level, bracketed thread; or the Python runtime's order.
_PREFIX = re.compile(
    rf"(?:\[(?:{_LEVEL})\]\s+)?\[?{_TIME}\]?[\s|:-]*"
    rf"(?:(?P<request>{_UUID})\s+|undefined\s+)?(?:\[?(?:{_LEVEL})\]?(?=[\s:|\]-])[\s:|-]*)?"
    rf"|\[(?:{_LEVEL})\][\s:|-]*|(?:{_LEVEL}):?\s+(?=\S)"
)
_SYSLOG = re.compile(r"(?:<\d+>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ ([\w./-]+)(?:\[\d+\])?: ")
_REQUEST = re.compile(rf"RequestId: ({_UUID})\s+(?=Error|Process)")
STARTS = frozenset("0123456789[<TDINWEFCStdinwefcJAOMR")
"""The first characters that a prefix can have."""


def without_prefix(message: str) -> tuple[str, str]:
    """The text behind the prefix, and the request id that stood in it (or empty).

    The text is the message itself where there is no prefix, and empty where there is nothing behind it.
    """
    if message[:1] not in STARTS:
        return message, ""
    text, request = message, ""
    if prefix := _PREFIX.match(message):
        text, request = message[prefix.end() :], prefix["request"] or ""
    elif (message[3:4] == " " or message[:1] == "<") and (syslog := _SYSLOG.match(message)):
        text = f"{syslog.group(1)}: {message[syslog.end() :]}"
    if named := _REQUEST.match(text):
        text, request = text[named.end() :], named.group(1)
    return text, request
