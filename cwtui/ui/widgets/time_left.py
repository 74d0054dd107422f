"""How long credentials still last, in few characters."""

from __future__ import annotations

WARN_MS = 10 * 60_000
"""From here on the end is near."""
_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000


def time_left(expires: int, now: int) -> str:
    """`42m`, `3h05m`, `4d`, `<1m`, or `expired`; both in ms UTC."""
    left = expires - now
    if left <= 0:
        return "expired"
    if left < _MINUTE:
        return "<1m"
    if left < _HOUR:
        return f"{left // _MINUTE}m"
    if left < _DAY:
        return f"{left // _HOUR}h{left % _HOUR // _MINUTE:02}m"
    return f"{left // _DAY}d"
