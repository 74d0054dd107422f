"""The bookmarks of a window: choose one to go there."""

from __future__ import annotations

from collections.abc import Sequence
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

from cwtui.core.text import excerpt, printable


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An event worth coming back to."""

    row_id: int
    timestamp: int
    note: str = ""
    """What the user wrote, or empty."""


@dataclass(frozen=True, slots=True)
class BookmarkLine:
    """A bookmark as the list shows it; foreign text."""

    bookmark: Bookmark
    clock: str
    message: str


class BookmarksScreen(ModalScreen[int | None]):
    """The id of the chosen row, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", show=False),
        Binding("j", "step(1)", "Down", show=False),
        Binding("k", "step(-1)", "Up", show=False),
    ]
    DEFAULT_CSS = """
    BookmarksScreen {
        align: center middle;
        & #sheet {
            width: 100; max-width: 96%; height: auto; max-height: 80%; padding: 1 2;
            background: $surface; border-left: outer $accent;
        }
        & OptionList, & OptionList:focus {
            height: auto; max-height: 20; border: none; padding: 0; background: $surface; margin-top: 1;
        }
    }
    """

    def __init__(self, lines: Sequence[BookmarkLine]) -> None:
        super().__init__()
        self._lines = lines

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.assemble(("Bookmarks ", "bold"), ("Enter goes there, Esc closes", "$muted")))
            yield OptionList(*(Option(_content(line)) for line in self._lines), markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._lines[message.option_index].bookmark.row_id)

    def action_step(self, by: int) -> None:
        bookmarks = self.query_one(OptionList)
        bookmarks.action_cursor_down() if by > 0 else bookmarks.action_cursor_up()

    def action_close(self) -> None:
        self.dismiss(None)


def _content(line: BookmarkLine) -> Content:
    note = line.bookmark.note
    said = excerpt(line.message.rstrip("\r\n"), 200)
    if note:
        return Content.assemble(
            (f"{line.clock}  ", "$muted"), (printable(note), "bold"), (f"  {said}", "$muted")
        )
    return Content.assemble((f"{line.clock}  ", "$muted"), said)
