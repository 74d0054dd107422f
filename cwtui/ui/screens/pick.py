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
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cwtui.core.text import printable
from cwtui.ui.screens.sheet import ListSheet, cut


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list; both texts may be foreign."""

    name: str
    value: str = ""


class PickScreen(ListSheet[int]):
    """Dismissed with the number of what was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x,delete", "forget", "Delete", show=False),
        *(Binding(str(number), f"take({number - 1})", str(number), show=False) for number in range(1, 10)),
    ]

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
            yield OptionList(markup=False)
            yield Static(Content.assemble(keys, ("Esc", "bold $accent"), " close"), id="keys")

    def lines(self) -> list[Option]:
        names = [printable(choice.name) for choice in self._choices]
        column = min(28, max(map(len, names), default=0))
        return [
            Option(_line(number, name, printable(choice.value), column, self.room))
            for number, (name, choice) in enumerate(zip(names, self._choices, strict=True), 1)
        ]

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(message.option_index)

    def action_take(self, number: int) -> None:
        if number < len(self._choices):
            self.dismiss(number)

    def action_forget(self) -> None:
        place = self.options.highlighted
        if self._forget is None or place is None:
            return
        self._forget(place)
        del self._choices[place]
        if self._choices:
            self.redraw()
        else:
            self.dismiss(None)


def _line(number: int, name: str, value: str, column: int, width: int) -> Content:
    key = f"{number}  " if number < 10 else "   "
    value = cut(value, max(4, width - column - 6))
    return Content.assemble((key, "$accent"), f"{cut(name, column):<{column}}  ", (value, "$muted"))
