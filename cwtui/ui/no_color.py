"""NO_COLOR: not one colour is written; what a background marked is shown reversed."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_RAISED = 40
"""How far, in any of red, green and blue, a background that means something lies from its widget's own."""


class WithoutColor(LineFilter):
    """Takes colours off; bold, underlined and reversed text stay so."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same text in styles of no colour; `background` is the widget's own."""
        return [
            Segment(text, None if style is None else _plain(style, background), control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def _plain(style: Style, background: Color) -> Style:
    laid_under = style.bgcolor
    raised = laid_under is not None and _distance(Color.from_rich_color(laid_under), background) >= _RAISED
    return Style(
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
        reverse=raised != bool(style.reverse),
        meta=style.meta,
    )


def _distance(one: Color, other: Color) -> int:
    return max(abs(one.r - other.r), abs(one.g - other.g), abs(one.b - other.b))
