"""One followed group: how far it has been read, and what has to be read next. Pure: no call, no clock.

Two frontiers, in event time. Neither moves but by a *complete* pass, and never beyond the clock:

    settled                      watermark                 now
    ───┼─────────────────────────────┼──────────────────────┼───────>
       no promised event can         everything was read
       come before this any more     at least once

    ROUND    [watermark - overlap, )   every interval: what is new, and what is a little late
    SWEEP    [settled, watermark)      once a minute, beside rounds: what came late, up to the look-back
    WHOLE    [settled, )               both in one, where the budget has none to spare or a live tail covers
    SLICE    [settled, +5 min)         far behind after an outage: in steps that are kept, longer where quiet
    PRESENT  [now - look_back, )       the hole before it fails for good, now does not: the hole becomes a Gap
    HOLE     [gap.start, +5 min)       a Gap is tried again; what can be read after all heals it

A pass that begins at T has read every event that was visible at T. What comes afterwards and is at
most `look_back` late has a timestamp after T - look_back: that is the new `settled`.

Live tail is an accelerator on top: while a session *covers* the group its updates move the
watermark and rounds rest. A session covers once a round that began after its first update is
complete; sweeps go on, for a live tail may drop; a sampled second stops the watermark until a round fills it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from cwtui.core.errors import CwtuiError, DataError, ServiceError
from cwtui.core.naming import name_of
from cwtui.fetch.overlap import Overlap

LOOK_BACK_MS = 120_000
SWEEP_EVERY_MS = 60_000
SLICE_MS = 300_000
LONGEST_SLICE_MS = 6 * 3_600_000
CHEAP_SLICE, DEAR_SLICE = 2, 20
"""Calls that a slice took: below the one the next is twice as long, above the other half as long."""
LIVE_LAG_MS = 30_000
"""So long after polling a live tail may bring an event."""
SEAM_OVERLAP_MS = 20_000
"""A live tail delivers some seconds after ingestion: its word about the last seconds is not taken."""
LEAST_GAP_MS = 10_000
"""A gap that fails again is halved down to this, so that only what cannot be read stays one."""
GIVE_UP_AFTER = 5
"""Failures in a row after which the present is read before the past."""


class Reach(Enum):
    """What a pass reads; see the module."""

    ROUND = "round"
    SWEEP = "sweep"
    WHOLE = "whole"
    SLICE = "slice"
    PRESENT = "present"
    HOLE = "hole"


@dataclass(frozen=True, slots=True)
class Pass:
    """One reading of `[start, end)` (ms), from the moment `began` on."""

    reach: Reach
    start: int
    end: int | None
    began: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Event time (ms, half-open) of a group that could not be read, and why: a row of the list."""

    group: str
    start: int
    end: int
    cause: str


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a group has been followed, for whoever goes on with it."""

    settled: int
    watermark: int
    gaps: tuple[Gap, ...] = ()


@dataclass(slots=True)
class Watch:
    """The state of one group. `floor` (ms): nothing before it is read."""

    group: str
    watermark: int
    look_back_ms: int = LOOK_BACK_MS
    floor: int = 0
    settled: int = field(init=False)
    overlap: Overlap = field(init=False)
    gaps: list[Gap] = field(default_factory=list)
    trouble: CwtuiError | None = None
    """The last failure, which a retry may mend; None after a complete pass."""
    failures: int = 0
    """In a row."""
    left_out: CwtuiError | None = None
    """Why the group is not followed."""
    live_since: int | None = None
    """The first update of the running live session."""
    covered: bool = False
    sampled: list[tuple[int, int]] = field(default_factory=list)
    """Spans of arrival (ms) of which the live tail brought a sample only."""
    calls: int = 1
    """What the last round cost."""
    due: int = 0
    """When the next pass begins."""
    slice_ms: int = SLICE_MS
    newest: int | None = None
    """The highest timestamp that polling met."""
    last: int = 0
    """When the last pass began."""
    ended: int = 0
    """When it ended."""
    haste: float = 1.0
    """Of the wait after a failure: all of it, or a part."""
    wait_ms: int = 0
    """From the last pass to the next; grows with failures."""
    _by_word: bool = False
    """The watermark rests on a live tail's word."""
    _refused: list[str] = field(default_factory=list)
    """What the service said each time in a row that it failed itself, with the way there open."""
    _horizons: list[tuple[int, int]] = field(default_factory=list)
    """When passes ended lately, and from where on (ms) events were remembered until then."""
    _sweep_again: int = 0
    _hole_due: int = 0

    def __post_init__(self) -> None:
        self.settled = max(self.floor, self.watermark - self.look_back_ms)
        self.overlap = Overlap(self.look_back_ms)

    @property
    def name(self) -> str:
        """The group's plain name, under which its events travel."""
        return name_of(self.group)

    @property
    def reached(self) -> Reached:
        return Reached(self.settled, self.watermark, tuple(self.gaps))

    def go_on(self, reached: Reached) -> None:
        """Takes over from an earlier tail."""
        self.settled, self.watermark, self.gaps = reached.settled, reached.watermark, list(reached.gaps)

    # What to read ---------------------------------------------------------------------------------

    def plan(self, now: int, *, whole: bool) -> Pass:
        """The next pass; `whole` is whether it also sweeps, where that is due."""
        # A clock that was set back must not leave a frontier in the future.
        self.watermark = min(self.watermark, now)
        self.settled = max(self.floor, min(self.settled, now - self.look_back_ms))
        unsettled = now - self.look_back_ms - self.settled
        if unsettled > SWEEP_EVERY_MS + SLICE_MS:
            if len(self._refused) >= GIVE_UP_AFTER and self.failures % 2:
                return Pass(Reach.PRESENT, now - self.look_back_ms, None, now)
            end = min(now - self.look_back_ms, self.settled + self.slice_ms)
            return Pass(Reach.SLICE, self.settled, end, now)
        if unsettled >= SWEEP_EVERY_MS and whole:
            return Pass(Reach.WHOLE, self.settled, None, now)
        overlap = max(self.overlap.ms, SEAM_OVERLAP_MS if self._by_word else 0)
        start = self.watermark - min(overlap, self.look_back_ms)
        return Pass(Reach.ROUND, max(self.floor, start), None, now)

    def sweep(self, now: int) -> Pass | None:
        """The pass beside rounds that is due once a minute."""
        due = SWEEP_EVERY_MS <= now - self.look_back_ms - self.settled <= SWEEP_EVERY_MS + SLICE_MS
        if not due or self.failures or now < self._sweep_again:
            return None
        end = max(self.watermark - self.overlap.ms, now - self.look_back_ms)
        return Pass(Reach.SWEEP, self.settled, end, now)

    def hole(self, now: int) -> Pass | None:
        """The pass that may heal the oldest gap: after a failure, a minute later."""
        if not self.gaps or now < self._hole_due:
            return None
        gap = self.gaps[0]
        return Pass(Reach.HOLE, gap.start, min(gap.end, gap.start + SLICE_MS), now)

    def sweep_due(self) -> int:
        return self.settled + self.look_back_ms + SWEEP_EVERY_MS

    def keeps(self, timestamp: int) -> bool:
        """Whether a pass may still meet events of that moment (ms), even should the clock be set back."""
        if self.newest is None or timestamp >= min(self._horizon, *(kept for _, kept in self._horizons)):
            return True
        held = timestamp >= self.newest - self.look_back_ms
        return held or any(gap.start <= timestamp <= gap.end for gap in self.gaps)

    def met(self, timestamps: Sequence[int]) -> None:
        """Polling met events of those moments (ms), new or not."""
        if timestamps:
            self.newest = max(timestamps) if self.newest is None else max(self.newest, max(timestamps))

    @property
    def _horizon(self) -> int:
        return min(self.settled, self.watermark - self.look_back_ms)

    # What was read --------------------------------------------------------------------------------

    def completed(self, done: Pass, now: int) -> None:
        """Moves the frontiers. Only for a pass that was read to its last page."""
        if done.reach is Reach.HOLE:
            self._heal(done)
            return
        # What this pass met a live tail may still bring.
        self._horizons = [each for each in self._horizons if each[0] > now - LIVE_LAG_MS]
        self._horizons.append((now, self._horizon))
        if done.reach in (Reach.SWEEP, Reach.WHOLE):
            self.overlap.measure()
        refused = self._refused
        if done.reach is not Reach.SWEEP:
            self.trouble, self.failures, self._refused = None, 0, []
        if done.end is not None:
            # All before `end` was read just now; nothing promised can come any more before the look-back.
            self.settled = max(self.settled, min(done.end, done.began - self.look_back_ms))
            self.watermark = max(self.watermark, self.settled)
            return
        if done.reach is Reach.PRESENT:
            self.gaps.append(Gap(self.group, self.settled, done.start, refused[-1]))
        if done.reach is not Reach.ROUND:
            self.settled = max(self.settled, done.began - self.look_back_ms)
        self.watermark = max(self.watermark, done.began)
        self._by_word = False
        self.sampled = [(max(start, done.began), end) for start, end in self.sampled if end > done.began]
        self.covered = self.live_since is not None and done.began >= self.live_since

    def stretch(self, calls: int) -> None:
        """A slice took so many calls."""
        if calls < CHEAP_SLICE:
            self.slice_ms = min(LONGEST_SLICE_MS, self.slice_ms * 2)
        elif calls > DEAR_SLICE:
            self.slice_ms = max(SLICE_MS, self.slice_ms // 2)

    def failed(self, broken: Pass, error: CwtuiError) -> None:
        """A pass broke off: what it brought stays, the frontiers do too."""
        refused = isinstance(error, ServiceError | DataError)
        if broken.reach is Reach.HOLE:
            self._narrow(broken, refused=refused)
            return
        if broken.reach is Reach.SWEEP:
            # Rounds go on. What cannot be swept for long is far behind, and read as such.
            self._sweep_again = broken.began + SWEEP_EVERY_MS // 4
            return
        self.trouble = error
        self.failures += 1
        self.slice_ms = SLICE_MS
        if refused:
            self._refused.append(error.message)

    def _heal(self, done: Pass) -> None:
        gap, rest = self.gaps[0], self.gaps[1:]
        assert done.end is not None
        left = [replace(gap, start=done.end)] if done.end < gap.end else []
        self.gaps = [*left, *rest]

    def _narrow(self, broken: Pass, *, refused: bool) -> None:
        """Cuts the gap in two where one of them may be readable; else it has to wait."""
        gap, rest = self.gaps[0], self.gaps[1:]
        assert broken.end is not None
        cut = broken.end if broken.end < gap.end else (gap.start + gap.end) // 2
        if refused and gap.end - gap.start > LEAST_GAP_MS:
            self.gaps = [replace(gap, start=cut), *rest, replace(gap, end=cut)]
        else:
            self.gaps = [*rest, gap]
            self._hole_due = broken.began + SWEEP_EVERY_MS

    # What a live tail says ------------------------------------------------------------------------

    def heard(self, since: int, now: int, *, sampled: bool) -> None:
        """An update came that stands for the arrivals of `(since, now]`."""
        if self.live_since is None:
            self.live_since = now
        if sampled:
            begin = self.sampled.pop()[0] if self.sampled and self.sampled[-1][1] == since else since
            self.sampled.append((begin, now))
        elif self.covered and not self.sampled:
            self.watermark = max(self.watermark, now)
            self._by_word = True

    def deaf(self) -> None:
        """The session is over: from here on only passes count."""
        self.live_since, self.covered = None, False
