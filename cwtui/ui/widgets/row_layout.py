"""Where the events of a list stand on the screen: any may take several lines, or none of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from textual.geometry import Size

from cwtui.core.models import Row
from cwtui.ui.widgets.row_look import TimeFormat
from cwtui.ui.widgets.row_markers import Mark
from cwtui.ui.widgets.row_places import Places
from cwtui.ui.widgets.row_reading import RowReading
from cwtui.window.joined import Joined
from cwtui.window.view import View


class RowLayout(RowReading):
    """Which events the screen shows with a given one at its top. The list scrolls by whole events.

    Marks between events are lines above the event that follows them, and go with it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._marks: tuple[Mark, ...] = ()
        self._silence_ms = 0
        self._joined: Joined | None = None
        self._joining = True
        self._unfolded: dict[int, Row] = {}
        """Events shown with all their lines: each whole, with what belongs to it."""
        self._places_now: Places | None = None
        self._places_key: tuple[object, ...] = ()

    @property
    def view(self) -> View:
        """The snapshot that is shown."""
        return self._view

    @view.setter
    def view(self, view: View) -> None:
        self._view = view
        self._places_now = None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is said between events, by time."""
        return self._marks

    @marks.setter
    def marks(self, marks: Iterable[Mark]) -> None:
        if (said := tuple(marks)) != self._marks:
            self._marks = said
            self._heights_changed()

    @property
    def silence_ms(self) -> int:
        """How long nothing may come before a line says so; 0: never."""
        return self._silence_ms

    @silence_ms.setter
    def silence_ms(self, silence_ms: int) -> None:
        if silence_ms != self._silence_ms:
            self._silence_ms = silence_ms
            self._heights_changed()

    @property
    def joining(self) -> bool:
        """Whether lines that belong to an event are drawn beneath it only when it is unfolded."""
        return self._joining

    def join(self, joining: bool) -> None:
        """Draws such lines beneath their event, or each as an event of its own."""
        if joining != self._joining:
            self._joining = joining
            self._unfolded.clear()
            self._heights_changed()

    @property
    def joined(self) -> Joined | None:
        """Which events are lines of another."""
        return self._joined

    @joined.setter
    def joined(self, joined: Joined | None) -> None:
        if joined is not self._joined:
            self._joined = joined
            self._places_now = None

    def joined_count(self, row_id: int) -> int:
        """How many lines are drawn beneath an event."""
        return self._joined.count(row_id) if self._joining and self._joined is not None else 0

    @property
    def _places(self) -> Places:
        if self._places_now is None:
            dated = self._look.time is TimeFormat.DATE
            self._places_now = Places(
                self._view,
                marks=self._marks,
                silence_ms=self._silence_ms,
                days=None if dated else self._look.zone,
                joined=self._joined if self._joining else None,
                # On a screen of a few lines the events have them all.
                most_marks=self._height // 4,
            )
        return self._places_now

    # ------------------------------------------------------------------ heights

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    @property
    def _uneven(self) -> bool:
        """Whether what an event says decides how many lines it takes."""
        return bool(self._look.wrap or self._unfolded)

    def _lines_at(self, position: int) -> int:
        """How many lines the event at a position takes, with the marks that go with it."""
        places = self._places
        lines = places.lines(position)
        if not self._uneven or places.hidden(position):
            return lines
        if self._look.wrap or places.row_id(position) in self._unfolded:
            return lines - 1 + self._body_height(position)
        return lines

    def _line_of(self, position: int) -> int:
        """The line of the screen on which an event begins."""
        line, height = self._lifted(), self._height
        for above in range(self.top, position):
            line += self._lines_at(above)
            if line >= height:
                break
        return line + len(self._places.above(position))

    def _lifted(self) -> int:
        """How many lines at the end of the list are filled from above its top row."""
        top, height, used = self.top, self._height, 0
        if not top:
            return 0
        for position in range(top, len(self._view)):
            used += self._lines_at(position)
            if used >= height:
                return 0
        return height - used

    # ------------------------------------------------------------------ the top row

    @property
    def top(self) -> int:
        """The position of the first visible row."""
        return self.scroll_offset.y

    @property
    def in_sight(self) -> range:
        used, height, top, places = 0, self._height, self.top, self._places
        position = top
        while position < len(self._view) and used < height:
            used += 1 if not places.hidden(position) else 0
            position += 1
        return range(top, position)

    @property
    def visible_ids(self) -> NDArray[np.int64]:
        places = self._places
        seen = [places.row_id(position) for position in self.in_sight if not places.hidden(position)]
        return np.array(seen, np.int64)

    def _bring_into_sight(self, position: int) -> None:
        if position < self.top:
            self._set_top(position)
        elif position >= self.top + self._fits(self.top):
            self._set_top(self._top_ending_at(position))

    def _top_with(self, position: int, screen_row: int) -> int:
        """The top row with which an event begins on a line of the screen, or less far down."""
        screen_row -= len(self._places.above(position))
        while position > 0 and (screen_row := screen_row - self._lines_at(position - 1)) >= 0:
            position -= 1
        return position

    def _set_top(self, top: int) -> None:
        if top != self.top:
            self._lines_moved()
            self.scroll_to(y=top, animate=False)
            self._wanted.set()

    def _last_top(self) -> int:
        """The top row with which the last event stands at the bottom."""
        return self._top_ending_at(len(self._view) - 1) if len(self._view) else 0

    def _top_ending_at(self, position: int) -> int:
        """The top row with which an event stands whole at the bottom of the screen."""
        if position == self._places.last:
            # What is beneath it, and said below it, is seen with it.
            position = len(self._view) - 1
        used, top, height = self._lines_at(position), position, self._height
        while top > 0 and (used := used + self._lines_at(top - 1)) <= height:
            top -= 1
        return min(top, self._places.last)

    def _fits(self, top: int) -> int:
        """How many positions, at least one, stand whole on the screen below a top row."""
        used, position, height = 0, top, self._height
        while position < len(self._view):
            used += self._lines_at(position)
            if used > height:
                break
            position += 1
        return max(1, position - top)

    def _resize_virtual(self) -> None:
        # Where heights show only once rows are read, any event may be the top row.
        top = len(self._view) - 1 if self._uneven else self._last_top()
        self.virtual_size = Size(self.scrollable_content_region.width, max(0, top) + self._height)

    # ------------------------------------------------------------------ from what paints

    def _body_height(self, position: int) -> int:
        """How many lines the event itself takes, wrapped or unfolded."""
        raise NotImplementedError

    def _lines_moved(self) -> None:
        """The lines of the screen are other ones now."""
        raise NotImplementedError

    def _heights_changed(self) -> None:
        """Events take other numbers of lines than before."""
        raise NotImplementedError
