"""Asks before something that costs, or that cuts something off."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cwtui.core.text import printable


class ConfirmScreen(ModalScreen[bool]):
    """True: do it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "Yes", show=False),
        Binding("n,q,escape", "answer(False)", "No", show=False),
    ]
    DEFAULT_CSS = """
    ConfirmScreen {
        align: center middle;
        & Static {
            width: auto; max-width: 76; height: auto; padding: 1 3;
            background: $surface; border-left: outer $warning;
        }
    }
    """

    def __init__(self, question: str, facts: str = "", *, yes: str, no: str, id: str | None = None) -> None:  # noqa: A002
        """`question` and `facts` may hold foreign text; `yes` and `no` say what each key does."""
        super().__init__(id=id)
        self._question = question
        self._facts = facts
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        facts = f"{printable(self._facts)}\n\n" if self._facts else ""
        yield Static(
            Content.assemble(
                (printable(self._question), "bold"),
                f"\n\n{facts}",
                ("y", "bold $accent"),
                f" {self._yes}   ",
                ("Esc", "bold $accent"),
                f" {self._no}",
            )
        )

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
