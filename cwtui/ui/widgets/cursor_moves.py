"""The moves of a cursor through a list of rows, a page being what is in sight."""

from __future__ import annotations

from textual.scroll_view import ScrollView


class CursorMoves(ScrollView):
    """What `motion.*` keys do in a list whose rows are one line each."""

    cursor: int

    def __len__(self) -> int:
        """How many rows are listed."""
        raise NotImplementedError

    def go_to(self, place: int) -> None:
        """Moves the cursor to a row, the first or the last where there is none so far."""
        raise NotImplementedError

    def action_cursor_down(self) -> None:
        self.go_to(self.cursor + 1)

    def action_cursor_up(self) -> None:
        self.go_to(self.cursor - 1)

    def action_first(self) -> None:
        self.go_to(0)

    def action_last(self) -> None:
        self.go_to(len(self) - 1)

    def action_half_page_down(self) -> None:
        self.go_to(self.cursor + max(1, self.size.height // 2))

    def action_half_page_up(self) -> None:
        self.go_to(self.cursor - max(1, self.size.height // 2))

    def action_page_down(self) -> None:
        self.go_to(self.cursor + max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self.go_to(self.cursor - max(1, self.size.height - 1))
