"""An open file as events: JSON in any of its forms, our CSV, or a text log, told by name and content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from cwtui.core.errors import DataError
from cwtui.core.models import EventBatch
from cwtui.deliver.csv_records import csv_events, is_csv
from cwtui.deliver.documents import document_values
from cwtui.deliver.lines import LineBlock, ReadReport, line_blocks
from cwtui.deliver.records import batches, parse, parse_lines
from cwtui.deliver.unpack import text_of

_NOTES_PER_FILE = 5
_JSON_ENDINGS = (".jsonl", ".json", ".ndjson")
_PACKED_ENDINGS = (".gz", ".zst")


def read_stream(
    stream: BinaryIO,
    name: str,
    group: str,
    report: ReadReport,
    *,
    may_be_empty: bool = False,
    text_group: str = "",
) -> Iterator[EventBatch]:
    """The events of an open file, in its order. Raises DataError.

    `name` is for sentences, and its ending may promise JSON; `group` names the group of records that name
    none, `text_group` that of a text log.
    """
    text = text_of(stream, name, report)
    start = next(text, b"")
    text = chain((start,), text) if start else text
    if _promises_json(name) or _is_json(start):
        blocks = line_blocks(_textual(text, name))
        yield from _json_events(blocks, name, group, report, modified_of(stream))
    elif is_csv(start):
        yield from counted(csv_events(_textual(text, name), name, group, modified_of(stream)), report)
    else:
        from cwtui.deliver.text_log import TextSource, is_binary, text_events

        if is_binary(start):
            raise _binary(name)
        source = TextSource(name, text_group or group, Path(name).name, modified_of(stream))
        yield from counted(text_events(text, source, report), report)
    if not report.records and not may_be_empty:
        raise DataError(f"{name} holds no events.", "There is nothing to open in it.", code="empty")


def counted(found: Iterable[EventBatch], report: ReadReport) -> Iterator[EventBatch]:
    """The same batches, counted in the report as they pass."""
    for batch in found:
        report.records += len(batch)
        report.malformed += batch.malformed
        yield batch


def modified_of(stream: BinaryIO) -> int:
    """When an open file was last changed, ms UTC; 0 for what is no file."""
    try:
        return os.fstat(stream.fileno()).st_mtime_ns // 1_000_000
    except OSError:  # io.UnsupportedOperation is one: a buffer has no descriptor
        return 0


def _json_events(
    blocks: Iterator[LineBlock], name: str, group: str, report: ReadReport, undated: int
) -> Iterator[EventBatch]:
    broken = 0
    for block in blocks:
        lines = block.lines
        values = parse_lines(lines)
        if values is None:
            values = []
            kept: list[bytes] = []
            for offset, line in enumerate(lines):
                if not line.strip():
                    continue
                try:
                    values.append(parse(line))
                except ValueError:
                    number = block.first_line + offset
                    if not report.records and not values:
                        rest = [*lines[offset:], *(more.text for more in blocks)]
                        values, kept = document_values(b"\n".join(rest), name, number, report), []
                        break
                    if block.cut:
                        report.notes.append(f"{name}: line {number} is cut and was left out.")
                        continue
                    broken += 1
                    if broken <= _NOTES_PER_FILE:
                        report.notes.append(f"{name}: line {number} is not JSON; it stands as a message.")
                    values.append(line.decode("utf-8", "surrogateescape"))
                kept.append(line)
            lines = kept
        if not report.records and values and not isinstance(values[0], dict | list):
            raise _no_records(name)
        for batch in counted(batches(values, group, lines, report.records + 1, undated), report):
            undated = batch.timestamps[-1]
            yield batch
    if broken > _NOTES_PER_FILE:
        report.notes.append(f"{name}: {broken:,} lines are not JSON in all.")


def _textual(text: Iterable[bytes], name: str) -> Iterator[bytes]:
    for piece in text:
        if b"\x00" in piece:
            raise _binary(name)
        yield piece


def _promises_json(name: str) -> bool:
    name = name.lower()
    for ending in _PACKED_ENDINGS:
        name = name.removesuffix(ending)
    return name.endswith(_JSON_ENDINGS)


def _is_json(start: bytes) -> bool:
    """Whether a text begins as records do: an object in its first line, or a document over several."""
    line = start.lstrip().split(b"\n", 1)[0].strip()
    if not line.startswith((b"{", b"[")):
        return False
    if line in (b"{", b"[", b"[{"):
        return True
    try:
        value = parse(line)
    except ValueError:
        return False
    return isinstance(value, dict) or (isinstance(value, list) and isinstance((value or [None])[0], dict))


def _binary(name: str) -> DataError:
    return DataError(
        f"{name} is not text: it holds binary data.",
        "cwtui opens recordings, JSON lines, the JSON of `aws logs` and text logs; gzip, zstd or plain.",
        code="binary",
    )


def _no_records(name: str) -> DataError:
    return DataError(
        f"{name} holds JSON, but no event records.",
        "A record is an object with timestamp, logStream and message.",
        code="records",
    )
