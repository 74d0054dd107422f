"""What decides how a row of the list looks, besides the row: values, which `row_paint` reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import Enum

from rich.cells import cell_len
from rich.style import Style

from cwtui.core.naming import Place
from cwtui.ui.widgets.field_columns import FieldColumn

PLACES = "WHERE"
"""The title of the column of accounts and regions."""


class TimeFormat(Enum):
    """What the time column shows; `t` goes through them."""

    TIME = "time"
    DATE = "date and time"
    RELATIVE = "from the cursor"
    LAG = "ingestion lag"
    OFF = "no time"

    @property
    def cells(self) -> int:
        return {"time": 12, "date and time": 23, "from the cursor": 13, "ingestion lag": 9}.get(self.value, 0)

    def next(self) -> TimeFormat:
        """The format after this one."""
        formats = list(TimeFormat)
        return formats[(formats.index(self) + 1) % len(formats)]


@dataclass(frozen=True, slots=True)
class RowStyles:
    """The colours of a row, taken from the theme by the widget."""

    base: Style
    muted: Style
    bar: Style
    """The mark of the cursor row."""
    key: Style
    """Names of fields."""
    match: Style
    late: Style
    cursor: Style
    """Laid under the whole cursor row."""
    selected: Style
    """Laid under each row of the chosen range."""
    levels: Sequence[Style]
    """One for each `Level`, by its number."""
    streams: Sequence[Style]
    """Low-saturation colours; a name's hash chooses one."""
    terms: Sequence[Style] = ()
    """The colours of what stays lit beside a search."""


@dataclass(frozen=True, slots=True)
class RowLook:
    """Everything but the row itself that decides what a line looks like."""

    width: int = 80
    left: int = 0
    """Cells of the message scrolled out at the left."""
    time: TimeFormat = TimeFormat.TIME
    zone: tzinfo = UTC
    origin: int = 0
    """The moment, in ms, from which relative times count."""
    short_time: bool = False
    """Seconds only: narrow terminals."""
    level_letter: bool = False
    stream_cells: int = 4
    group_gutter: bool = False
    """Several groups are shown: each row carries its group's colour."""
    place_cells: int = 0
    """The width of the column of accounts and regions, where `places` are told apart."""
    places: tuple[tuple[Place, str], ...] = ()
    """What each account and region is called; empty where all events are of one."""
    fields: bool = True
    """JSON messages as `msg key=value`; else as they came."""
    columns: tuple[FieldColumn, ...] = ()
    """Fields of the messages that have columns of their own, before the message."""
    wrap: int = 0
    """Most lines one event may take; 0: one line, cut."""
    unfolded: int = 40
    """Most lines that an unfolded event may take."""
    ascii_only: bool = False
    highlight: re.Pattern[str] | None = field(default=None)
    """What is searched for, or what the filter that is being written looks for."""
    terms: tuple[re.Pattern[str], ...] = ()
    """What stays lit beside the search."""
    anchor: int | None = None
    """The id of the one row that carries a mark: what the rows are the surroundings of."""
    followed_from: int | None = None
    """From this id on rows came while new events were followed: there less counts as late."""
    marked: frozenset[int] = frozenset()
    """The ids of bookmarked rows."""

    @property
    def place_room(self) -> int:
        """The cells of the column of places: what its longest label and its title need, 0 without it."""
        if not self.places:
            return 0
        return min(self.place_cells, max(len(PLACES), *(cell_len(label) for _, label in self.places)))


@dataclass(frozen=True, slots=True)
class RowPlace:
    """What a row looks like because of where it stands."""

    cursor: bool = False
    selected: bool = False
    unfolded: bool = False
    """Shown with all its lines, whatever the others do."""
    joined: int = 0
    """How many lines that were sent as events of their own belong to it, and are not drawn."""


NOWHERE = RowPlace()
