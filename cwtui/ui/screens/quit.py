"""Asks before quitting cuts something off."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cwtui.core.text import printable


class QuitScreen(ModalScreen[bool]):
    """True: quit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,q,enter", "answer(True)", "Quit", show=False),
        Binding("n,escape", "answer(False)", "Stay", show=False),
    ]
    DEFAULT_CSS = """
    QuitScreen {
        align: center middle;
        & Static {
            width: auto; max-width: 96%; height: auto; padding: 1 3;
            background: $surface; border-left: outer $warning;
        }
    }
    """

    def __init__(self, running: str) -> None:
        super().__init__()
        self._what = running

    def compose(self) -> ComposeResult:
        yield Static(
            Content.assemble(
                (printable(self._what), "bold"),
                "\n\n",
                ("y", "bold $accent"),
                " quit all the same   ",
                ("Esc", "bold $accent"),
                " stay",
            )
        )

    def action_answer(self, quit_now: bool) -> None:
        self.dismiss(quit_now)
