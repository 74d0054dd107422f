"""What stands at each position of a view: an event, nothing (it is a line of another), marks above it.

Pure, over columns in memory; worked out for some hundred positions when one of them is asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cwtui.core.timespec import human_duration
from cwtui.ui.widgets.row_markers import DAY, SILENCE, Mark
from cwtui.ui.widgets.row_paint import clock_text
from cwtui.window.joined import Joined
from cwtui.window.view import View

_SIZE = 256
_DAY_MS = 86_400_000
_QUARTER_MS = 900_000
"""No zone begins its day between two quarters of an hour."""


class _Part(NamedTuple):
    rows: list[int]
    hidden: list[bool]
    lines: list[int]
    above: dict[int, tuple[Mark, ...]]


class Places:
    """Of a snapshot: which positions are drawn, and what is said above them."""

    def __init__(
        self,
        view: View,
        *,
        marks: Sequence[Mark] = (),
        silence_ms: int = 0,
        days: tzinfo | None = None,
        joined: Joined | None = None,
        most_marks: int = 100,
    ) -> None:
        self._view = view
        self._marks = sorted(marks, key=lambda mark: mark.timestamp)
        self._moments = np.array([mark.timestamp for mark in self._marks], np.int64)
        self._silence_ms = silence_ms
        self._days = days
        self._joined = joined if joined else None
        self._most_marks = most_marks
        self._parts: dict[int, _Part] = {}
        self.trailing = self._trailing()
        """What is said below the last event; all of it where there is none."""

    def _trailing(self) -> tuple[Mark, ...]:
        span = self._view.span
        below = [mark for mark in self._marks if span is None or mark.timestamp > span[1]]
        return tuple(below[max(0, len(below) - self._most_marks) :])

    def row_id(self, position: int) -> int:
        """The id of the event there."""
        return self._part(position).rows[position % _SIZE]

    def hidden(self, position: int) -> bool:
        """Whether the event there is drawn beneath another, and so has no line of its own."""
        return self._part(position).hidden[position % _SIZE]

    def lines(self, position: int) -> int:
        """How many lines go with the event there: its own, where it is drawn, and those of marks."""
        return self._part(position).lines[position % _SIZE]

    def above(self, position: int) -> tuple[Mark, ...]:
        """What is said right above the event there, at most `most_marks`."""
        return self._part(position).above.get(position, ()) if len(self._view) else ()

    def step(self, position: int, count: int) -> int:
        """The drawn position so many drawn ones further on, or as far as there are any."""
        direction = 1 if count > 0 else -1
        found = position
        while count and 0 <= position + direction < len(self._view):
            position += direction
            if not self.hidden(position):
                found = position
                count -= direction
        return found

    def nearest(self, position: int) -> int:
        """The position itself where it is drawn, else the one above that is."""
        while position > 0 and self.hidden(position):
            position -= 1
        return position

    @property
    def last(self) -> int:
        """The last drawn position; of a view that is not empty."""
        return self.nearest(len(self._view) - 1)

    def _part(self, position: int) -> _Part:
        number = position // _SIZE
        part = self._parts.get(number)
        if part is None:
            part = self._parts[number] = self._made(number * _SIZE)
        return part

    def _made(self, first: int) -> _Part:
        last = min(first + _SIZE, len(self._view))
        # The event before tells how long nothing came, and whether it was on another day.
        piece = self._view.stretch(first - 1, last)
        has_before = first > 0
        times = piece.times if has_before else np.concatenate((piece.times[:1], piece.times))
        rows = piece.rows[1:] if has_before else piece.rows
        hidden = [False] * len(rows)
        if self._joined is not None:
            hidden = self._joined.hidden(self._view, first, last).tolist()
        said = self._said(times, first)
        lines = [0 if is_hidden else 1 for is_hidden in hidden]
        for position, marks in said.items():
            lines[position - first] += len(marks)
        if last == len(self._view):
            lines[-1] += len(self.trailing)
        return _Part(rows.tolist(), hidden, lines, said)

    def _said(self, times: NDArray[np.int64], first: int) -> dict[int, tuple[Mark, ...]]:
        """By position what is said above it; `times` begin with that of the event before the first."""
        said: dict[int, list[Mark]] = {}
        if not self._most_marks:
            return {}
        if self._marks:
            passed = np.searchsorted(self._moments, times, "right")
            passed[0] = passed[0] if first else 0
            for place in np.flatnonzero(np.diff(passed)).tolist():
                said[first + place] = self._marks[passed[place] : passed[place + 1]]
        silent = (
            np.diff(times) >= self._silence_ms if self._silence_ms else np.zeros(len(times) - 1, np.bool_)
        )
        other_day = self._other_days(times)
        for place in np.flatnonzero(silent | other_day).tolist():
            before, time = times[place : place + 2].tolist()
            words = []
            if other_day[place] and self._days is not None:
                words.append(clock_text(time, self._days, date=True)[:10])
            if silent[place]:
                words.append(f"nothing for {human_duration(time - before)}")
            kind = DAY if other_day[place] else SILENCE
            said.setdefault(first + place, []).append(Mark(time, kind, " · ".join(words)))
        return {position: tuple(marks[-self._most_marks :]) for position, marks in said.items()}

    def _other_days(self, times: NDArray[np.int64]) -> NDArray[np.bool_]:
        zone = self._days
        if zone is None:
            return np.zeros(len(times) - 1, np.bool_)
        if zone is UTC:
            return np.asarray(np.diff(times // _DAY_MS) != 0)
        other = np.diff(times // _QUARTER_MS) != 0
        for place in np.flatnonzero(other).tolist():
            before, time = (clock_text(at, zone, date=True)[:10] for at in times[place : place + 2].tolist())
            other[place] = before != time
        return np.asarray(other)
