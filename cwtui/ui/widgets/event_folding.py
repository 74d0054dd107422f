"""Events of the list with lines beneath them: unfolding them, and going to a line that is not drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.message import Message

from cwtui.core.models import Row
from cwtui.ui.widgets.event_canvas import EventCanvas


class EventFolding(EventCanvas):
    """What is drawn beneath an event, and what stands for what is not."""

    @dataclass
    class LinesWanted(Message):
        """A line was gone to that is drawn beneath this event: it is to be unfolded."""

        row_id: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._aim: tuple[int, int, int] | None = None
        """The row under the cursor, and beneath it id and timestamp of the line that was gone to."""

    @property
    def unfolded(self) -> bool:
        """Whether the event under the cursor is shown with all its lines."""
        return self.row_id in self._unfolded

    def unfold(self, row: Row) -> None:
        """Shows an event of the view with all its lines; the others stay as they are."""
        self._unfolded[row.id] = row
        self._heights_changed()

    @property
    def unfolded_rows(self) -> list[Row]:
        """The events shown with all their lines."""
        return list(self._unfolded.values())

    def fold(self) -> None:
        """Gives the event under the cursor its one line back."""
        if self.row_id is not None and self._unfolded.pop(self.row_id, None) is not None:
            self._heights_changed()

    def fold_all(self) -> bool:
        """Gives every event its one line back; whether any had more."""
        had = bool(self._unfolded)
        if had:
            self._unfolded.clear()
            self._heights_changed()
        return had

    # ------------------------------------------------------------------ lines that are not drawn

    def _head_of(self, position: int) -> int:
        """The position itself, or that of the event beneath which what stands there is drawn."""
        if not self._places.hidden(position) or self._joined is None:
            return position
        head = self._joined.head_of(self._places.row_id(position))
        while position > 0 and self._places.row_id(position) != head:
            position -= 1
        return position

    @property
    def aim(self) -> int:
        """The position that was gone to: the cursor's, or that of a line drawn beneath its event."""
        if self._aim is None or self._aim[0] != self.row_id:
            return self.cursor
        found = self.view.position_of(*self._aim[1:])
        return self.cursor if found is None else found

    def with_lines(self, position: int) -> int:
        """The last position of the lines of an event that follow right upon it."""
        row_id, last = self._places.row_id(position), position
        while last + 1 < len(self.view) and self._belongs(last + 1, row_id):
            last += 1
        return last

    def _belongs(self, position: int, row_id: int) -> bool:
        hidden = self._places.hidden(position) and self._joined is not None
        return bool(hidden and self._joined and self._joined.head_of(self._places.row_id(position)) == row_id)

    @property
    def at_end(self) -> bool:
        """Whether the cursor can go no further down."""
        return self.cursor == self._end

    def _aim_at(self, position: int) -> None:
        self._aim = None
        if position != self.cursor and (row_id := self.row_id) is not None:
            self._aim = (row_id, self.view.row_at(position), self.view.time_at(position))
            if row_id not in self._unfolded:
                self.post_message(self.LinesWanted(row_id))

    @property
    def _end(self) -> int:
        """The last position that the cursor can stand on."""
        return self._places.last if len(self.view) else 0
