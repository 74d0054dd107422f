"""What the events view says of itself: state, window, empty list. Pure, from frozen facts to words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from cwtui.core.models import TimeWindow
from cwtui.core.naming import told
from cwtui.core.text import printable
from cwtui.core.timespec import human_duration
from cwtui.fetch.budget import Pace
from cwtui.fetch.tail import Gap, TailKind
from cwtui.investigation import FollowState, LoadKind, LoadState
from cwtui.ui.widgets.row_paint import clock_text

BEHIND_MS = 10_000
"""A tail that is this far behind says so."""

PRESETS = {
    "2": 60_000,
    "3": 300_000,
    "4": 900_000,
    "5": 1_800_000,
    "6": 3_600_000,
    "7": 10_800_000,
    "8": 86_400_000,
}
"""Key to length in ms of the window that it loads."""

TIPS = (
    "e and E go from error to error",
    "a summarises what is shown, citing its lines",
    "P groups what is shown into patterns",
    "& hides what does not match, / only finds it",
    "L raises the level floor",
    "digits choose the window: 4 is 15 minutes",
    "i chooses a stretch of time in the histogram",
    "{ and } go from gap to gap and burst to burst",
    "Enter shows the whole event",
    "o unfolds an event in its place",
    "K gives fields of messages columns",
    "p shows messages as they came",
    "Y copies the event as JSON",
    "X writes what is shown to a file or S3",
    ": takes commands, ? shows every key",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which window the user wants: the last so many ms, or fixed moments, or what the source has."""

    last_ms: int | None = None
    window: TimeWindow | None = None
    latest: int | None = None
    """At least so many of the newest events, however old."""

    def words(self, zone: tzinfo, shown: TimeWindow | None, now: int) -> str:
        """`last 15m (UTC)`, `10:00-10:15 (UTC)`, `11-22 10:00-11-24 10:00 (UTC)`, `from 10:00 (UTC)`.

        Days other than that of `now` (ms UTC) are named, years other than its year too.
        """
        name = "UTC" if zone is UTC else "local"
        if self.latest is not None:
            return f"latest {self.latest:,} ({name})"
        if self.last_ms is not None:
            return f"last {brief(self.last_ms)} ({name})"
        window = self.window or shown
        if window is None:
            return ""
        moments = (now, window.start, now if window.end is None else window.end)
        today, start, end = (clock_text(moment, zone, date=True)[:16] for moment in moments)
        cut = 0 if start[:4] != today[:4] else 5 if start[:10] != today[:10] else 11
        if window.end is None:
            return f"from {start[cut:]} ({name})"
        if start[:10] == end[:10]:
            return f"{start[cut:]}-{end[11:]} ({name})"
        cut = min(cut, 5)
        return f"{start[cut:]}-{end[cut:]} ({name})"


def brief(milliseconds: int) -> str:
    """`15m`, `24h`, `90s`: the way it is typed."""
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1_000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def state_words(
    load: LoadState,
    follow: FollowState,
    *,
    frozen: bool,
    recorded: bool,
    ascii_only: bool,
    pace: Pace | None = None,
) -> tuple[str, str]:
    """The state and its tone, for the status line. `pace` is how fast events may be asked for."""
    if load.kind is LoadKind.LOADING:
        groups = load.progress.groups
        done = sum(group.done for group in groups)
        word = "group" if len(groups) == 1 else "groups"
        dot = "-" if ascii_only else "·"
        slowed = f" {dot} throttled, {pace.slowed}" if pace is not None and pace.throttled else ""
        count = f"{done}/{max(1, len(groups))} {word} {dot} {load.progress.events:,} events"
        return (f"LOADING {count}{slowed}", "busy")
    if follow.following:
        words, tone = _tail_words(follow, ascii_only)
        # Intake goes on behind a frozen view, may be billed, and may need a login.
        return (f"FROZEN, {words}", tone if tone == "bad" else "busy") if frozen else (words, tone)
    if load.kind is LoadKind.FAILED:
        return ("FAILED", "bad")
    if frozen:
        return ("FROZEN", "busy")
    if follow.error is not None:
        return ("STOPPED", "bad")
    if load.kind is LoadKind.CANCELLED:
        return ("CANCELLED", "bad")
    if recorded:
        return ("END OF RECORDING", "quiet")
    if load.kind is LoadKind.PARTIAL:
        return ("PARTIAL", "bad")
    return ("LOADED", "quiet") if load.kind is LoadKind.LOADED else ("", "quiet")


