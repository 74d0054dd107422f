"""What stands on a terminal too small for a log viewer; everything below it keeps running."""

from __future__ import annotations

from textual.content import Content
from textual.screen import ModalScreen

MIN_WIDTH, MIN_HEIGHT = 40, 8


class TooSmallScreen(ModalScreen[None]):
    """One line, until the terminal is larger again."""

    DEFAULT_CSS = """
    TooSmallScreen { background: $background; color: $warning; }
    """

    def render(self) -> Content:
        width, height = self.app.size
        return Content(f"cwtui needs {MIN_WIDTH}x{MIN_HEIGHT} (now {width}x{height})")


def is_too_small(width: int, height: int) -> bool:
    return width < MIN_WIDTH or height < MIN_HEIGHT
