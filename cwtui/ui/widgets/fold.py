"""Long lines folded to a width: at spaces where that loses little room, else after a comma, else anywhere."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

_MARKS = ",;&|/"
"""Where a text without spaces (packed JSON, a URL) may end a line."""


def folded(strip: Strip, width: int) -> list[Strip]:
    """The lines of a strip, each at most `width` cells; together they are the strip, cell for cell."""
    length = strip.cell_length
    if length <= width:
        return [strip]
    text = strip.text
    cuts: list[int] = []
    place = cells = 0
    while length - cells > width:
        taken = _line_of(text, place, width)
        place += len(taken)
        cells += cell_len(taken)
        cuts.append(cells)
    return list(strip.divide([*cuts, length]))


def _line_of(text: str, place: int, width: int) -> str:
    """What of the text goes on a line; never nothing, and no wide character is cut in two."""
    piece = text[place : place + width]
    if not piece.isascii():
        while len(piece) > 1 and (over := cell_len(piece) - width) > 0:
            piece = piece[: -max(1, over // 2)]
    if text[place + len(piece) : place + len(piece) + 1] == " ":
        return piece
    space = piece.rfind(" ")
    if space >= len(piece) // 3:
        return piece[: space + 1]
    mark = max(piece.rfind(mark) for mark in _MARKS)
    return piece[: mark + 1] if mark >= len(piece) * 2 // 3 else piece
