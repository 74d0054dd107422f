"""How one event becomes one line (or several, wrapped): pure functions from a Row to Strips.

Columns: gutter, time, level, short stream id, message, and a tag at the right edge where an event
came late or is longer than a list shows. Every foreign character passes `core.text` here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import Enum
from zlib import crc32

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cwtui.core.models import Row
from cwtui.core.text import human_bytes, printable
from cwtui.core.timespec import human_duration
from cwtui.ui.widgets.fold import folded
from cwtui.ui.widgets.lighting import light_up
from cwtui.ui.widgets.row_text import summary_of

LATE_MS = 60_000
"""An event that was ingested this long after its timestamp is marked as late; flow logs and CloudTrail
always take half a minute, and a mark on each of their lines would hide what they say."""

WORDS = ("   ", "TRC", "DBG", "INF", "WRN", "ERR", "FTL")
LETTERS = (" ", "T", "D", "I", "W", "E", "F")


class TimeFormat(Enum):
    """What the time column shows; `t` goes through them."""

    TIME = "time"
    DATE = "date and time"
    RELATIVE = "since the first"
    LAG = "ingestion lag"
    OFF = "no time"

    @property
    def cells(self) -> int:
        return {"time": 12, "date and time": 23, "since the first": 13, "ingestion lag": 9}.get(self.value, 0)

    def next(self) -> TimeFormat:
        """The format after this one."""
        formats = list(TimeFormat)
        return formats[(formats.index(self) + 1) % len(formats)]


@dataclass(frozen=True, slots=True)
class RowStyles:
    """The colours of a row, taken from the theme by the widget."""

    base: Style
    muted: Style
    bar: Style
    """The mark of the cursor row."""
    key: Style
    """Names of fields."""
    match: Style
    late: Style
    cursor: Style
    """Laid under the whole cursor row."""
    selected: Style
    """Laid under each row of the chosen range."""
    levels: Sequence[Style]
    """One for each `Level`, by its number."""
    streams: Sequence[Style]
    """Low-saturation colours; a name's hash chooses one."""
    terms: Sequence[Style] = ()
    """The colours of what stays lit beside a search."""


@dataclass(frozen=True, slots=True)
class RowLook:
    """Everything but the row itself that decides what a line looks like."""

    width: int = 80
    left: int = 0
    """Cells of the message scrolled out at the left."""
    time: TimeFormat = TimeFormat.TIME
    zone: tzinfo = UTC
    origin: int = 0
    """The moment, in ms, from which relative times count."""
    short_time: bool = False
    """Seconds only: narrow terminals."""
    level_letter: bool = False
    stream_cells: int = 4
    group_gutter: bool = False
    """Several groups are shown: each row carries its group's colour."""
    fields: bool = True
    """JSON messages as `msg key=value`; else as they came."""
    wrap: int = 0
    """Most lines one event may take; 0: one line, cut."""
    ascii_only: bool = False
    highlight: re.Pattern[str] | None = field(default=None)
    """What is searched for, or what the filter that is being written looks for."""
    terms: tuple[re.Pattern[str], ...] = ()
    """What stays lit beside the search."""
    anchor: int | None = None
    """The id of the one row that carries a mark: what the rows are the surroundings of."""
    marked: frozenset[int] = frozenset()
    """The ids of bookmarked rows."""


@dataclass(frozen=True, slots=True)
class RowPlace:
    """What a row looks like because of where it stands."""

    cursor: bool = False
    selected: bool = False
    silence: int = 0
    """Milliseconds without events before this one, where that is worth a word; else 0."""


NOWHERE = RowPlace()


def paint(row: Row, look: RowLook, styles: RowStyles, place: RowPlace = NOWHERE) -> list[Strip]:
    """The lines of an event, each exactly `look.width` cells; one line unless wrapping."""
    base = styles.base
    if place.selected:
        base += styles.selected
    if place.cursor:
        base += styles.cursor
    prefix = list(_prefix(row, look, styles, base, place.cursor))
    tag = _tag(row, look, place.silence)
    prefix_cells = sum(cell_len(text) for text, _ in prefix)
    room = max(1, look.width - prefix_cells - (len(tag) + 1 if tag else 0))
    lines = (
        _wrapped(row, look, styles, base, room)
        if look.wrap
        else [
            _message(
                row.message.rstrip("\r\n"), row.timestamp, look, styles, base, limit=(look.left + room) * 2
            )
        ]
    )
    strips = []
    for number, line in enumerate(lines):
        left = 0 if look.wrap else look.left
        body = line.crop_extend(left, left + room, base)
        head = prefix if number == 0 else [(" " * prefix_cells, base)]
        segments = [Segment(text, style) for text, style in head]
        segments.extend(body)
        if tag:
            segments.append(Segment(f" {tag}" if number == 0 else " " * (len(tag) + 1), base + styles.late))
        strips.append(Strip(segments).adjust_cell_length(look.width, base))
    return strips


def pending(look: RowLook, styles: RowStyles, *, cursor: bool = False) -> Strip:
    """The line of an event that has not been read yet."""
    base = styles.base + styles.cursor if cursor else styles.base
    text = " " * 2 + ("..." if look.ascii_only else "···")
    return Strip([Segment(text, base + styles.muted)]).adjust_cell_length(look.width, base)