def _tail_words(follow: FollowState, ascii_only: bool) -> tuple[str, str]:
    tail = follow.tail
    dot = "o" if ascii_only else "●"
    every = human_duration(tail.interval_ms)
    match tail.kind:
        case TailKind.PAUSED:
            return ("PAUSED, F goes on", "bad")
        case TailKind.THROTTLED:
            return (f"LIVE throttled, every {every}", "bad")
        case TailKind.RECONNECTING:
            return (f"LIVE reconnecting, every {every}", "bad")
        case TailKind.LIVE:
            sampled = ", sampled: filling in" if tail.sampled else ""
            return (f"LIVE TAIL {dot} {-(-tail.live_ms // 60_000)} min billed{sampled}", "good")
    if tail.behind_ms > max(BEHIND_MS, 2 * tail.interval_ms):
        return (f"LIVE {dot} behind {human_duration(tail.behind_ms)}", "busy")
    return (f"LIVE {dot} polling every {every}", "good")


def gap_words(gap: Gap, zone: tzinfo, *, several: bool) -> str:
    """What a hole says of itself in the list: when, of which group, why. Foreign text."""
    start, end = (clock_text(at, zone, short=True)[:8] for at in (gap.start, gap.end))
    of = f" of {told(gap.group)}" if several else ""
    return f"not read: {start} to {end}{of} · {gap.cause}"


def note_words(load: LoadState, follow: FollowState) -> str:
    """What is missing, foreign text: groups denied or cut short, a tail in trouble."""
    missing = load.partial or load.progress.partial
    failed = follow.tail.failed if follow.following else ()
    notes = missing or failed
    if notes:
        word = "group" if len(notes) == 1 else "groups"
        return f"{len(notes)} {word} not whole (:partial) {notes[0]}"
    if follow.error is not None:
        return f"{follow.error.message} F follows again"
    if follow.following and follow.tail.kind is not TailKind.PAUSED and (waiting := follow.tail.waiting):
        word = "group waits" if len(waiting) == 1 else "groups wait"
        return f"{len(waiting)} {word} for a login (F, :partial) {follow.tail.note}"
    return follow.tail.note if follow.following else ""


def missing_words(notes: Sequence[str], remarks: Sequence[str]) -> str:
    """What is missing from the window, ten notes and how many more, and how it is to be understood."""
    lines = [str(printable(note)) for note in notes[:10]]
    if len(notes) > 10:
        lines.append(f"and {len(notes) - 10:,} more")
    return "\n".join([*lines, *map(printable, remarks)]) or "Everything asked for is there."


def placeholder(
    load: LoadState, *, loaded: int, asked: Asked, filtered: bool, ascii_only: bool
) -> tuple[str, ...]:
    """What stands in an empty list: a headline, then what to do."""
    dots = "..." if ascii_only else "…"
    if load.error is not None and load.kind is LoadKind.FAILED:
        return (load.error.message, load.error.hint, "ctrl+r tries again")
    if load.kind in (LoadKind.IDLE, LoadKind.LOADING):
        return (f"Loading{dots}", "Events appear as the first page comes.")
    if filtered and loaded:
        return (
            f"None of {loaded:,} events passes the filters",
            "W shows the filters; Space there switches one off. :filter with nothing takes all off.",
        )
    span = f"in the last {brief(asked.last_ms)}" if asked.last_ms is not None else "in this window"
    bigger = "press 8 for 24 h" if asked.last_ms is None or asked.last_ms < PRESETS["8"] else "press 9"
    return (f"No events {span}", f"{bigger}, or 9 for a window of your own")
