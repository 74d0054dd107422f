"""What stands right of time, level and stream: chosen fields, and the message in one line or in several."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cwtui.core.models import Row
from cwtui.core.text import printable, printable_lines
from cwtui.lang.envelope import fields_of
from cwtui.ui.widgets.field_columns import Values, cells_of, values_of
from cwtui.ui.widgets.fold import folded
from cwtui.ui.widgets.lighting import light_up
from cwtui.ui.widgets.pretty import pretty
from cwtui.ui.widgets.row_look import RowLook, RowStyles
from cwtui.ui.widgets.row_text import summary_of


def in_one_line(
    row: Row, look: RowLook, styles: RowStyles, base: Style, room: int, values: Values | None = None
) -> Strip:
    """Chosen fields and the message as one line, from its beginning to some way beyond the room."""
    text = row.message.rstrip("\r\n")
    said = _message(text, row.timestamp, look, styles, base, limit=(look.left + room) * 2)
    return _after_columns(row, said, look, styles, base, values) if look.columns else said


def whole_cells(row: Row, look: RowLook) -> int:
    """How wide the one line of a row would be with room for all of it."""
    text, without = row.message.rstrip("\r\n"), tuple(column.path for column in look.columns)
    pieces = summary_of(text, row.timestamp, without) if look.fields else [(printable(text), False)]
    columns = sum(column.cells + 1 for column in look.columns)
    return columns + sum(cell_len(piece) for piece, _ in pieces)


def wrapped(
    row: Row, look: RowLook, styles: RowStyles, base: Style, room: int, values: Values | None = None
) -> list[Strip]:
    """All lines of the message, folded to the room: at most `look.wrap`."""
    lines: list[Strip] = []
    limit = room * look.wrap
    for text in row.message.replace("\r\n", "\n").rstrip("\n").split("\n"):
        line = _message(text, row.timestamp, look, styles, base, limit)
        if look.columns and not lines:
            line = _after_columns(row, line, look, styles, base, values)
        lines.extend(folded(line, room))
        if len(lines) > look.wrap:
            more = Strip([Segment("... Enter shows all", base + styles.muted)])
            return [*lines[: look.wrap - 1], more]
    return lines


def unfolded(
    row: Row, look: RowLook, styles: RowStyles, base: Style, room: int, values: Values | None = None
) -> list[Strip]:
    """All that the message says, at most `look.unfolded` lines: JSON laid out below its summary."""
    lines: list[Strip] = []
    for number, line in enumerate(_whole(row, look, styles, base, room)):
        if look.columns and not number:
            line = _after_columns(row, line, look, styles, base, values)
        lines.extend(folded(line, room))
        if len(lines) > look.unfolded:
            more = Strip([Segment("... Enter shows all", base + styles.muted)])
            return [*lines[: max(0, look.unfolded - 1)], more]
    return lines


def _whole(row: Row, look: RowLook, styles: RowStyles, base: Style, room: int) -> Iterator[Strip]:
    message = row.message.rstrip("\r\n")
    limit = room * (look.unfolded + 1)
    fields = fields_of(message) if look.fields and message.lstrip().startswith("{") else None
    if fields:
        said = _message(message, row.timestamp, look, styles, base, limit=room * 2)
        used = sum(column.cells + 1 for column in look.columns)
        yield said.crop(0, max(1, room - used))
        for pieces in pretty(fields):
            inks = ((text[:limit], styles.key if kind in ("key", "mark") else None) for text, kind in pieces)
            yield _lit(
                Strip([Segment(text, base + (ink or Style.null())) for text, ink in inks]), look, styles, base
            )
    else:
        for line in printable_lines(message):
            yield _lit(Strip([Segment(line[:limit], base)]), look, styles, base)


def _after_columns(
    row: Row, line: Strip, look: RowLook, styles: RowStyles, base: Style, values: Values | None
) -> Strip:
    said = values_of(row.message, look.columns) if values is None else values
    cells = Strip([Segment(cells_of(said, look.columns), base)])
    return Strip.join([_lit(cells, look, styles, base), line])


def _message(
    message: str, timestamp: int, look: RowLook, styles: RowStyles, base: Style, limit: int
) -> Strip:
    without = tuple(column.path for column in look.columns)
    pieces = summary_of(message, timestamp, without) if look.fields else [(printable(message), False)]
    key_style = base + styles.key
    segments: list[Segment] = []
    taken = 0
    for text, is_key in pieces:
        text = text[: limit - taken]
        taken += len(text)
        segments.append(Segment(text, key_style if is_key else base))
        if taken >= limit:
            break
    return _lit(Strip(segments), look, styles, base)


def _lit(strip: Strip, look: RowLook, styles: RowStyles, base: Style) -> Strip:
    """What is searched for, and the terms that stay lit, in their colours."""
    if look.highlight is None and not look.terms:
        return strip
    lights = [(look.highlight, base + styles.match)] if look.highlight else []
    # The search has the first colour; terms take the others in turn, then begin again.
    colours = (*styles.terms, styles.match)
    lights += [(term, base + colours[place % len(colours)]) for place, term in enumerate(look.terms)]
    return light_up(strip, lights)
