"""What the app tells: toasts, failures, and what it puts on the clipboard. All of it may be foreign."""

from __future__ import annotations

import time
from typing import Any

from rich.console import RenderableType
from textual import work
from textual.app import App

from cwtui.core.errors import Card, CwtuiError
from cwtui.core.text import printable_block
from cwtui.ui.failures import Failures
from cwtui.ui.switching import speaks_of_the_past
from cwtui.wiring import Services

_TOAST_S = 8.0
_ANSWER_S = 3.0
_READ_PER_S = 20
"""Characters that people read in a second."""
TERMINAL_COPY_LIMIT = 72_000
"""Characters that go to the clipboard through the terminal: many drop what is over 100 kB in base64."""


class TellingApp(App[int], inherit_bindings=False):
    """An app that speaks of the services it has now, and of no others."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.crash: BaseException | None = None
        """The unexpected failure that ended the app, if one did."""
        self.failures = Failures(self)
        self._warned_until = 0.0

    def show_error(self, error: BaseException) -> None:
        """Tells a failure that can be lived with; a bug of ours ends the app."""
        if isinstance(error, CwtuiError):
            if speaks_of_the_past(self.services):
                return
            self.failures.note(error)
            card = f"{self.failures.key} says why" if error.kind != "input" or error.card != Card() else ""
            self.say("\n".join(filter(None, (error.message, error.hint, card))), severity="error")
        elif isinstance(error, Exception):
            self._handle_exception(error)

    def _handle_exception(self, error: Exception) -> None:
        # Textual's one way out for whatever nobody caught.
        self.crash = self.crash or error
        super()._handle_exception(error)

    def panic(self, *renderables: RenderableType) -> None:
        """Ends the app without Textual's report: it would print foreign text to the terminal."""
        super().panic()

    def _fatal_error(self) -> None:
        self.panic()

    def say(self, text: str, *, severity: Any = "information") -> None:
        """A toast; the text may be foreign. An answer to a key takes the place of the answer before."""
        if speaks_of_the_past(self.services):
            return
        passing, now = severity == "information", time.monotonic()
        if not passing:
            self._warned_until = now + _TOAST_S
        elif now > self._warned_until:
            self.clear_notifications()
        timeout = max(_ANSWER_S if passing else _TOAST_S, len(text) / _READ_PER_S)
        self.notify(printable_block(text), severity=severity, markup=False, timeout=timeout)

    def hush(self) -> None:
        """Takes away whatever is still told."""
        self.clear_notifications()
        self._warned_until = 0.0

    def copy(self, what: str, text: str) -> None:
        """Puts text on the clipboard and says so, or says that there is none."""
        if not text:
            self.say("There is nothing to copy here.", severity="warning")
            return
        safe = printable_block(text).rstrip("\n")
        self.copy_to_clipboard(safe[:TERMINAL_COPY_LIMIT])
        self._copy_with_tool(what, safe)

    def _say_copied(self, what: str, text: str, *, with_tool: bool) -> None:
        whole, taken = len(text), len(text) if with_tool else min(len(text), TERMINAL_COPY_LIMIT)
        if taken < whole:
            self.say(
                f"Copied the first {taken:,} of {whole:,} characters of {what}: a terminal takes no more. "
                "O opens it in your editor, X exports it.",
                severity="warning",
            )
        else:
            self.say(f"Copied {what}, {whole:,} characters.")

    @work(group="clipboard", thread=True, exclusive=True, exit_on_error=False)
    def _copy_with_tool(self, what: str, text: str) -> None:
        """Not every terminal takes OSC 52, which says nothing back: the system's tool gets the text too."""
        from cwtui.ui.clipboard import copy_with_tool

        with_tool = copy_with_tool(text)
        self.call_from_thread(self._say_copied, what, text, with_tool=with_tool)
