"""Signatures brought to one form: dates, units and runs of slots that belong to one value become one slot."""

from __future__ import annotations

from cwtui.explain.masks import WILDCARD, Signature

_CALENDAR = frozenset((
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
    "Aug", "Sep", "Oct", "Nov", "Dec", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    "Sunday", "January", "February", "March", "April", "June", "July", "August", "September", "October",
    "November", "December", "AM", "PM", "am", "pm", "UTC", "GMT", "EST", "EDT", "CST", "CDT", "MST",
    "MDT", "PST", "PDT", "CET", "CEST", "Z",
))  # fmt: skip
_UNITS = frozenset((
    "B", "KB", "MB", "GB", "TB", "kB", "KiB", "MiB", "GiB", "TiB", "byte", "bytes", "Bytes", "ms", "us",
    "ns", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "h", "hour",
    "hours", "day", "days", "msec", "usec", "millis", "%", "percent",
))  # fmt: skip
_TRIM = ",.;:"
_BEFORE_USERS = frozenset(("for", "by", "of", "as"))


def collapse(signature: Signature) -> Signature:
    """The same signature with calendar words, units, `<*> (<*>)` and runs of slots folded into slots."""
    out: list[str] = []
    for token in _dated(signature):
        previous = out[-1] if out else ""
        if previous == "user" and len(out) > 1 and out[-2] in _BEFORE_USERS and token.strip(_TRIM).isalnum():
            # `for user ada`: after a preposition the word behind `user` is a name, unlike `user unknown`.
            token = WILDCARD + token[len(token.rstrip(_TRIM)) :]
        if previous.endswith(WILDCARD) and token.rstrip(_TRIM + ")]") in _UNITS:
            # `12 ms.` keeps its full stop, loses its unit.
            tail = token[len(token.rstrip(_TRIM + ")]")) :]
            out[-1] = previous + tail
            continue
        if token == "()" and _is_slot(previous):
            continue  # `address (name)` with the name left empty
        if _is_slot(token) and out and _is_slot(previous):
            tail = token.rstrip()[-1]
            out[-1] = WILDCARD + (tail if tail in _TRIM else "")
            continue
        out.append(token)
    return tuple(out)


def _dated(signature: Signature) -> list[str]:
    """Calendar words that stand beside a slot, or beside one that does (`Sun Jun <*>`), as slots."""
    tokens = list(signature)
    for positions in (range(len(tokens)), range(len(tokens) - 1, -1, -1)):
        beside_slot = False
        for position in positions:
            if beside_slot and tokens[position].rstrip(",") in _CALENDAR:
                tokens[position] = WILDCARD
            beside_slot = _is_slot(tokens[position])
    return tokens


def _is_slot(token: str) -> bool:
    return token.strip("()[]{}<>,.;:*\"'") == "" and WILDCARD in token
