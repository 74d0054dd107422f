"""Times as people write them, turned into milliseconds.

| written | meaning |
|---|---|
| `15m` `2h30m` `-3d` `90s` `1w` `250ms` | that long before now |
| `now` `today` `yesterday` `yesterday 14:00` | as said, in the zone shown |
| `14:00` `14:00:05.250` | the latest such moment that is not in the future |
| `2026-11-22` `2026-11-22T10:00Z` `...+02:00` | ISO 8601; without a zone, the zone shown |
| `1763805600` `1763805600000` | epoch seconds, epoch milliseconds |
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from cwtui.core.errors import InputError
from cwtui.core.models import TimeWindow

_UNIT_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION = re.compile(r"-?(?:\d+(?:ms|[smhdw]))+", re.IGNORECASE)
_PART = re.compile(r"(\d+)(ms|[smhdw])", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")

LATEST = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""The last moment accepted: a later one cannot be printed."""


def parse_duration(text: str) -> int:
    """Milliseconds of `2h30m`; raises InputError."""
    stripped = text.strip()
    if not _DURATION.fullmatch(stripped):
        raise InputError(
            f"'{text}' is not a duration.", "Write it like 30s, 15m, 2h30m or 3d.", code="duration"
        )
    return sum(int(count) * _UNIT_MS[unit.lower()] for count, unit in _PART.findall(stripped))


def parse_instant(text: str, now: int, zone: tzinfo = UTC) -> int:
    """The moment, in ms UTC, that `text` names when the clock shows `now`. Raises InputError."""
    stripped = text.strip()
    try:
        moment = _instant(stripped, now, zone)
    except (ValueError, OverflowError) as error:
        raise _not_a_time(text) from error
    if moment is None or not 0 <= moment < LATEST:
        raise _not_a_time(text)
    return moment


def parse_window(since: str | None, until: str | None, now: int, zone: tzinfo, default_ms: int) -> TimeWindow:
    """The window between two written moments; `since` defaults to `default_ms` before the end."""
    end = parse_instant(until, now, zone) if until else None
    start = parse_instant(since, now, zone) if since else max(0, (now if end is None else end) - default_ms)
    if end is not None and start >= end:
        raise InputError(
            f"The window is empty: it begins ({since or f'{default_ms // 60_000} minutes before'}) "
            f"at or after its end ({until}).",
            "Give --since an earlier moment than --until.",
            code="window",
        )
    return TimeWindow(start, end)


def iso(timestamp: int, zone: tzinfo = UTC) -> str:
    """`2026-11-22T10:09:41.305Z`, or the bare number where no calendar reaches."""
    try:
        moment = datetime.fromtimestamp(timestamp // 1000, tz=zone)
    except (OverflowError, ValueError, OSError):
        return str(timestamp)
    suffix = "Z" if zone is UTC else moment.strftime("%z")
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{timestamp % 1000:03d}{suffix}"


def human_duration(milliseconds: int) -> str:
    """`450 ms`, `42 s`, `4m 10s`, `2h 05m`, `3d 4h`."""
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    seconds = milliseconds // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds // 60}m {seconds % 60:02d}s"
    if seconds < 86_400:
        return f"{seconds // 3_600}h {seconds % 3_600 // 60:02d}m"
    return f"{seconds // 86_400}d {seconds % 86_400 // 3_600}h"


def _instant(text: str, now: int, zone: tzinfo) -> int | None:
    if text.lower() == "now":
        return now
    if _DURATION.fullmatch(text):
        return now - parse_duration(text)
    if _EPOCH.fullmatch(text):
        return int(text) if len(text) == 13 else int(text) * 1000
    present = datetime.fromtimestamp(now / 1000, tz=zone)
    if clock := _CLOCK.fullmatch(text):
        moment = datetime.combine(present.date(), _time(clock), tzinfo=zone)
        return _ms(moment if moment <= present else _on(present.date() - timedelta(days=1), clock, zone))
    day, _, rest = text.partition(" ")
    if day.lower() in ("today", "yesterday"):
        that_day = present.date() - timedelta(days=day.lower() == "yesterday")
        if not rest:
            return _ms(datetime.combine(that_day, time(), tzinfo=zone))
        named = _CLOCK.fullmatch(rest.strip())
        return _ms(_on(that_day, named, zone)) if named else None
    moment = datetime.fromisoformat(text)
    return _ms(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _on(day: date, clock: re.Match[str], zone: tzinfo) -> datetime:
    return datetime.combine(day, _time(clock), tzinfo=zone)


def _time(clock: re.Match[str]) -> time:
    hour, minute, second, fraction = clock.groups()
    return time(int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _not_a_time(text: str) -> InputError:
    return InputError(
        f"'{text}' is not a time.",
        "Write it like 15m, 2h30m, 14:00, 'yesterday 14:00' or 2026-11-22T10:00Z.",
        code="time",
    )
