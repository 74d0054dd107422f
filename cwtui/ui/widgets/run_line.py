"""The line above the events about runs: that several share a stream, or the figures of the one shown."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class RunLine(Static):
    """One line, there only while it says something."""

    DEFAULT_CSS = """
    RunLine {
        height: 1; display: none; padding: 0 1; background: $background; color: $foreground;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    class Clicked(Message):
        """It was clicked."""

    def __init__(self) -> None:
        super().__init__(Content(""), markup=False)
        self._said: Content | None = None

    def show(self, said: Content | None) -> None:
        """Says this; None hides the line."""
        if said != self._said:
            self._said = said
            self.display = said is not None
            self.update(said or Content(""))

    def on_click(self) -> None:
        self.post_message(self.Clicked())
