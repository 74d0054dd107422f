"""A small list to choose one thing from: what to filter by, which saved filters to load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cwtui.core.text import printable


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list; both texts may be foreign."""

    name: str
    value: str = ""


class PickScreen(ModalScreen[int | None]):
    """Dismissed with the number of what was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Close", show=False),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("x,delete", "forget", "Delete", show=False),
        *(Binding(str(number), f"take({number - 1})", str(number), show=False) for number in range(1, 10)),
    ]
    DEFAULT_CSS = """
    PickScreen {
        align: center middle;
        & #sheet {
            width: 84; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
            background: $surface; border-left: outer $primary;
        }
        & Static { height: auto; }
        & #title { margin-bottom: 1; }
        & #keys { margin-top: 1; }
        & OptionList, & OptionList:focus {
            height: auto; max-height: 14; border: none; padding: 0; background: $surface;
            scrollbar-size-vertical: 1;
            background-tint: $foreground 0%;
        }
        & OptionList > .option-list--option-highlighted,
        & OptionList:focus > .option-list--option-highlighted {
            background: $primary 38%; color: $foreground; text-style: none;
        }
    }
    """

    def __init__(
        self, title: str, choices: Sequence[Choice], *, forget: Callable[[int], None] | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._forget = forget
        """Takes a choice away for good (x); None where that means nothing."""

    def compose(self) -> ComposeResult:
        keys = Content.assemble(("Enter", "bold $accent"), " or its number   ")
        if self._forget is not None:
            keys = Content.assemble(keys, ("x", "bold $accent"), " delete   ")
        with Vertical(id="sheet"):
            yield Static(Content.styled(printable(self._title), "bold"), id="title")
            yield OptionList(*self._options(), markup=False)
            yield Static(Content.assemble(keys, ("Esc", "bold $accent"), " close"), id="keys")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_resize(self) -> None:
        self._redraw()

    def _options(self) -> list[Option]:
        names = [printable(choice.name) for choice in self._choices]
        column = min(28, max(map(len, names), default=0))
        width = max(20, min(84, self.app.size.width * 96 // 100) - 8)
        return [
            Option(_line(number, name, printable(choice.value), column, width))
            for number, (name, choice) in enumerate(zip(names, self._choices, strict=True), 1)
        ]

    def _redraw(self) -> None:
        options = self.query_one(OptionList)
        place = options.highlighted or 0
        options.clear_options()
        options.add_options(self._options())
        options.highlighted = min(place, len(self._choices) - 1) if self._choices else None

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(message.option_index)

    def action_take(self, number: int) -> None:
        if number < len(self._choices):
            self.dismiss(number)

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_forget(self) -> None:
        place = self.query_one(OptionList).highlighted
        if self._forget is None or place is None:
            return
        self._forget(place)
        del self._choices[place]
        if self._choices:
            self._redraw()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        self.dismiss(None)


def _line(number: int, name: str, value: str, column: int, width: int) -> Content:
    key = f"{number}  " if number < 10 else "   "
    name = name if len(name) <= column else f"{name[: column - 1]}…"
    room = max(4, width - column - 6)
    value = value if len(value) <= room else f"{value[: room - 1]}…"
    return Content.assemble((key, "$accent"), f"{name:<{column}}  ", (value, "$muted"))
