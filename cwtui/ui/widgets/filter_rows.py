"""The filters of a stack, one a line: on or off, what it says, and where it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cwtui.core.text import middle
from cwtui.ui.keys import bindings_for

_HALF_PAGE = 6


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One line."""

    text: str
    service: str = ""
    """`pattern` or `prefix` where the service runs it before it sends anything; empty: it runs here."""
    enabled: bool = True
    index: int | None = None
    """Its place in the stack."""


class FilterRows(OptionList, inherit_bindings=False):
    """The list; what a key asks for is posted, the screen does it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("filters", "motion")]
    DEFAULT_CSS = """
    FilterRows, FilterRows:focus {
        height: auto; max-height: 12; border: none; padding: 0; background: $surface;
        background-tint: $foreground 0%; scrollbar-size-vertical: 1;
        & > .option-list--option-highlighted {
            background: $primary 38%; color: $foreground; text-style: none;
        }
    }
    """

    @dataclass
    class Asked(Message):
        """A key was pressed; `row` is the line of the cursor, None in an empty list."""

        verb: str
        row: FilterRow | None

    class Refused(Message):
        """The key needs a filter, and there is none."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__(markup=False)
        self._rows: tuple[FilterRow, ...] = ()
        self._ascii = ascii_only

    def show(self, rows: Sequence[FilterRow], width: int) -> None:
        """Other filters; the cursor stays on its line."""
        place = self.highlighted or 0
        self._rows = tuple(rows)
        self.clear_options()
        if not rows:
            empty = "Nothing narrows the view: a adds a filter, l loads saved ones."
            self.add_option(Option(Content.styled(empty, "$muted"), disabled=True))
            return
        self.add_options([Option(self._line(row, width)) for row in rows])
        self.highlighted = min(place, len(rows) - 1)

    def choose(self, index: int) -> None:
        """Puts the cursor on a filter by its place in the stack."""
        for place, row in enumerate(self._rows):
            if row.index == index:
                self.highlighted = place

    def _line(self, row: FilterRow, width: int) -> Content:
        on, off = ("[x]", "[ ]") if self._ascii else ("●", "○")
        where = "service" if row.service else "local"
        text = middle(row.text, max(8, width - 13 - len(on)))
        gap = " " * max(2, width - len(on) - 3 - Content(text).cell_length - 8)
        return Content.assemble(
            (f" {on if row.enabled else off} ", "$success" if row.enabled else "$muted"),
            (text, "$foreground" if row.enabled else "$muted"),
            gap,
            (f"{where:>7}", "$accent" if row.service else "$muted"),
        )

    def _ask(self, verb: str, *, needs_row: bool = True) -> None:
        place = self.highlighted
        row = self._rows[place] if place is not None and place < len(self._rows) else None
        self.post_message(self.Refused() if needs_row and row is None else self.Asked(verb, row))

    def action_switch(self) -> None:
        self._ask("toggle")

    def action_select(self) -> None:
        self._ask("edit")

    def action_edit(self) -> None:
        self._ask("edit")

    def action_invert(self) -> None:
        self._ask("invert")

    def action_delete(self) -> None:
        self._ask("delete")

    def action_move_up(self) -> None:
        self._ask("up")

    def action_move_down(self) -> None:
        self._ask("down")

    def action_send(self) -> None:
        self._ask("send")

    def action_add(self) -> None:
        self._ask("add", needs_row=False)

    def action_save(self) -> None:
        self._ask("save", needs_row=False)

    def action_load(self) -> None:
        self._ask("load", needs_row=False)

    def action_share(self) -> None:
        self._ask("share", needs_row=False)

    def action_half_page_down(self) -> None:
        self._move(_HALF_PAGE)

    def action_half_page_up(self) -> None:
        self._move(-_HALF_PAGE)

    def _move(self, rows: int) -> None:
        if self._rows:
            self.highlighted = max(0, min((self.highlighted or 0) + rows, len(self._rows) - 1))
