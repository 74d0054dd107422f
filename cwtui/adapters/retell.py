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
_ID = re.compile(r"\b[0-9a-f]{8}(?:(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24})\b")
_ID_DIGITS = 56
_TIMESTAMP_BITS = 144
"""Below the timestamp in the number that an eventId of CloudWatch's is (seen, not documented)."""
_LAMBDA_STREAM = re.compile(r"(\d{4}/\d\d/\d\d)(/.*\])([0-9a-f]{32})")

_ISO, _CLF, _SECONDS = 19, 20, 10
"""Lengths of `2026-11-21T22:00:00`, `21/Nov/2026:22:00:00` and `1795298400`; a moved time keeps its own."""


class Retelling:
    """Retells what was recorded between `first` and `last`, ms UTC."""

    def __init__(self, first: int, last: int) -> None:
        # Only times of the recording itself move; the date of a certificate's end stays.
        self._from = first // 1000 - _DAY
        self._to = last // 1000 + _DAY
        # What such a time must hold, and where: finding that is ten times as fast as a regular expression.
        self._marks: list[tuple[str, int, int]] = []
        days = [datetime.fromtimestamp(at, UTC) for at in range(self._from, self._to + _DAY, _DAY)]
        for year, month in sorted({(day.year, day.month) for day in days}):
            self._marks.append((f"{year}-{month:02d}-", 0, _ISO))
            self._marks.append((f"/{_MONTHS[month - 1]}/{year}:", 2, _CLF))
        low, high = str(self._from), str(self._to)
        same = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))
        if same:
            self._marks.append((low[:same], 0, _SECONDS))

    def message(self, message: str, shift: int, cycle: int) -> str:
        """The message `shift` ms later (whole seconds); from cycle 1 on with new ids."""
        seconds = shift // 1000
        for mark, offset, length in self._marks:
            at = message.find(mark)
            while at >= 0:
                start, end = at - offset, at - offset + length
                text = message[max(0, start) : end]
                beside = message[max(0, at - 1) : at] + message[end : end + 1]
                alone = length > _SECONDS or not any(map(str.isdigit, beside))
                moved = _moved(text, seconds, self._from, self._to) if alone else None
                if moved is not None:
                    message = f"{message[:start]}{moved}{message[end:]}"
                at = message.find(mark, at + 1 if moved is None else end)
        return _ID.sub(lambda match: fresh_id(match[0], cycle), message) if cycle else message


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


def fresh_event_id(text: str, later: int) -> str:
    """The event id that stands for `text` when told `later` ms after; empty where there was none.

    Ids rise in the order of ingestion, and so do those that stand for them: what one call sent at once
    reads in its order in every cycle.
    """
    if len(text) > _ID_DIGITS or not (text.isascii() and text.isdecimal()):
        return f"{text}+{later}" if text else ""
    return f"{(int(text) + (later << _TIMESTAMP_BITS)) % 10**_ID_DIGITS:0{_ID_DIGITS}d}"


@lru_cache(maxsize=65_536)
def _moved(text: str, seconds: int, earliest: int, latest: int) -> str | None:
    """The time that many seconds later, or None for what is no time of the recording."""
    try:
        moment = _moment(text)
        if not earliest <= moment.timestamp() <= latest:
            return None
        moved = moment + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    if len(text) == _SECONDS:
        return str(int(moved.timestamp()))
    if len(text) == _CLF:
        return f"{moved.day:02d}/{_MONTHS[moved.month - 1]}/{moved:%Y:%H:%M:%S}"
    return f"{moved:%Y-%m-%d}{text[10]}{moved:%H:%M:%S}"


def _moment(text: str) -> datetime:
    """Raises ValueError for what only looked like a time."""
    if len(text) == _SECONDS and text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    if len(text) == _CLF:
        text = f"{text[7:11]}-{_MONTHS.index(text[3:6]) + 1:02d}-{text[:2]}T{text[12:]}"
    if len(text) != _ISO or text[10] not in "T " or text[13] != ":" or text[16] != ":":
        raise ValueError(text)
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
