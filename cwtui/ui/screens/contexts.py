"""Two lists to choose from by typing: where to go, and which region to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cwtui.access.destinations import Destination
from cwtui.core.text import middle, printable
from cwtui.ui.colours import colour_of
from cwtui.ui.narrowing import narrow
from cwtui.ui.screens.sheet import ListSheet
from cwtui.ui.widgets.time_left import time_left
from cwtui.ui.words import ago

_BESIDE = 4
"""Cells of a line that are neither its name's nor its facts'."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line to choose."""

    name: str
    """What it is called and found by; foreign text."""
    facts: Sequence[Content] = ()
    """What is told beside it, from all of it to the least; all lines show the first that has room in each."""
    more: str = ""
    """Found by this too: a kind, an account; foreign text."""
    style: str = ""
    mark: Content = field(default_factory=lambda: Content("  "))
    """Two cells before the name."""


class TypeToChoose(ListSheet[int]):
    """Dismissed with the number of the row that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "move(1)", "Down", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "jump(10)", "Page down", show=False, priority=True),
        Binding("pageup", "jump(-10)", "Page up", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    TypeToChoose {
        & #sheet { width: 112; }
        & Input, & Input:focus {
            height: 1; border: none; padding: 0; background: $surface; margin-bottom: 1;
        }
    }
    """

    WIDTH = 112

    def __init__(self, title: str, rows: Sequence[Row], *, chosen: int = 0, note: str = "") -> None:
        super().__init__()
        self._title = title
        self._rows = list(rows)
        self._chosen = chosen
        self._note = note
        """What is wrong with the list, said beneath it."""
        self._shown = list(range(len(rows)))

    @property
    def around(self) -> int:
        return 8 + (2 + len(self._note) // self.room if self._note else 0)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.styled(printable(self._title), "bold"), id="title")
            yield Input(placeholder="type to narrow")
            yield OptionList(markup=False)
            keys = (("Enter", " goes there   "), ("↑↓", " choose   "), ("Esc", " close"))
            hints = Content.assemble(*(part for key, what in keys for part in ((key, "bold $accent"), what)))
            note = Content.styled(f"{printable(self._note)}\n\n", "$warning") if self._note else Content("")
            yield Static(Content.assemble(note, hints), id="keys")

    def on_mount(self) -> None:
        self.redraw()
        self.options.highlighted = self._chosen if self._rows else None
        # The field takes the keys; the list shows where they lead.
        self.options.can_focus = False
        self.query_one(Input).focus()

    def lines(self) -> list[Option]:
        rows = [self._rows[place] for place in self._shown]
        widest = max((Content(str(printable(row.name))).cell_length for row in self._rows), default=0)
        column = max(8, min(widest, 30, self.room // 2))
        told = fitting(self._rows, self.room - column - _BESIDE)
        return [Option(_line(row, told, column, self.room)) for row in rows]

    @on(Input.Changed)
    def _narrow(self, message: Input.Changed) -> None:
        wanted = message.value.strip()
        by_name = [found.row for found in narrow([row.name for row in self._rows], wanted)]
        rest = [place for place in range(len(self._rows)) if place not in set(by_name)]
        words = wanted.lower().split()
        by_more = [
            place
            for place in rest
            if all(word in f"{self._rows[place].name} {self._rows[place].more}".lower() for word in words)
        ]
        self._shown = by_name + by_more
        self.redraw()
        self.options.highlighted = 0 if self._shown else None

    @on(Input.Submitted)
    def _take(self) -> None:
        place = self.options.highlighted
        if place is not None and place < len(self._shown):
            self.dismiss(self._shown[place])

    @on(OptionList.OptionSelected)
    def _clicked(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[message.option_index])

    def action_jump(self, rows: int) -> None:
        place = self.options.highlighted
        if place is not None:
            self.options.highlighted = max(0, min(len(self._shown) - 1, place + rows))

    def on_key(self, event: events.Key) -> None:
        # `q` is a letter here.
        if event.key == "q":
            event.stop()


def fitting(rows: Sequence[Row], cells: int) -> int:
    """Which of their facts have room in so many cells on every line; else the shortest."""
    most = min((len(row.facts) for row in rows), default=0)
    fits = (each for each in range(most) if all(row.facts[each].cell_length <= cells for row in rows))
    return next(fits, most - 1)


def _line(row: Row, told: int, column: int, width: int) -> Content:
    name = str(middle(row.name, column))
    padding = " " * max(0, column - Content(name).cell_length)
    facts = row.facts[told] if row.facts else Content("")
    line = Content.assemble(row.mark, (name, row.style), padding, "  ", facts)
    return line.truncate(width, ellipsis=True)


def context_rows(
    places: Sequence[Destination], current: str, now: int, *, ascii_only: bool = False
) -> list[Row]:
    """The lines of the picker of contexts; `current` is the one that is open, `now` in ms UTC."""
    variants = [
        [_facts(place, columns, now) for place in places]
        for columns in (
            _columns(places, kind=True, alias=True, note=True),
            _columns(places, kind=False, alias=True, note=True),
            _columns(places, kind=False, alias=False, note=True),
            _columns(places, kind=False, alias=False, note=False),
        )
    ]
    return [
        Row(
            place.name,
            facts,
            " ".join((place.kind, place.account, place.alias, *place.regions)),
            "bold $error" if place.guarded else "bold" if place.name == current else "",
            _mark(place, place.name == current, ascii_only=ascii_only),
        )
        for place, facts in zip(places, zip(*variants, strict=True), strict=True)
    ]


def region_rows(regions: dict[str, str], current: str) -> list[Row]:
    """The lines of the picker of regions: region to partition."""
    return [
        Row(
            region,
            (Content.styled("" if partition == "aws" else partition, "$muted"),),
            partition,
            "bold" if region == current else "",
            Content.styled("* ", "bold $accent") if region == current else Content("  "),
        )
        for region, partition in regions.items()
    ]


def _mark(place: Destination, current: bool, *, ascii_only: bool) -> Content:
    swatch = "|" if ascii_only else "▌"
    colour = colour_of(place.colour) or ("$error" if place.guarded else "")
    here = ("*", "bold $accent") if current else (" ", "")
    return Content.assemble((swatch, colour) if colour else " ", here)


@dataclass(frozen=True, slots=True)
class _Columns:
    """How wide each column of a list of contexts is; 0: it is left out."""

    kind: int
    account: int
    where: int
    alias: bool
    note: bool


def _columns(places: Sequence[Destination], *, kind: bool, alias: bool, note: bool) -> _Columns:
    return _Columns(
        max((len(place.kind) for place in places), default=0) if kind else 0,
        max((len(_account(place, alias=alias)) for place in places), default=0),
        max((len(_where(place)) for place in places), default=0),
        alias,
        note,
    )


def _facts(place: Destination, columns: _Columns, now: int) -> Content:
    parts = [
        (f"{text:<{width}}  ", style)
        for text, width, style in (
            (place.kind, columns.kind, "$muted"),
            (_account(place, alias=columns.alias), columns.account, "$secondary"),
            (_where(place), columns.where, "$secondary"),
        )
        if width
    ]
    if place.writes:
        parts.append(("writes  ", "bold $warning"))
    if place.expires is not None:
        ended = place.expires <= now
        parts.append(
            ("login ended  ", "$warning")
            if ended
            else (f"login {time_left(place.expires, now)}  ", "$success")
        )
    if place.last_used:
        parts.append((f"used {ago(max(0, now - place.last_used))}  ", "$faint"))
    if place.spec is not None and place.spec.note and columns.note:
        parts.append((str(printable(place.spec.note)), "$muted"))
    return Content.assemble(*parts).rstrip()


def _where(place: Destination) -> str:
    regions = place.regions[0] if len(place.regions) == 1 else f"{len(place.regions)} regions"
    members = place.spec.members if place.spec is not None else ()
    return str(printable(f"{len(members)} contexts" if members else regions if place.regions else ""))


def _account(place: Destination, *, alias: bool = True) -> str:
    return str(printable(f"{place.account} {place.alias if alias else ''}".strip()))
