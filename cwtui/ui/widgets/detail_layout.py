"""An event laid out for the detail pane: its facts, then its message, lazily and in bounded lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo

from cwtui.core.models import LogEvent, has_ingestion
from cwtui.core.text import human_bytes, printable
from cwtui.core.timespec import human_duration
from cwtui.lang.envelope import fields_of, json_behind
from cwtui.lang.fields import logfmt_path, written_value
from cwtui.ui.widgets.detail_fields import GROUP, STREAM
from cwtui.ui.widgets.pretty import Laid, Piece, laid_out
from cwtui.ui.widgets.row_paint import clock_text

LONGEST_PART = 2_000
"""A message line longer than this is laid out in parts, so that no single strip is huge."""


def facts_of(event: LogEvent, zone: tzinfo) -> Iterator[Laid]:
    """Where an event comes from, and its times; then an empty line."""
    where = " · ".join(filter(None, (event.account, event.region)))
    lag = event.ingestion_time - event.timestamp
    times = f"{clock_text(event.timestamp, UTC, date=True)}Z"
    if zone is not UTC:
        times = f"{clock_text(event.timestamp, zone, date=True)} local   {times}"
    group = [("group   ", "mark"), (printable(event.group), "text"), (f"   {printable(where)}", "mark")]
    ingested = f"   ingested {_signed(lag)}" if has_ingestion(event) else ""
    yield Laid([("time    ", "mark"), (times, "text"), (ingested, "mark")])
    yield Laid(group, GROUP, event.group)
    yield Laid([("stream  ", "mark"), (printable(event.stream), "text")], STREAM, event.stream)
    if event.event_id:
        yield Laid([("event   ", "mark"), (printable(event.event_id), "text")])
    yield Laid([])


def body_of(message: str, *, raw: bool, limit: int) -> Iterator[Laid]:
    """A message, JSON laid out unless `raw`, up to the line with which it has `limit` characters."""
    taken = 0
    for line in _body_lines(message, raw=raw):
        for number, part in enumerate(_parts(line.pieces)):
            taken += sum(len(text) for text, _ in part)
            yield line._replace(pieces=part) if number == 0 else Laid(part)
            if taken > limit:
                size = human_bytes(len(message.encode("utf-8", "surrogatepass")))
                yield Laid([(f"… the event has {size}; End lays out more of it, Y copies it", "mark")])
                return


def _body_lines(message: str, *, raw: bool) -> Iterator[Laid]:
    fields = None if raw else fields_of(message)
    if fields is not None and message.lstrip().startswith("{"):
        yield from laid_out(fields)
        return
    if fields and (found := json_behind(message)) is not None:
        before, behind = found
        yield from _plain(before.rstrip())
        yield from laid_out(behind)
        fields = {key: value for key, value in fields.items() if key not in behind}
    else:
        yield from _plain(message)
    if fields:
        yield Laid([])
        yield from _pairs(fields)


def _plain(message: str) -> Iterator[Laid]:
    for line in message.replace("\r\n", "\n").split("\n"):
        for start in range(0, max(1, len(line)), LONGEST_PART):
            yield Laid([(printable(line[start : start + LONGEST_PART]), "text")])


def _pairs(fields: Mapping[str, object]) -> Iterator[Laid]:
    """The fields of a logfmt line, one below the other."""
    width = min(24, max(map(len, fields)))
    for key, value in fields.items():
        typed = written_value(str(value))
        path = logfmt_path(key).steps
        part = "text" if isinstance(typed, str) else "number"
        yield Laid([(f"{printable(key):<{width}}  ", "key"), (printable(str(value)), part)], path, typed)


def _parts(line: list[Piece]) -> Iterator[list[Piece]]:
    if sum(len(text) for text, _ in line) <= LONGEST_PART:
        yield line
        return
    for text, part in line:
        for start in range(0, len(text), LONGEST_PART):
            yield [(text[start : start + LONGEST_PART], part)]


def _signed(milliseconds: int) -> str:
    sign, size = ("-", -milliseconds) if milliseconds < 0 else ("+", milliseconds)
    return f"{sign}{human_duration(size)}"
