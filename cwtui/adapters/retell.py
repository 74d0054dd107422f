"""Tells recorded events as if they happened now: their times shifted, their ids made new.

A live recording is shifted to the present and repeated in cycles. What a message says of the time must
then agree with its timestamp, and an id seen in one cycle must not come again in the next, while all
groups of a cycle go on sharing theirs. Everything is a pure function of its arguments: two readers, or
two calls, tell the same.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

_DAY = 86_400
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = (
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"  # ISO 8601, to the second
    r"|\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d"  # common log format
    r"|\b1\d{9}\b"  # seconds since 1970, as in VPC flow lines
)
_ID = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b"
_TIMES = re.compile(_TIME)
_TIMES_AND_IDS = re.compile(f"{_ID}|{_TIME}")
_LAMBDA_STREAM = re.compile(r"(\d{4}/\d\d/\d\d)(/.*\])([0-9a-f]{32})")


class Retelling:
    """Retells what was recorded between `first` and `last`, ms UTC."""

    def __init__(self, first: int, last: int) -> None:
        # Only times of the recording itself move; the date of a certificate's end stays.
        self._from = first // 1000 - _DAY
        self._to = last // 1000 + _DAY

    def message(self, message: str, shift: int, cycle: int) -> str:
        """The message `shift` ms later (whole seconds); from cycle 1 on with new ids."""
        seconds = shift // 1000

        def replaced(match: re.Match[str]) -> str:
            text = match[0]
            if len(text) in (32, 36):
                return fresh_id(text, cycle)
            return _moved(text, seconds, self._from, self._to)

        return (_TIMES_AND_IDS if cycle else _TIMES).sub(replaced, message)


def stream_name(name: str, first_event: int, cycle: int) -> str:
    """A Lambda stream's name with the date of its first event, and from cycle 1 on with a new id.

    Other streams (hosts, tasks) live on from cycle to cycle under their name.
    """
    match = _LAMBDA_STREAM.fullmatch(name)
    if match is None:
        return name
    day = datetime.fromtimestamp(first_event // 1000, UTC)
    return f"{day:%Y/%m/%d}{match[2]}{fresh_id(match[3], cycle) if cycle else match[3]}"


@lru_cache(maxsize=4096)
def fresh_id(text: str, cycle: int) -> str:
    """The id that stands for `text` in a cycle: a UUID for a UUID, 32 hex digits for 32 hex digits."""
    digest = blake2b(f"{cycle}/{text}".encode(), digest_size=16).hexdigest()
    if len(text) == 32:
        return digest
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"


def fresh_event_id(text: str, cycle: int) -> str:
    """The event id that stands for `text` in a cycle: 56 digits, or empty where there was none."""
    if not text:
        return ""
    digest = blake2b(f"{cycle}/{text}".encode(), digest_size=24).digest()
    return f"{int.from_bytes(digest, 'big') % 10**56:056d}"


@lru_cache(maxsize=16_384)
def _moved(text: str, seconds: int, earliest: int, latest: int) -> str:
    try:
        moment = _moment(text)
        if not earliest <= moment.timestamp() <= latest:
            return text
        moved = moment + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return text
    if len(text) == 10:
        return str(int(moved.timestamp()))
    if text[2] == "/":
        return f"{moved.day:02d}/{_MONTHS[moved.month - 1]}/{moved:%Y:%H:%M:%S}"
    return moved.isoformat(sep=text[10], timespec="seconds")[:19]


def _moment(text: str) -> datetime:
    if len(text) == 10:
        return datetime.fromtimestamp(int(text), UTC)
    if text[2] == "/":
        day, month, rest = text.split("/")
        year, clock = rest.split(":", 1)
        text = f"{year}-{_MONTHS.index(month) + 1:02d}-{day}T{clock}"
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
