"""The line that offers to go on with what was left last time."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from cwtui.core.text import printable


class LastTime(Static):
    """One line, there only while something is offered."""

    DEFAULT_CSS = """
    LastTime { height: 1; display: none; padding: 0 1; background: $background; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__(Content(""), markup=False)
        self._shown: tuple[str, str] = ("", "")

    def show(self, words: str, key: str) -> None:
        """Says what was left (foreign text) and which key goes on with it; no words hide the line."""
        if (words, key) != self._shown:
            self._shown = words, key
            self.display = bool(words)
            said = Content.assemble(("last time: ", "$muted"), printable(words))
            self.update(Content.assemble(said, (f"   {key} ", "bold $accent"), ("goes on", "$muted")))
