"""Lines of the list that are no events: a gap in what was read, a silence, a new day."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from cwtui.core.text import printable
from cwtui.ui.widgets.row_look import RowLook, RowStyles

GAP = "gap"
SILENCE = "silence"
DAY = "day"
_LEAD = 3


class Mark(NamedTuple):
    """What is to be said between two events."""

    timestamp: int
    """ms UTC: the mark stands above the first event at or after this moment."""
    kind: str
    """`gap`, `silence` or `day`; a gap is in the colour of warnings."""
    text: str
    """What it says; foreign text."""


def rule(mark: Mark, look: RowLook, styles: RowStyles) -> Strip:
    """The line of a mark, exactly `look.width` cells: what it says within a rule."""
    dash = ("-" if look.ascii_only else "┄") if mark.kind != GAP else ("=" if look.ascii_only else "─")
    style = styles.base + (styles.late if mark.kind == GAP else styles.muted)
    words = f" {printable(mark.text)} "
    room = look.width - 2 * _LEAD
    if cell_len(words) > room > 0:
        more = "~ " if look.ascii_only else "… "
        words = set_cell_size(words, max(0, room - 2)) + more
    text = dash * _LEAD + words
    text += dash * max(0, look.width - cell_len(text))
    return Strip([Segment(text, style)]).adjust_cell_length(look.width, styles.base)
