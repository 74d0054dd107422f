"""The time that a question speaks of: "in the last ten minutes", "between 10:00 and 10:05", "since 9am"."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo

from cwtui.core.errors import InputError
from cwtui.core.timespec import parse_instant

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_UNIT = (
    r"(?P<unit>milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)(?![a-z0-9])"
)
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60,
}  # fmt: skip
_NUMBER = rf"(?P<number>\d{{1,6}}|{'|'.join(_WORDS)})"
MOMENT = (
    r"(?:\d{4}-\d\d-\d\d(?:[t ]\d{1,2}:\d\d(?::\d\d(?:\.\d{1,6})?)?)?|\d{1,2}:\d\d(?::\d\d(?:\.\d{1,6})?)?"
    r"|(?:yesterday|today)(?: at)? \d{1,2}:\d\d|\d{1,2}(?= ?[ap]m\b))"
    r"(?: ?[ap]m\b)?(?: ?(?:utc|gmt|z)\b|[+-]\d\d:\d\d)?"
)
"""A regular expression of a moment as people write it, over lower-case text."""
_DAY = r"(?:today|yesterday)"
_LAST = re.compile(
    rf"\b(?:(?:in|over|during|within|for|from) )?(?:the )?(?P<which>last|past|previous|first) "
    rf"(?:{_NUMBER} ?)?{_UNIT}(?: of the window)?"
)
_AGO = re.compile(rf"\b(?:since|after|from) {_NUMBER} ?{_UNIT} ago\b")
_BETWEEN = re.compile(
    rf"\b(?:between|from)(?: about)? (?P<start>{MOMENT})(?: and| to| until| till| up to| ?-) "
    rf"(?P<end>{MOMENT})"
)
_SIDE = re.compile(rf"\b(?P<side>since|after|from|before|until|till|up to|at|around|about) (?P<at>{MOMENT})")
_ON_DAY = re.compile(rf"\b(?:since |on |from )?(?P<day>{_DAY})\b(?! \d)")
_CLOCK_ONLY = re.compile(r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?")
_DAY_MS = 86_400_000
AROUND_MS = 120_000
"""How far "around 10:00" reaches to each side."""


def time_of(text: str, end: int, zone: tzinfo) -> tuple[str, int | None, int | None, int] | None:
    """A question, in lower case, without the time that it speaks of; `[start, end)` of that in ms UTC, None
    where it is open; and the length in ms that it asks for by the clock, or 0.

    `end` is where the window ends, to which "last" and bare clocks count back. None where a time is spoken
    of that cannot be.
    """
    if (found := _BETWEEN.search(text)) is not None:
        start, until = moment(found["start"], end, zone), moment(found["end"], end, zone)
        if start is None or until is None:
            return None
        if start >= until and _CLOCK_ONLY.fullmatch(found["start"]):
            start -= _DAY_MS
        return (_without(text, found), start, until, 0) if start < until else None
    if (found := _LAST.search(text)) is not None:
        if found["which"] == "first" and found["number"] is None:
            return text, None, None, 0
        length = _length(found["number"] or "1", found["unit"])
        if found["which"] == "first":
            return _without(text, found), None, -length, 0
        return _without(text, found), end - length, None, length
    if (found := _AGO.search(text)) is not None:
        length = _length(found["number"], found["unit"])
        return _without(text, found), end - length, None, length
    if (found := _SIDE.search(text)) is not None:
        at = moment(found["at"], end, zone)
        if at is None:
            return None
        rest, side = _without(text, found), found["side"]
        if side in ("since", "after", "from"):
            return rest, at, None, 0
        if side in ("before", "until", "till", "up to"):
            return rest, None, at, 0
        if side == "at":
            return rest, at, at + (1_000 if found["at"].count(":") == 2 else 60_000), 0
        return rest, at - AROUND_MS, at + AROUND_MS, 0
    if (found := _ON_DAY.search(text)) is not None:
        at = moment(found["day"], end, zone)
        if at is None:
            return None
        return _without(text, found), at, at + _DAY_MS, 0
    return text, None, None, 0


def moment(text: str, now: int, zone: tzinfo) -> int | None:
    """The moment, ms UTC, that lower-case words name; a bare clock is the latest such before `now`."""
    said = text.strip().replace(" at ", " ")
    if said.endswith(("utc", "gmt", "z")):
        said, zone = re.sub(r" ?(?:utc|gmt|z)$", "", said), UTC
    if said.endswith(("am", "pm")):
        hour, colon, rest = said[:-2].strip().partition(":")
        if not hour.isdigit() or not 1 <= int(hour) <= 12:
            return None
        said = f"{int(hour) % 12 + 12 * said.endswith('pm')}:{rest if colon else '00'}"
    try:
        return parse_instant(said.upper() if said[:4].isdigit() else said, now, zone)
    except InputError:
        return None


def _length(number: str, unit: str) -> int:
    name = "ms" if unit.startswith(("ms", "milli")) else unit[0]
    return (_WORDS.get(number) or int(number)) * _UNITS[name]


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
