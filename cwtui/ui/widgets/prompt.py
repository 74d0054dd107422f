"""The one-line prompt of `/`, `&` and `:`: an input with a sigil, a history and completion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input, Static

from cwtui.core.errors import CwtuiError, InputError
from cwtui.core.text import printable
from cwtui.ui.keys import bindings_for

Complete = Callable[[str], Sequence[str]]
"""From what is written to what it may become, best first."""


class Prompt(Horizontal):
    """One line; asks once and tells what was written. Put it where the line shall stand."""

    BINDINGS = bindings_for("prompt")

    DEFAULT_CSS = """
    Prompt {
        height: 1;
        padding: 0 1;
        background: $surface;
        &.-invalid #sigil, &.-invalid #note, #caret { color: $error; }
        #caret {
            dock: bottom; height: 1; display: none; text-wrap: nowrap; text-overflow: ellipsis;
        }
        &.-pointing { height: 2; #caret { display: block; } #note { display: none; } }
        #sigil { width: auto; color: $accent; text-style: bold; }
        #note {
            width: auto; max-width: 75%; height: 1; color: $muted; padding-left: 2;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        Input, Input:focus {
            width: 1fr; height: 1; border: none; padding: 0; background: $surface;
        }
    }
    """

    @dataclass
    class Changed(Message):
        """The text has another value; post after each key."""

        sigil: str
        text: str

    @dataclass
    class Submitted(Message):
        """Enter was pressed."""

        sigil: str
        text: str

    @dataclass
    class Cancelled(Message):
        """Escape was pressed."""

        sigil: str

    def __init__(
        self,
        sigil: str,
        *,
        text: str = "",
        note: str = "",
        history: Sequence[str] = (),
        complete: Complete | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.sigil = sigil
        self._text = text
        self._note = note
        self._history = list(history)
        self._place = len(self._history)
        self._complete = complete
        self._candidates: Sequence[str] = ()
        self._candidate = -1

    def compose(self) -> ComposeResult:
        yield Static(Content(f"{self.sigil} "), id="sigil")
        yield PromptInput(self._text, select_on_focus=False)
        yield Static(Content(printable(self._note)), id="note")
        yield Static(Content(""), id="caret")

    def on_mount(self) -> None:
        # Now, not after the messages that wait: the next of them may be a letter for this field.
        self.screen.set_focus(self.query_one(PromptInput))

    @property
    def text(self) -> str:
        """What is written; also before the field for it is there."""
        field = self.query_one_optional(PromptInput)
        return self._text if field is None else field.value

    def say(self, note: str, *, invalid: bool = False) -> None:
        """Shows a short note at the right, in red where what is written cannot be used."""
        self.set_class(invalid, "-invalid")
        self.set_class(False, "-pointing")
        # A preview may answer after Enter took the prompt away.
        if (field := self.query_one_optional("#note", Static)) is not None:
            field.update(Content(printable(note)))

    def refuse(self, error: CwtuiError) -> None:
        """Says in a line of its own why what is written cannot be used, and where, if that is known."""
        column = error.column if isinstance(error, InputError) else 0
        self.say(error.message, invalid=True)
        if (field := self.query_one_optional(PromptInput)) is None:
            return
        if not column:
            self._below(f"{error.message} {error.hint}".strip())
            return
        before = cell_len(self.sigil) + 1 + cell_len(field.value[: column - 1]) - field.scroll_offset.x
        self._below(pointing(error.message, before, self.size.width - 2))

    def _below(self, line: str) -> None:
        self.query_one("#caret", Static).update(Content(printable(line)))
        self.set_class(True, "-pointing")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._candidate < 0 or event.value != self._candidates[self._candidate]:
            self._candidates, self._candidate = (), -1
        self.post_message(self.Changed(self.sigil, event.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_apply()

    def action_apply(self) -> None:
        self.post_message(self.Submitted(self.sigil, self.text))

    def action_cancel(self) -> None:
        self.post_message(self.Cancelled(self.sigil))

    def action_complete(self) -> None:
        """Writes the next candidate of what was typed before the first Tab; the only one is gone on from."""
        if len(self._candidates) == 1:
            self._candidates, self._candidate = (), -1
        if not self._candidates and self._complete is not None:
            self._candidates = self._complete(self.text)
        if self._candidates:
            self._candidate = (self._candidate + 1) % len(self._candidates)
            self._write(self._candidates[self._candidate])

    def action_older(self) -> None:
        self._recall(self._place - 1)

    def action_newer(self) -> None:
        self._recall(self._place + 1)

    def _recall(self, place: int) -> None:
        if 0 <= place <= len(self._history) and self._history:
            self._place = place
            self._write(self._history[place] if place < len(self._history) else "")

    def _write(self, text: str) -> None:
        field = self.query_one(PromptInput)
        field.value = text
        field.cursor_position = len(text)


def pointing(message: str, place: int, width: int) -> str:
    """A line of at most `width` cells with a caret at `place` and as much of the message as has room."""
    place = max(0, min(place, width - 1))
    whole = printable(message)
    short = whole.partition(": ")[2] or whole
    for said in (whole, short):
        if place + 2 + cell_len(said) <= width:
            return f"{' ' * place}^ {said}"
    if cell_len(short) < place:
        return f"{short:>{place - 1}} ^"
    return f"{' ' * place}^ {short}"[:width] if place < width // 2 else f"{short[: place - 1]} ^"


class PromptInput(Input):
    """An input that never shows a pasted control character, and leaves the keys of the prompt alone."""

    virtual_size = Reactive(Size(0, 0), layout=False)
    """Its one line stays where it is: a letter does not lay the whole screen out anew."""

    def validate_value(self, value: str) -> str:
        return str(printable(value))
