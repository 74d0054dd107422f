"""Encoders: events of the window, in display order, as the bytes of a file.

Each takes `Columns` and yields chunks of bytes, so that an export of millions of events needs the memory of
one chunk. JSON lines, CSV and Parquet (`deliver.parquet`) hold **event records**: `timestamp`,
`ingestionTime` (ms UTC), `logGroup`, `logStream`, `message`, `eventId`, `account`, `region`. Where there is
no ingestion time it is null: in the window the number of a line stands for it. Redaction is a step before
encoding (`redacted`), the same for all of them.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from cwtui.core.models import EARLIEST_INGESTION, Columns, Level
from cwtui.core.text import excerpt, printable, printable_block
from cwtui.core.timespec import iso

Redact = Callable[[str], str]

RECORD_KEYS = (
    "timestamp",
    "ingestionTime",
    "logGroup",
    "logStream",
    "message",
    "eventId",
    "account",
    "region",
)
REPORT_EVENTS = 200
"""How many events a Markdown report lists; a table of thousands is nobody's reading."""
REPORT_LINES = 40
"""How many lines after its first a listed event shows."""

_GZIP_LEVEL = 3
"""Log text: level 6 packs some 10 % smaller and takes twice the time."""
_escaped = json.encoder.encode_basestring_ascii
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection), full-width forms too.
FORMULA = frozenset("=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20")
_TICKS = re.compile("`{3,}")


@dataclass(frozen=True, slots=True)
class Format:
    """One form of export."""

    name: str
    extension: str
    """With its dot; empty where it is a folder."""
    content_type: str
    redacted: bool = False
    """Redacted on the local disk too, because it is made to be passed on."""


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("recording", "", "application/gzip"),
        Format("jsonl", ".jsonl", "application/x-ndjson"),
        Format("csv", ".csv", "text/csv; charset=utf-8"),
        Format("parquet", ".parquet", "application/vnd.apache.parquet"),
        Format("md", ".md", "text/markdown; charset=utf-8", redacted=True),
    )
}
"""Every format by the name that `--format` takes."""


def redacted(chunks: Iterable[Columns], redact: Redact) -> Iterator[Columns]:
    """The same events with every message passed through `redact`; the exact bytes go, as they bypass it."""
    for columns in chunks:
        yield replace(
            columns,
            messages=[redact(message) for message in columns.messages],
            raws=[None] * len(columns),
        )


def exact_messages(columns: Columns) -> Sequence[str]:
    """The messages as they were received: lone surrogates are restored from `raws`."""
    if not any(columns.raws):
        return columns.messages
    return [
        message if raw is None else decoded(raw)
        for message, raw in zip(columns.messages, columns.raws, strict=True)
    ]


def jsonl(chunks: Iterable[Columns]) -> Iterator[bytes]:
    """One event record a line, pure ASCII: `\\uXXXX` holds what ASCII cannot, lone surrogates too."""
    names: dict[str, str] = {}

    def name(text: str) -> str:
        known = names.get(text)
        if known is None:
            known = names[text] = _escaped(text)
        return known

    for columns in chunks:
        yield "".join(
            f'{{"timestamp":{timestamp},'
            f'"ingestionTime":{ingestion if ingestion >= EARLIEST_INGESTION else "null"},'
            f'"logGroup":{name(group)},'
            f'"logStream":{name(stream)},"message":{_escaped(message)},"eventId":{_escaped(event_id)},'
            f'"account":{name(account)},"region":{name(region)}}}\n'
            for timestamp, ingestion, group, stream, message, event_id, account, region in zip(
                columns.timestamps,
                columns.ingestion_times,
                columns.groups,
                columns.streams,
                exact_messages(columns),
                columns.event_ids,
                columns.accounts,
                columns.regions,
                strict=True,
            )
        ).encode("ascii")


def csv_table(chunks: Iterable[Columns]) -> Iterator[bytes]:
    """RFC 4180 with a header; `time` (ISO 8601) leads the keys of the event record.

    A text cell that a spreadsheet would run as a formula gets a leading `'`, so CSV is not byte-exact;
    JSON lines are. What UTF-8 cannot hold is written as `\\udXXX`.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("time", *RECORD_KEYS))
    # The calendar is asked once a second of log time, not once an event.
    second = lru_cache(maxsize=1024)(lambda start: iso(start).removesuffix(".000Z"))
    for columns in chunks:
        writer.writerows(
            (
                f"{second(timestamp - timestamp % 1000)}.{timestamp % 1000:03d}Z",
                timestamp,
                ingestion if ingestion >= EARLIEST_INGESTION else None,
                *(f"'{text}" if text[:1] in FORMULA else text for text in texts),
            )
            for timestamp, ingestion, *texts in zip(
                columns.timestamps,
                columns.ingestion_times,
                columns.groups,
                columns.streams,
                exact_messages(columns),
                columns.event_ids,
                columns.accounts,
                columns.regions,
                strict=True,
            )
        )
        yield out.getvalue().encode("utf-8", "backslashreplace")
        out.seek(0)
        out.truncate()
    if out.tell():
        yield out.getvalue().encode("utf-8")


def markdown(chunks: Iterable[Columns], digest: str, limit: int = REPORT_EVENTS) -> Iterator[bytes]:
    """The digest, then the first `limit` events in a fence that no message can close.

    Events pass `core.text`: a report is read with `cat` too. `digest` is Markdown already.
    """
    yield (printable_block(digest).rstrip("\n") + "\n\n## Events\n\n").encode("utf-8", "backslashreplace")
    listed: list[str] = []
    total = 0
    for columns in chunks:
        total += len(columns)
        for row in range(min(len(columns), limit - len(listed))):
            source = f"{printable(columns.groups[row])} {printable(columns.streams[row])}"
            level = Level(columns.levels[row]).name if columns.levels[row] else "-"
            first, *rest = columns.messages[row].rstrip("\n").split("\n")
            lines = [excerpt(first), *(f"    {excerpt(line)}" for line in rest[:REPORT_LINES])]
            if len(rest) > REPORT_LINES:
                lines.append(f"    … +{len(rest) - REPORT_LINES} lines")
            listed.append(f"{iso(columns.timestamps[row])} {level:<5} {source}\n  " + "\n  ".join(lines))
    if not listed:
        yield b"No events.\n"
        return
    if total > len(listed):
        yield f"The first {len(listed):,} of {total:,} events.\n\n".encode()
    body = "\n".join(listed)
    fence = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(body)), default=0))
    yield f"{fence}text\n{body}\n{fence}\n".encode("utf-8", "backslashreplace")


def gzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes as one gzip member, without a date: the same events give the same file."""
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 31)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


def decoded(raw: bytes) -> str:
    """The text of a message's exact bytes."""
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "surrogateescape")
