"""A dialog that is one list to choose from: what the small lists of cwtui have in common."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

Answer = TypeVar("Answer")


class ListSheet(ModalScreen[Answer | None]):
    """Dismissed with an answer, or None. The subclass composes a `#sheet` with an OptionList in it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Close", show=False),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
    ]
    DEFAULT_CSS = """
    ListSheet {
        align: center middle;
        & #sheet {
            width: 84; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
            background: $surface; border-left: outer $primary;
        }
        & Static { height: auto; }
        & #title { margin-bottom: 1; }
        & #keys { margin-top: 1; }
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

    WIDTH: ClassVar[int] = 84
    """Cells at most, frame included; the style says the same."""
    _MOST = 16

    @property
    def options(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def room(self) -> int:
        """The cells that a line of the list has."""
        return max(20, min(self.WIDTH, self.app.size.width * 96 // 100) - 8)

    @property
    def around(self) -> int:
        """Lines of the dialog beside those of its list."""
        return 6

    def lines(self) -> list[Option]:
        """What the list shows now."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.options.focus()
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Shows the lines as they are now; the cursor stays where it is."""
        options, lines = self.options, self.lines()
        # What the keys do stays in sight on a low screen.
        options.styles.max_height = max(3, min(self._MOST, self.app.size.height * 9 // 10 - self.around))
        place = options.highlighted or 0
        options.clear_options()
        options.add_options(lines)
        options.highlighted = min(place, len(lines) - 1) if lines else None

    def action_move(self, step: int) -> None:
        if step > 0:
            self.options.action_cursor_down()
        else:
            self.options.action_cursor_up()

    def action_leave(self) -> None:
        self.dismiss(None)


def cut(text: str, width: int) -> str:
    """So much of a text as has room, with `…` where it was cut."""
    return text if len(text) <= width else f"{text[: max(0, width - 1)]}…"
