"""Short words for ages, sizes and retention, as the lists show them."""

from __future__ import annotations

from cwtui.core.models import LogGroup
from cwtui.core.text import human_bytes

_STEPS = ((60_000, "s", 1_000), (3_600_000, "min", 60_000), (86_400_000, "h", 3_600_000))


def age(milliseconds: int) -> str:
    """`12 s`, `5 min`, `2 h`, `3 d`, `2 y`; a moment that is yet to come is `now`."""
    if milliseconds < 1_000:
        return "now"
    for limit, unit, step in _STEPS:
        if milliseconds < limit:
            return f"{milliseconds // step} {unit}"
    days = milliseconds // 86_400_000
    return f"{days} d" if days < 730 else f"{days // 365} y"


def ago(milliseconds: int) -> str:
    """`just now`, `5 min ago`."""
    return "just now" if milliseconds < 1_000 else f"{age(milliseconds)} ago"


def size(count: int | None) -> str:
    return "" if count is None else human_bytes(count)


def retention(group: LogGroup) -> str:
    """`30 d`, or `never` where events are kept, and paid for, for ever."""
    return "never" if group.retention_days is None else f"{group.retention_days} d"


def log_class(group: LogGroup) -> str:
    return {"INFREQUENT_ACCESS": "infrequent"}.get(group.log_class, group.log_class.lower())


def reading_words(read: int, total: int, *, ascii_only: bool) -> str:
    """`READING 45 % of 105.0 MB ▰▰▱▱▱`; only what is read where the whole is not known."""
    if not total:
        return f"READING {human_bytes(read)}"
    share = min(1.0, read / total)
    full, empty = ("#", "-") if ascii_only else ("▰", "▱")
    bar = full * int(share * 5) + empty * (5 - int(share * 5))
    return f"READING {int(share * 100)} % of {human_bytes(total)} {bar}"


def counted(count: int, noun: str) -> str:
    """`1 group`, `12,000 groups`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
