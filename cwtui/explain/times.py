"""Moments as a digest writes them: short where the scope allows it, always UTC."""

from __future__ import annotations

from cwtui.core.timespec import iso

_DAY_MS = 86_400_000


class Moments:
    """Writes a moment as `10:09:41Z`, with its date where the scope spans more than one day."""

    def __init__(self, start: int, end: int) -> None:
        self._dated = start // _DAY_MS != max(start, end - 1) // _DAY_MS

    def __call__(self, timestamp: int) -> str:
        written = iso(timestamp)
        if "T" not in written:
            return written  # no calendar reaches it
        date, clock = written.split("T", 1)
        short = f"{clock[:8]}Z"
        return f"{date} {short}" if self._dated else short
