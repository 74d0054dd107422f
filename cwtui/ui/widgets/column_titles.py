"""The names of the list's columns, one muted line over it."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from cwtui.ui.widgets.field_columns import titles_of
from cwtui.ui.widgets.row_look import PLACES, RowLook


class ColumnTitles(Static):
    """One line, aligned with the rows."""

    DEFAULT_CSS = """
    ColumnTitles { height: 1; background: $background; color: $foreground 45%; }
    """

    def __init__(self) -> None:
        super().__init__(Content(""), markup=False)

    def show(self, look: RowLook) -> None:
        """Titles for the columns that the look has."""
        titles = " " * (2 if look.group_gutter else 1)
        cells = 8 if look.short_time and look.time.cells == 12 else look.time.cells
        titles += f"{'TIME':<{cells}} " if cells else ""
        titles += "L " if look.level_letter else "LVL "
        if room := look.place_room:
            titles += f"{PLACES[:room]:<{room}} "
        if look.stream_cells:
            titles += f"{'STRM'[: look.stream_cells]:<{look.stream_cells}} "
        body = f"{titles_of(look.columns)}MESSAGE"
        if look.columns and not look.wrap:
            body = body[look.left :]
        self.update(Content(titles + body), layout=False)
