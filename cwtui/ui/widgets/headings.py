"""Where rows of a list are drawn when headings stand between them, each on a line of its own. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


class Headings:
    """Headings, each before the place of a row, ascending."""

    def __init__(self, headings: Sequence[tuple[int, str]] = ()) -> None:
        self._places = [place for place, _ in headings]
        self._lines = [place + number for number, place in enumerate(self._places)]
        self._texts = [text for _, text in headings]

    def __len__(self) -> int:
        return len(self._places)

    def line_of(self, place: int) -> int:
        """The line on which a row is drawn."""
        return place + bisect_right(self._places, place)

    def place_at(self, line: int) -> int | None:
        """The place of the row on a line, which may lie beyond the last; None for a heading."""
        above = bisect_left(self._lines, line)
        headed = above < len(self._lines) and self._lines[above] == line
        return None if headed else line - above

    def text_at(self, line: int) -> str:
        """The heading on a line that has one."""
        return self._texts[bisect_left(self._lines, line)]