def clock_text(timestamp: int, zone: tzinfo, *, date: bool = False, short: bool = False) -> str:
    """`10:09:41.305`, with the date before it or the milliseconds left off."""
    milliseconds = timestamp % 1000
    if zone is UTC and not date:
        seconds = timestamp // 1000 % 86_400
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    else:
        try:
            moment = datetime.fromtimestamp(timestamp // 1000, tz=zone)
        except (OverflowError, ValueError, OSError):
            return str(timestamp)
        clock = f"{moment:%Y-%m-%d %H:%M:%S}" if date else f"{moment:%H:%M:%S}"
    return clock if short else f"{clock}.{milliseconds:03d}"


def short_stream(name: str, cells: int = 4) -> str:
    """The part of a stream name that tells it apart.

    `b77c` of `2025/11/22/[$LATEST]b77c0d1e...`, `5dee` of `cart/cart/5deee1dc...`, `2-41` of
    `ip-10-0-2-41.eu-west-1.compute.internal`.
    """
    tail = name.rsplit("]", 1)[-1] or name
    tail = tail.rstrip("/").rsplit("/", 1)[-1] or tail
    if found := _HEX_RUN.search(tail):
        return found.group()[:cells]
    return printable(tail.partition(".")[0])[-cells:]


_HEX_RUN = re.compile(r"[0-9a-f]{8,}")


def hue_of(name: str, count: int) -> int:
    """Which of `count` colours a name has: the same one in every session."""
    return crc32(name.encode("utf-8", "surrogatepass")) % count


def _prefix(
    row: Row, look: RowLook, styles: RowStyles, base: Style, cursor: bool
) -> Iterator[tuple[str, Style]]:
    bar = ">" if look.ascii_only else "▌"
    if row.id == look.anchor:
        yield ("*" if look.ascii_only else "◆", base + styles.bar)
    elif row.id in look.marked:
        yield ("m" if look.ascii_only else "●", base + styles.bar)
    else:
        yield (bar if cursor else " ", base + styles.bar if cursor else base)
    if look.group_gutter:
        colour = styles.streams[hue_of(row.group, len(styles.streams))]
        yield (f"{'|' if look.ascii_only else '▎'}", base + colour)
    if time := _time(row, look):
        yield (f"{time} ", base + styles.muted)
    level = LETTERS[row.level] if look.level_letter else WORDS[row.level]
    yield (f"{level} ", base + styles.levels[row.level])
    if look.stream_cells:
        colour = styles.streams[hue_of(row.stream, len(styles.streams))]
        short = short_stream(row.stream, look.stream_cells)
        yield (short + " " * (look.stream_cells - cell_len(short) + 1), base + colour)


def _time(row: Row, look: RowLook) -> str:
    match look.time:
        case TimeFormat.TIME:
            return clock_text(row.timestamp, look.zone, short=look.short_time)
        case TimeFormat.DATE:
            return clock_text(row.timestamp, look.zone, date=True, short=look.short_time)
        case TimeFormat.RELATIVE:
            away = row.timestamp - look.origin
            sign, away = ("-", -away) if away < 0 else ("+", away)
            minutes, rest = divmod(away, 60_000)
            text = f"{minutes // 60}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
            return f"{sign + text:>{look.time.cells}}"
        case TimeFormat.LAG:
            return f"{human_duration(max(0, row.ingestion_time - row.timestamp)):>{look.time.cells}}"
        case TimeFormat.OFF:
            return ""


def _tag(row: Row, look: RowLook, silence: int) -> str:
    tags = []
    if silence:
        tags.append(f"{'--' if look.ascii_only else '┄┄'} after {human_duration(silence)} of silence")
    if row.length > len(row.message):
        tags.append(f"+{human_bytes(row.length - len(row.message))}")
    if row.ingestion_time - row.timestamp > LATE_MS and look.time is not TimeFormat.LAG:
        tags.append(f"late {human_duration(row.ingestion_time - row.timestamp)}")
    return "  ".join(tags)


def _message(
    message: str, timestamp: int, look: RowLook, styles: RowStyles, base: Style, limit: int
) -> Strip:
    pieces = summary_of(message, timestamp) if look.fields else [(printable(message), False)]
    key_style = base + styles.key
    segments: list[Segment] = []
    taken = 0
    for text, is_key in pieces:
        text = text[: limit - taken]
        taken += len(text)
        segments.append(Segment(text, key_style if is_key else base))
        if taken >= limit:
            break
    strip = Strip(segments)
    if look.highlight is None and not look.terms:
        return strip
    lights = [(look.highlight, base + styles.match)] if look.highlight else []
    # The search has the first colour; terms take the others in turn, then begin again.
    colours = (*styles.terms, styles.match)
    lights += [(term, base + colours[place % len(colours)]) for place, term in enumerate(look.terms)]
    return light_up(strip, lights)


def _wrapped(row: Row, look: RowLook, styles: RowStyles, base: Style, room: int) -> list[Strip]:
    lines: list[Strip] = []
    limit = room * look.wrap
    for text in row.message.replace("\r\n", "\n").rstrip("\n").split("\n"):
        lines.extend(folded(_message(text, row.timestamp, look, styles, base, limit), room))
        if len(lines) > look.wrap:
            more = Strip([Segment("... Enter shows all", base + styles.muted)])
            return [*lines[: look.wrap - 1], more]
    return lines
