"""Asks for a code of an MFA device."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cwtui.core.ports import MfaQuestion
from cwtui.core.text import printable

DIGITS = 6


class MfaScreen(ModalScreen[str]):
    """Dismissed with the six digits, or with an empty string where the user gives up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Give up", show=False)]
    DEFAULT_CSS = """
    MfaScreen {
        align: center middle;
        & #sheet {
            width: 76; max-width: 96%; height: auto; max-height: 100%; padding: 1 3;
            background: $surface; border-left: outer $primary;
        }
        & Static { height: auto; }
        & #facts { margin-top: 1; color: $muted; }
        & #refused { margin-top: 1; color: $error; }
        & #line { height: 1; margin: 1 0; }
        & #line Static { width: 10; color: $muted; }
        & Input, & Input:focus { width: 12; height: 1; border: none; padding: 0 1; background: $panel; }
        & #line #note { width: 1fr; color: $warning; padding-left: 2; }
    }
    """

    def __init__(self, question: MfaQuestion) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        question = self._question
        who = f"The profile '{question.profile}'" if question.profile else "The role"
        with Vertical(id="sheet"):
            yield Static(Content.styled(printable(f"{who} asks for an MFA code."), "bold"))
            yield Static(self._facts(), id="facts")
            if question.refused:
                left = f"{question.tries_left} more {'try' if question.tries_left == 1 else 'tries'}."
                yield Static(Content(printable(f"{question.refused.strip()} {left}")), id="refused")
            with Horizontal(id="line"):
                yield Static(Content("code"))
                # A space is taken too: codes are often shown, and copied, as two threes.
                yield Input(restrict=r"[0-9 ]*", max_length=DIGITS + 1, select_on_focus=False)
                yield Static(id="note")
            yield Static(
                Content.assemble(
                    ("Enter", "bold $accent"), " sign in   ", ("Esc", "bold $accent"), " give up"
                )
            )

    def _facts(self) -> Content:
        facts = (("device", self._question.device), ("role", self._question.role))
        return Content("\n").join(Content(printable(f"{name:<10}{value}")) for name, value in facts)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _changed(self) -> None:
        self.query_one("#note", Static).update(Content(""))

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        code = message.value.replace(" ", "")
        if len(code) == DIGITS:
            self.dismiss(code)
        else:
            self.query_one("#note", Static).update(Content(f"A code is {DIGITS} digits."))

    def action_give_up(self) -> None:
        self.dismiss("")
