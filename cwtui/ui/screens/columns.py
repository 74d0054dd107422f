"""Choosing the fields of messages that have columns of their own, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cwtui.core.text import middle, printable
from cwtui.lang.field_values import FieldSeen
from cwtui.ui.screens.sheet import ListSheet, cut

_KEYS = (("Space", "on/off"), ("K J", "order"), ("x", "none"), ("Enter", "apply"), ("Esc", "cancel"))
_NAME_MOST = 32


class ColumnsScreen(ListSheet[tuple[str, ...]]):
    """Dismissed with the chosen fields in their order, or None where nothing is to change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", "On or off", show=False),
        Binding("K,shift+up", "order(-1)", "Earlier", show=False),
        Binding("J,shift+down", "order(1)", "Later", show=False),
        Binding("x", "clear", "None", show=False),
    ]
    DEFAULT_CSS = """
    ColumnsScreen {
        & #chosen { margin-top: 1; height: 1; }
        & #keys { height: 1; }
    }
    """

    def __init__(self, seen: Sequence[FieldSeen], lines: int, chosen: Sequence[str]) -> None:
        """`lines` is how many lines `seen` was counted in."""
        super().__init__()
        known = {field.path: field for field in seen}
        first = [known.get(path, FieldSeen(path, 0, "")) for path in chosen]
        self._fields = [*first, *(field for field in seen if field.path not in chosen)]
        self._lines = max(1, lines)
        self._chosen = list(chosen)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.styled("Fields that have columns", "bold"), id="title")
            yield OptionList(markup=False)
            yield Static(id="chosen")
            keys = (Content.assemble((key, "bold $accent"), f" {does}   ") for key, does in _KEYS)
            yield Static(Content.assemble(*keys), id="keys")

    def lines(self) -> list[Option]:
        names = min(_NAME_MOST, max((len(printable(field.path)) for field in self._fields), default=0))
        return [Option(self._line(field, names, self.room)) for field in self._fields]

    def redraw(self) -> None:
        super().redraw()
        titles = "  ".join(printable(path) for path in self._chosen) or "none"
        self.query_one("#chosen", Static).update(
            Content.assemble(("Columns: ", "$muted"), cut(titles, self.room - 9))
        )

    def _line(self, field: FieldSeen, names: int, width: int) -> Content:
        number = str(self._chosen.index(field.path) + 1) if field.path in self._chosen else ""
        share = f"{field.count * 100 / self._lines:>4.0f}%" if field.count else "   -"
        example = cut(printable(field.example), max(4, width - names - 14))
        return Content.assemble(
            (f"{number:>2}  ", "bold $accent"),
            f"{middle(field.path, names):<{names}}  ",
            (f"{share:>5}  {example}", "$muted"),
        )

    @property
    def _path(self) -> str:
        place = self.options.highlighted
        return "" if place is None else self._fields[place].path

    def action_switch(self) -> None:
        if (path := self._path) in self._chosen:
            self._chosen.remove(path)
        elif path:
            self._chosen.append(path)
        self.redraw()

    def action_order(self, step: int) -> None:
        """Moves the field's column to the left or to the right."""
        if (path := self._path) not in self._chosen:
            return
        place = self._chosen.index(path)
        self._chosen.insert(max(0, place + step), self._chosen.pop(place))
        self.redraw()

    def action_clear(self) -> None:
        self._chosen.clear()
        self.redraw()

    @on(OptionList.OptionSelected)
    def _apply(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.dismiss(tuple(self._chosen))
