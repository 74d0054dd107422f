"""The list of events: a cursor over what `EventCanvas` paints.

Following is a consequence of position: with the cursor on the last row the list stays at the end,
anywhere else it stays where it is and counts what came (`unseen`). When the view changes, the event
under the cursor keeps its line on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.scrollbar import ScrollTo

from cwtui.core.models import Row
from cwtui.ui.keys import bindings_for
from cwtui.ui.widgets.event_folding import EventFolding
from cwtui.window.view import View

WHEEL_ROWS = 3
UNFOLDED_LINES = 40
"""Most lines that an unfolded event takes; Enter shows the rest."""


class EventList(EventFolding):
    """Events of a window, one a line."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("motion", "text")]

    @dataclass
    class CursorMoved(Message):
        """The cursor stands on another event; `row_id` is None in an empty list."""

        row_id: int | None

    @dataclass
    class FollowingChanged(Message):
        """The list began or ceased to stay at the end."""

        following: bool

    stays_at_end = True
    """Whether standing on the last row means to follow; else the cursor stays with its event."""

    class Opened(Message):
        """An event was chosen to be read whole."""

    @property
    def unseen(self) -> int:
        """How many events came since the list ceased to follow."""
        return 0 if self.following or not self.stays_at_end else max(0, len(self.view) - self._seen_length)

    @property
    def row(self) -> Row | None:
        """The event under the cursor, cut for the list; None until it has been read."""
        return None if self.row_id is None else self._cache.get(self.row_id)

    def reset(self, view: View) -> None:
        """Another window: ids mean other events from now on."""
        self._generation += 1
        self._cache.clear()
        self._values.clear()
        self._unfolded.clear()
        self._aim = None
        self._look = replace(self._look, followed_from=None)
        self._repaint_all()
        self.view = view
        self._seen_length = len(view)
        self._follow(True)
        self._resize_virtual()
        self._put_cursor(self._end)

    def count_from_here(self) -> None:
        """Nothing that is in the view now counts as unseen: its filters have changed."""
        self._seen_length = len(self.view)

    def show(self, view: View) -> None:
        """Another snapshot of the same window."""
        old, before = self.view, self.visible_ids
        self.view = view
        if not len(view):
            self._resize_virtual()
            self._put_cursor(0)
            self._repaint_all()
            return
        if self.following or not len(old):
            position, screen_row = self._end, self._height - 1
        else:
            position = self._place_in(view, old.row_at(self.cursor), old.time_at(self.cursor))
            position, screen_row = self._head_of(position), self._screen_row
        self._lines = None
        self._resize_virtual()
        was_on = old.row_at(self.cursor) if self.cursor < len(old) else None
        self.cursor = position
        self._place(position, screen_row)
        if not np.array_equal(before, self.visible_ids):
            self.refresh()
        self._wanted.set()
        if self.row_id != was_on:
            self.post_message(self.CursorMoved(self.row_id))

    @staticmethod
    def _place_in(view: View, row_id: int, timestamp: int) -> int:
        position = view.position_of(row_id, timestamp)
        return min(view.at_or_after(timestamp), len(view) - 1) if position is None else position

    def select(self, positions: range) -> None:
        """Shows these positions as the chosen range."""
        if positions != self.selection:
            self.selection = positions
            self._lines = None
            self.refresh()

    # ------------------------------------------------------------------ moving

    def move_to(self, position: int, *, middle: bool = False) -> None:
        """Puts the cursor on a row and brings it into sight; `middle`: a third down if it was out of it."""
        if not len(self.view):
            return
        aim = max(0, min(position, len(self.view) - 1))
        position = self._head_of(aim)
        self._direction = (position > self.cursor) - (position < self.cursor)
        far = middle and position not in self.in_sight
        self._put_cursor(position, self._height // 3 if far else None)
        self._aim_at(aim)
        self._follow(position == self._end)

    def centre(self, position: int) -> None:
        """Puts the cursor on a row, in the middle of the screen."""
        if len(self.view):
            position = self._head_of(max(0, min(position, len(self.view) - 1)))
            self._put_cursor(position, self._height // 2)
            self._follow(position == self._end)

    def jump_to_id(self, row_id: int) -> bool:
        """Goes to an event of the view; False where the view does not hold it."""
        found = np.flatnonzero(self.view.rows == row_id)
        if len(found):
            self.move_to(int(found[0]), middle=True)
        return len(found) > 0

    def scroll_rows(self, count: int) -> None:
        """Moves the screen over the rows; the cursor goes along so as to stay visible."""
        if len(self.view):
            self._scroll_top(self._places.step(self.top, count))

    def _scroll_top(self, top: int) -> None:
        if not len(self.view):
            return
        self._direction = (top > self.top) - (top < self.top)
        last_top = self._last_top()
        top = max(0, min(top, last_top))
        self._set_top(top)
        bottom = top + self._fits(top) - 1
        if top == last_top and self._direction > 0:
            position = self._end
        else:
            position = self._drawn(max(top, min(self.cursor, bottom)), top)
        self._put_cursor(position)
        self._follow(position == self._end)

    def _drawn(self, position: int, top: int) -> int:
        """The drawn position nearest to one, not above the top row where that can be."""
        position = self._places.nearest(position)
        return self._places.step(position, 1) if position < top else position

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_cursor_up(self) -> None:
        self._step(-1)

    def _step(self, count: int) -> None:
        if len(self.view):
            self.move_to(self._places.step(self.cursor, count))

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(self._end)

    def action_page_down(self) -> None:
        self._page(self._fits(self.top))

    def action_page_up(self) -> None:
        self._page(-self._fits(self.top))

    def action_half_page_down(self) -> None:
        self._page(max(1, self._fits(self.top) // 2))

    def action_half_page_up(self) -> None:
        self._page(-max(1, self._fits(self.top) // 2))

    def _page(self, count: int) -> None:
        if not len(self.view):
            return
        self._direction = 1 if count > 0 else -1
        screen_row = self._line_of(self.cursor)
        position = self._places.nearest(max(0, min(self.cursor + count, len(self.view) - 1)))
        if position == self.cursor:
            position = self._places.step(position, self._direction)
        self._place(position, screen_row)
        self._put_cursor(position)
        self._follow(position == self._end)

    def _follow(self, following: bool) -> None:
        following = following and self.stays_at_end
        if following:
            self._seen_length = len(self.view)
        if following != self.following:
            self.following = following
            self._seen_length = len(self.view)
            self.post_message(self.FollowingChanged(following))

    # ------------------------------------------------------------------ cursor and top row

    def _put_cursor(self, position: int, screen_row: int | None = None) -> None:
        old, self.cursor = self.cursor, position
        top = self.top
        if screen_row is not None:
            self._place(position, screen_row)
        else:
            self._bring_into_sight(position)
        self._aim = None
        self._screen_row = self._line_of(self.cursor)
        if self.top == top:
            # Two lines instead of a screen: under 1 KB to the terminal.
            self._refresh_rows(old, position)
        self._wanted.set()
        if old != position:
            self.post_message(self.CursorMoved(self.row_id))

    # ------------------------------------------------------------------ events

    def on_resize(self) -> None:
        self._lines = None
        self._places_now = None
        width = self.scrollable_content_region.width
        screen_row = self._height - 1 if self.following else self._screen_row
        # An unfolded event is never taller than the screen: the list scrolls by whole events.
        unfolded = max(1, min(UNFOLDED_LINES, self._height))
        if (width, unfolded) != (self._look.width, self._look.unfolded):
            self._look = replace(self._look, width=width, unfolded=unfolded)
            self._repaint_all()
        self._resize_virtual()
        if len(self.view):
            self._place(self.cursor, screen_row)
        self._wanted.set()

    def on_click(self, event: events.Click) -> None:
        position = self._position_at(event.y)
        if position is None:
            return
        self.move_to(position)
        if event.chain == 2:
            self.post_message(self.Opened())

    def _position_at(self, y: int) -> int | None:
        if not len(self.view):
            return None
        lines = self._screen_lines
        return lines[y].position if y < len(lines) else None

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.prevent_default().stop()
        self.scroll_rows(WHEEL_ROWS)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.prevent_default().stop()
        self.scroll_rows(-WHEEL_ROWS)

    def _on_scroll_to(self, message: ScrollTo) -> None:
        message.prevent_default().stop()
        if message.y is not None:
            self._scroll_top(round(message.y))
