"""How a window is cut so that several calls read it at once. No input or output, no clock of its own.

A slice is a stretch of the window that one chain of page tokens reads. Slices lie end to end, and each
owns the events of its stretch: what its pages bring beyond its end is left to the next slice. When
calls are free, the slices with the most pages left are cut: the chain that reads there stops at the
cut, a new one begins there. CloudWatch gives events in order, nearly; so a slice asks from a little
before its beginning, and repetition there is removed by name.

Positions count in the direction of the load: timestamps, or for newest first timestamps negated.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cwtui.core.models import EventBatch, EventsPage, TimeWindow
from cwtui.fetch.paging import STALLED_PAGES, Stuck

MARGIN_MS = 1_000
"""How far out of order events may come, over the border of a page, without being lost at a cut."""
FEWEST_PAGES = 1.6
"""What a slice must be good for, by the pages seen so far: less is not worth a call of its own."""
_OPEN = 1 << 62


@dataclass(slots=True, eq=False)
class Slice:
    """The stretch `[start, end)`. `reached`: all before that position has come."""

    start: int
    end: int
    reached: int
    ask: TimeWindow
    """What its calls ask for, the same as long as its token is used."""
    token: str | None = None
    asking: bool = False
    """A call is on its way."""
    done: bool = False
    stuck: bool = False
    page_ms: int = 0
    """How much of the window a page covered lately, 0 before the first."""
    _stalled: int = 0
    _restarted_at: int | None = None
    _lately: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=2))
    """The extents of the last pages, which the service may repeat."""

    @property
    def idle(self) -> bool:
        return not (self.asking or self.done or self.stuck)


class Slices:
    """The slices of one chain of requests: those of a group, or of some streams of it."""

    def __init__(
        self, window: TimeWindow, *, newest_first: bool = False, only: Iterable[TimeWindow] | None = None
    ) -> None:
        """All of a window, or `only` what is missing of it."""
        self._sign = -1 if newest_first else 1
        self._floor = self._range(window)[0]
        ranges = [self._range(each) for each in ((window,) if only is None else only)]
        self._slices = [self._slice(start, end) for start, end in sorted(ranges)]

    # What to ask next ---------------------------------------------------------------------------

    @property
    def idle(self) -> list[Slice]:
        """What may be asked for now."""
        return [each for each in self._slices if each.idle]

    @property
    def open(self) -> list[Slice]:
        """What is still being read."""
        return [each for each in self._slices if not (each.done or each.stuck)]

    def pages_left(self, piece: Slice, now: int) -> float:
        """How many pages seem left of a slice, fewer where cuts cost more; 0 before its first page."""
        if not piece.page_ms:
            return 0.0
        # Of a dense slice the margin is many pages, read twice at each cut: parts stay well above it.
        return self._left(piece, now) / max(piece.page_ms, 2 * MARGIN_MS / FEWEST_PAGES)

    def cut(self, piece: Slice, parts: int, now: int) -> None:
        """Cuts what is left of a slice into equal parts; its own chain goes on with the first."""
        left, end = self._left(piece, now), piece.end
        cuts = [piece.reached + left * number // parts for number in range(1, parts)]
        new = [
            self._slice(start, stop, piece.page_ms)
            for start, stop in zip(cuts, [*cuts[1:], end], strict=True)
        ]
        piece.end = cuts[0]
        if piece.token is None and not piece.asking:
            piece.ask = self._asked(piece.reached, piece.end)
        after = self._slices.index(piece) + 1
        self._slices[after:after] = new

    # What came ----------------------------------------------------------------------------------

    def take(self, piece: Slice, page: EventsPage) -> EventBatch:
        """What of a page the slice owns."""
        positions = [self._sign * at for at in page.batch.timestamps]
        if positions:
            low, high = min(positions), max(positions)
            piece._lately.append((low, high))
            if high > piece.reached:
                piece.page_ms = max(1, high - max(low, piece.reached))
            piece.reached = max(piece.reached, min(high, piece.end))
        if page.token is None or (positions and max(positions) >= piece.end):
            piece.done = True
        if not positions or max(positions) < piece.end:
            return page.batch
        return page.batch.take([row for row, at in enumerate(positions) if at < piece.end])

    def go_on(self, piece: Slice, token: str | None, *, fresh: bool) -> None:
        """The chain goes on with a token. Raises Stuck when it stays the same and brings nothing new."""
        piece._stalled = piece._stalled + 1 if token == piece.token and not fresh else 0
        piece.token = token
        if piece._stalled >= STALLED_PAGES and not piece.done:
            piece.stuck = True
            raise Stuck

    def restart(self, piece: Slice) -> bool:
        """A new chain from where the slice is complete; False when that was tried already and led nowhere."""
        if piece.token is None or piece._restarted_at == piece.reached:
            return False
        piece._restarted_at, piece.token = piece.reached, None
        piece.ask = self._asked(piece.reached, piece.end)
        return True

    # How far it is ------------------------------------------------------------------------------

    @property
    def frontier(self) -> int | None:
        """All of the window before this position is complete; None when the window is."""
        return next((each.reached for each in self._slices if not each.done), None)

    @property
    def begun(self) -> bool:
        """Whether anything is known about the beginning of the window."""
        first = self._slices[0] if self._slices else None
        return first is None or first.done or first.page_ms > 0

    @property
    def missing(self) -> tuple[TimeWindow, ...]:
        """What has not been read whole."""
        return tuple(self._window(each.reached, each.end) for each in self._slices if not each.done)

    def held(self, now: int) -> list[tuple[int, int]]:
        """Times, ms `[start, end)`, of events that may come once more: around what is being read, and ahead.

        Ahead stand only the names of the margins and what a load left there that ended in the middle.
        """
        times: list[tuple[int, int]] = []
        for each in self._slices:
            if not each.done:
                ahead = self._window(each.reached - MARGIN_MS, each.end)
                times.append((ahead.start, now if ahead.end is None else ahead.end))
                around = [(each.start, each.start), *each._lately]
                times += [self._times(low - MARGIN_MS, high + 1) for low, high in around]
        return times

    def moment(self, position: int) -> int:
        """A position as a time (ms) such that `[start, time)`, newest first `[time, end)`, lies before it."""
        return position if self._sign > 0 else 1 - position

    # Positions ----------------------------------------------------------------------------------

    def _slice(self, start: int, end: int, page_ms: int = 0) -> Slice:
        return Slice(start, end, start, self._asked(start, end), page_ms=page_ms)

    def _asked(self, start: int, end: int) -> TimeWindow:
        return self._window(max(self._floor, start - MARGIN_MS), end)

    def _left(self, piece: Slice, now: int) -> int:
        # Of an open end only the part up to now is worth cutting.
        end = now if piece.end >= _OPEN else piece.end
        return end - piece.reached

    def _range(self, window: TimeWindow) -> tuple[int, int]:
        end = _OPEN if window.end is None else window.end
        return (window.start, end) if self._sign > 0 else (1 - end, 1 - window.start)

    def _window(self, start: int, end: int) -> TimeWindow:
        start, end = self._times(start, end)
        return TimeWindow(start, None if end >= _OPEN else end)

    def _times(self, start: int, end: int) -> tuple[int, int]:
        return (start, end) if self._sign > 0 else (1 - end, 1 - start)


def shares(left: Sequence[float], more: int) -> list[int]:
    """Into how many parts each slice is to be cut to give work to `more` calls, by the pages left in each."""
    parts = [1] * len(left)
    for _ in range(more):
        best = max(range(len(left)), key=lambda at: left[at] / (parts[at] + 1), default=None)
        if best is None or left[best] / (parts[best] + 1) < FEWEST_PAGES:
            break
        parts[best] += 1
    return parts
