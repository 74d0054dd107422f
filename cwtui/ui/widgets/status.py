"""The status line: what is going on in words, what is not whole, and a tip at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from cwtui.core.text import printable

TIP_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Status:
    """What the line says, most important first."""

    state: str = ""
    """Such as `LOADING 3/6 groups` or `LIVE polling`."""
    tone: str = "quiet"
    """`quiet`, `good`, `busy` or `bad`: the colour of the state, which the words say too."""
    follow: str = ""
    """Such as `follow off, 214 new`."""
    facts: tuple[str, ...] = ()
    """Hit, wrap, zone: short words."""
    note: str = ""
    """What is not whole; foreign text."""


_TONES = {"quiet": "$foreground 70%", "good": "$success", "busy": "$accent", "bad": "$error"}


class StatusLine(Static):
    """One line under the events."""

    DEFAULT_CSS = """
    StatusLine { height: 1; background: $surface; color: $foreground; padding: 0 1; }
    """

    class Clicked(Message):
        """The mouse asks what the line means."""

    def __init__(self, tips: Sequence[str] = (), *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(Content(""), id=id, markup=False)
        self._tips = tuple(tips)
        self._tip = 0
        self._ascii_only = ascii_only
        self._status = Status()

    def on_mount(self) -> None:
        if len(self._tips) > 1:
            self.set_interval(TIP_SECONDS, self._next_tip)

    def on_resize(self) -> None:
        self._draw()

    def on_click(self) -> None:
        self.post_message(self.Clicked())

    def show(self, status: Status) -> None:
        """Draws other facts; nothing is repainted where nothing changed."""
        if status != self._status:
            self._status = status
            self._draw()

    def _next_tip(self) -> None:
        self._tip = (self._tip + 1) % len(self._tips)
        self._draw()

    def _draw(self) -> None:
        status, width = self._status, max(10, self.size.width - 2)
        pieces: list[tuple[str, str]] = []
        if status.state:
            pieces.append((printable(status.state), f"bold {_TONES[status.tone]}"))
        if status.follow:
            pieces.append((status.follow, "$warning" if "new" in status.follow else "$foreground 70%"))
        pieces.extend((fact, "$foreground 70%") for fact in status.facts)
        used = sum(cell_len(text) + 2 for text, _ in pieces)
        if status.note:
            # Cut at its end, as the line is: the beginning says what is missing, and where to read the rest.
            note = f"{'!' if self._ascii_only else '⚠'} {printable(status.note)}"
            pieces.append((note, "$warning"))
            used += cell_len(note) + 2
        drawn = [piece for text, style in pieces for piece in ((text, style), ("  ", ""))]
        tip = f"tip: {self._tips[self._tip]}" if self._tips else ""
        if tip and used + cell_len(tip) + 2 <= width:
            drawn.extend([(" " * (width - used - cell_len(tip)), ""), (tip, "$foreground 50%")])
        self.update(Content.assemble(*drawn).truncate(width, ellipsis=True), layout=False)
