"""One slot of a pattern and what stands in it: a plain value of a digest."""

from __future__ import annotations

from dataclasses import dataclass

_SHOWN_VALUES = 3
_SHOWN_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands in one slot of a pattern."""

    name: str
    """The word before it, or empty; foreign text."""
    kind: str
    """number, duration, size, uuid, ip, time, url, path, hex, text, or redacted."""
    seen: int
    """Values looked at."""
    exact: bool
    """Whether these are all; otherwise some drawn evenly."""
    distinct: int
    """Different values among them."""
    unit: str = ""
    """Of a number: ms for durations, B for sizes, else as written where all have the same."""
    low: float | None = None
    """Of numbers the smallest, the median, the 95th percentile and the largest; None for all else."""
    p50: float | None = None
    p95: float | None = None
    high: float | None = None
    top: tuple[tuple[str, int], ...] = ()
    """The values met most with how often, redacted, most first, at most five; foreign text."""

    def __str__(self) -> str:
        """In few words, for a list."""
        if self.low is not None:
            unit = f" {self.unit}" if self.unit else ""
            if self.low == self.high:
                return f"{self.low:g}{unit}"
            return f"{self.low:g}..{self.high:g}{unit} (median {self.p50:g})"
        shown = " | ".join(value[:_SHOWN_WIDTH] or "(empty)" for value, _ in self.top[:_SHOWN_VALUES])
        return shown + (" | …" if self.distinct > _SHOWN_VALUES else "")


def slot_json(slot: Slot) -> dict[str, object]:
    """A slot for programs; numbers have `min`, `p50`, `p95`, `max`, all else has `top`."""
    told: dict[str, object] = {
        "name": slot.name,
        "kind": slot.kind,
        "seen": slot.seen,
        "sampled": not slot.exact,
        "distinct": slot.distinct,
    }
    if slot.low is not None:
        told |= {"unit": slot.unit, "min": slot.low, "p50": slot.p50, "p95": slot.p95, "max": slot.high}
    else:
        told["top"] = [{"value": value, "count": count} for value, count in slot.top]
    return told
