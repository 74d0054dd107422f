"""How grave a pattern is, from its level and its words; ranked as measured on BGL's alerts."""

from __future__ import annotations

import math
import re

from cwtui.core.models import Level

_OF_LEVEL = {
    Level.UNKNOWN: 0,
    Level.TRACE: 0,
    Level.DEBUG: 0,
    Level.INFO: 1,
    Level.WARN: 3,
    Level.ERROR: 4,
    Level.FATAL: 5,
}
# What names a failure only to say that there is none, or that it is over.
_GUARDS = re.compile(
    r"\b(?:0|no|zero|without(?: any)?|not?(?: an)?) (?:errors?|failures?|exceptions?|warnings?|"
    r"problems?|failed)\b"
    r"|\b(?:errors?|failures?|failed|exceptions?|warnings?|timeouts?|"
    r"retries)\b[\"']?\s*[=:]\s*[\"']?(?:0+(?![.\d])|none|null|false|\[\]|\"\")"
    r"|\b(?:0+|<\*>) (?:errors?|failed|failures?)\b(?=[,;.]|$| and\b)"
    r"|\berrors? (?:detected and )?corrected\b|\berror[- ]free\b|\bfail[- ]?(?:over|safe|fast)\b|"
    r"\bretry-?after\b",
    re.IGNORECASE,
)
_WORDS: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (grade, re.compile(words, re.IGNORECASE))
    for grade, words in (
        (
            5,
            r"\bpanic|\bfatal\b|\bseg(?:mentation )?fault|\bout of memory\b|\boom\b|\boomkill|"
            r"OutOfMemory|\bkernel bug\b|"
            r"\bdata loss\b|\bcorrupt(?:ed|ion)\b|\bmachine check\b|\bcore dump|\bsigkill\b|\bkilled\b|"
            r"\bno space left\b|\bdisk (?:is )?full\b",
        ),
        (
            4,
            r"(?<!\w)error|[a-z]Error\b|exception\b|\btraceback\b|\bfail(?:s|ed|ure|ures|ing)?\b|"
            r"\babort|\bdenied\b|AccessDenied|"
            r"\bunauthori[sz]ed|UnauthorizedOperation|\brefused\b|\bunreachable\b|\btime[sd]?[- ]?out\b|"
            r"\bthrottl|Throttling|"
            r"Rate exceeded|TooManyRequests|\bcrash|\binvalid\b|\bcannot\b|\bcould not\b|\bunable\b|"
            r"\brejected\b|"
            r"\binterrupt(?:ed)?\b|\blost\b|\bconnection reset\b|\bstatus 5(?:xx|\d\d)\b|"
            r"\bexit(?:ed with)? (?:code|status) [1-9]|"
            r"\bcertificate (?:has )?expired\b",
        ),
        (
            3,
            r"\bwarn|\bretr(?:y|ies|ying)\b|\bdeprecat|\bslow\b|\bdegraded\b|\bexpired\b|\bmismatch|"
            r"\bmissing\b|\bnot found\b|"
            r"\bcorrected\b|\bbroken\b|\bsevered\b|\bstatus 4(?:xx|\d\d)\b|\bbad-request\b|\bREJECT\b",
        ),
    )
)


def of_level(level: Level) -> int:
    """0..5 from the level alone."""
    return _OF_LEVEL[level]


def of_words(text: str) -> int:
    """0, 3, 4 or 5 from the words of a template or message; "0 errors" and its like do not count."""
    spoken = _GUARDS.sub(" ", text)
    return next((grade for grade, pattern in _WORDS if pattern.search(spoken)), 0)


def grade(level: Level, words: int) -> int:
    """0..5: the graver of both; 4 and 5 are errors. Words cannot make an error of what says it is none."""
    if level == Level.WARN:
        words = min(words, 4 if words == 5 else 3)
    elif level != Level.UNKNOWN and level < Level.WARN:
        words = min(words, 3)
    return max(_OF_LEVEL[level], words)


def rank(level: Level, words: int, count: int) -> float:
    """What patterns are ordered by, gravest first."""
    return _OF_LEVEL[level] + words + 0.3 * math.log10(max(1, count))
