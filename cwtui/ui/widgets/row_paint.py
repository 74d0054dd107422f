"""How one event becomes one line (or several, wrapped): pure functions from a Row to Strips.

Columns: gutter, time, level, account and region where there are several, short stream id, message, and
a tag at the right edge where an event came late or is longer than a list shows. Every foreign character
passes `core.text` here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from zlib import crc32

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cwtui.core.models import Row, has_ingestion
from cwtui.core.text import human_bytes, middle, printable
from cwtui.core.timespec import human_duration
from cwtui.ui.widgets.field_columns import Values
from cwtui.ui.widgets.row_body import in_one_line, unfolded, wrapped
from cwtui.ui.widgets.row_look import NOWHERE, RowLook, RowPlace, RowStyles, TimeFormat

LATE_FOLLOWED_MS = 10_000
"""Of events that came while they were followed so much is late: they were not there when one looked."""
LATE_MS = 60_000
"""An event that was ingested this long after its timestamp is marked as late; flow logs and CloudTrail
always take half a minute, and a mark on each of their lines would hide what they say."""

WORDS = ("   ", "TRC", "DBG", "INF", "WRN", "ERR", "FTL")
LETTERS = (" ", "T", "D", "I", "W", "E", "F")


def paint(
    row: Row, look: RowLook, styles: RowStyles, place: RowPlace = NOWHERE, values: Values | None = None
) -> list[Strip]:
    """The lines of an event, each exactly `look.width` cells; one line unless wrapped or unfolded.

    `values` are what its columns show, where the row's message is too short to tell.
    """
    base = styles.base
    if place.selected:
        base += styles.selected
    if place.cursor:
        base += styles.cursor
    prefix = list(_prefix(row, look, styles, base, place.cursor))
    tag = _tag(row, look, place)
    prefix_cells = sum(cell_len(text) for text, _ in prefix)
    room = max(1, look.width - prefix_cells - (len(tag) + 1 if tag else 0))
    left = 0
    if place.unfolded:
        lines = unfolded(row, look, styles, base, room, values)
    elif look.wrap:
        lines = wrapped(row, look, styles, base, room, values)
    else:
        lines, left = [in_one_line(row, look, styles, base, room, values)], look.left
    strips = []
    for number, line in enumerate(lines):
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
    `ip-10-0-2-41.eu-west-1.compute.internal`, `stdi` of `stdin`.
    """
    tail = name.rsplit("]", 1)[-1] or name
    tail = tail.rstrip("/").rsplit("/", 1)[-1] or tail
    if found := _HEX_RUN.search(tail):
        return found.group()[:cells]
    name = str(printable(tail.partition(".")[0]))
    # `web-1`, `web-2` differ at their ends; words are read from their beginnings.
    return name[-cells:] if name[-1:].isdigit() else name[:cells]


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
    if room := look.place_room:
        place = (row.account, row.region)
        label = str(middle(next((label for at, label in look.places if at == place), row.account), room))
        colour = styles.streams[hue_of("".join(place), len(styles.streams))]
        yield (label + " " * (room - cell_len(label) + 1), base + colour)
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
            lag = human_duration(max(0, row.ingestion_time - row.timestamp)) if has_ingestion(row) else ""
            return f"{lag:>{look.time.cells}}"
        case TimeFormat.OFF:
            return ""


def _tag(row: Row, look: RowLook, place: RowPlace) -> str:
    tags = []
    if place.joined:
        tags.append(f"+{place.joined:,} line{'' if place.joined == 1 else 's'}")
    if row.length > len(row.message):
        tags.append(f"+{human_bytes(row.length - len(row.message))}")
    followed = look.followed_from is not None and row.id >= look.followed_from
    late_ms = LATE_FOLLOWED_MS if followed else LATE_MS + 1
    late = has_ingestion(row) and row.ingestion_time - row.timestamp >= late_ms
    if late and look.time is not TimeFormat.LAG:
        tags.append(f"late {human_duration(row.ingestion_time - row.timestamp)}")
    return "  ".join(tags)
