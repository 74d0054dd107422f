"""Choosing the fields of messages that have columns of their own, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cwtui.core.text import middle, printable
from cwtui.lang.field_values import FieldSeen

_KEYS = (("Space", "on/off"), ("K J", "order"), ("x", "none"), ("Enter", "apply"), ("Esc", "cancel"))
_NAME_MOST = 32


class ColumnsScreen(ModalScreen[tuple[str, ...] | None]):
    """Dismissed with the chosen fields in their order, or None where nothing is to change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Cancel", show=False),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("space", "switch", "On or off", show=False),
        Binding("K,shift+up", "order(-1)", "Earlier", show=False),
        Binding("J,shift+down", "order(1)", "Later", show=False),
        Binding("x", "clear", "None", show=False),
    ]
    DEFAULT_CSS = """
    ColumnsScreen {
        align: center middle;
        & #sheet {
            width: 84; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
            background: $surface; border-left: outer $primary;
        }
        & Static { height: auto; }
        & #title { margin-bottom: 1; }
        & #chosen { margin-top: 1; height: 1; }
        & #keys { margin-top: 1; height: 1; }
        & OptionList, & OptionList:focus {
            height: auto; max-height: 16; border: none; padding: 0; background: $surface;
            scrollbar-size-vertical: 1;
            background-tint: $foreground 0%;
        }
        & OptionList > .option-list--option-highlighted,
        & OptionList:focus > .option-list--option-highlighted {
            background: $primary 38%; color: $foreground; text-style: none;
        }
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

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        options = self.query_one(OptionList)
        width = max(20, min(84, self.app.size.width * 96 // 100) - 8)
        names = min(_NAME_MOST, max((len(printable(field.path)) for field in self._fields), default=0))
        place = options.highlighted or 0
        options.clear_options()
        options.add_options([Option(self._line(field, names, width)) for field in self._fields])
        options.highlighted = min(place, len(self._fields) - 1) if self._fields else None
        titles = "  ".join(printable(path) for path in self._chosen) or "none"
        self.query_one("#chosen", Static).update(
            Content.assemble(("Columns: ", "$muted"), _cut(titles, width - 9))
        )

    def _line(self, field: FieldSeen, names: int, width: int) -> Content:
        number = str(self._chosen.index(field.path) + 1) if field.path in self._chosen else ""
        share = f"{field.count * 100 / self._lines:>4.0f}%" if field.count else "   -"
        example = _cut(printable(field.example), max(4, width - names - 14))
        return Content.assemble(
            (f"{number:>2}  ", "bold $accent"),
            f"{middle(field.path, names):<{names}}  ",
            (f"{share:>5}  {example}", "$muted"),
        )

    @property
    def _path(self) -> str:
        place = self.query_one(OptionList).highlighted
        return "" if place is None else self._fields[place].path

    def action_switch(self) -> None:
        if (path := self._path) in self._chosen:
            self._chosen.remove(path)
        elif path:
            self._chosen.append(path)
        self._draw()

    def action_order(self, step: int) -> None:
        """Moves the field's column to the left or to the right."""
        if (path := self._path) not in self._chosen:
            return
        place = self._chosen.index(path)
        self._chosen.insert(max(0, place + step), self._chosen.pop(place))
        self._draw()

    def action_clear(self) -> None:
        self._chosen.clear()
        self._draw()

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    @on(OptionList.OptionSelected)
    def _apply(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.dismiss(tuple(self._chosen))

    def action_leave(self) -> None:
        self.dismiss(None)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(0, width - 1)]}…"
