"""Colours that a user wrote, as Textual knows them."""

from __future__ import annotations

from textual.color import Color, ColorParseError


def colour_of(text: str) -> str:
    """`#rrggbb`; empty for no colour, and for what is none."""
    try:
        return Color.parse(text).hex6 if text else ""
    except ColorParseError:
        return ""


def colour_warning(text: str) -> str:
    """Why the colour of a context is not shown, or empty."""
    if not text or colour_of(text):
        return ""
    return f"The context's colour '{text}' is none: write a name such as orange, or #rrggbb."
