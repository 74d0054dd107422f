"""A recording: what an export writes and what opens again.

A folder with `manifest.json` (what it is and what it holds) and `events.jsonl.gz` (event records, in
display order; `events.jsonl` and `events.parquet` are read too). The manifest is written last: where it
stands, the recording is whole.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cwtui.core.errors import DataError, InputError, NotFound
from cwtui.core.models import Columns, EventBatch
from cwtui.core.ports import Part
from cwtui.deliver.documents import document_values
from cwtui.deliver.encode import gzipped, jsonl
from cwtui.deliver.lines import ReadReport, line_blocks
from cwtui.deliver.manifest import SCHEMA, About, Manifest, Tally, manifest_bytes, manifest_of
from cwtui.deliver.parquet import is_parquet, parquet_batches
from cwtui.deliver.records import batches, parse, parse_lines

MANIFEST = "manifest.json"
EVENTS = "events.jsonl.gz"
_EVENT_FILES = (EVENTS, "events.jsonl", "events.parquet")
_NOTES_PER_FILE = 5


def recording_parts(chunks: Iterable[Columns], about: About) -> Iterator[Part]:
    """The files of a recording. Take them in order: the manifest counts what the events part gave out."""
    tally = Tally()
    yield Part(EVENTS, gzipped(jsonl(tally.counted(chunks))))
    yield Part(MANIFEST, manifest_bytes(tally, about, (EVENTS,)))


def read_manifest(path: Path | str) -> Manifest:
    """What the recording at `path` says of itself; an empty manifest for a file or a folder without one.

    Raises NotFound, InputError, DataError.
    """
    file = Path(path) / MANIFEST
    with _told(Path(path)):
        if not stat.S_ISDIR(os.stat(path).st_mode) or not file.exists():
            return Manifest()
        content = file.read_bytes()
    try:
        document = parse(content)
    except ValueError as error:
        raise DataError(f"{file} is not JSON: {error}.", "Record it again.", code="manifest") from error
    if not isinstance(document, dict):
        raise DataError(f"{file} is not a manifest.", "Record it again.", code="manifest")
    if not str(document.get("schema", SCHEMA)).startswith(SCHEMA):
        raise DataError(
            f"{file} has the schema '{document['schema']}', which this version cannot read.",
            "Install a newer cwtui.",
            code="schema",
        )
    return manifest_of(document)


def events_file(path: Path | str) -> Path:
    """The file that holds the events of a recording's folder, or the file itself.

    Raises NotFound, InputError.
    """
    path = Path(path)
    with _told(path):
        if not stat.S_ISDIR(path.stat().st_mode):
            return path
        for name in _EVENT_FILES:
            if (path / name).is_file():
                return path / name
    raise NotFound(
        f"The folder {path} holds no recording: {EVENTS} is missing.",
        "Give a folder that `cwtui export` wrote, or a file.",
        code="recording",
    )


def read_events(path: Path | str, report: ReadReport | None = None) -> Iterator[EventBatch]:
    """The events of a recording or file, in its order, in batches of at most 5,000 of one group each.

    Reads a recording's folder, JSON lines, the JSON that `aws logs filter-log-events` prints, Parquet as
    cwtui writes it; gzip or plain, told by content. A record without a group gets the file's stem. Cut
    and damaged files give what they hold; `report` says what is wrong. Raises NotFound, InputError,
    DataError.
    """
    report = ReadReport() if report is None else report
    file = events_file(path)
    with _told(file), file.open("rb") as stream:
        if is_parquet(stream):
            yield from _counted(parquet_batches(file), report)
            return
        stem = Path(path).name.split(".")[0]
        may_be_empty = file != Path(path)
        yield from read_stream(stream, str(file), stem, report, may_be_empty=may_be_empty)


def read_stream(
    stream: BinaryIO, name: str, group: str, report: ReadReport, *, may_be_empty: bool = False
) -> Iterator[EventBatch]:
    """`read_events` over an open stream (stdin too); `name` is for sentences, `group` for absent groups."""
    blocks = line_blocks(stream, name, report)
    broken = 0
    for block in blocks:
        values = parse_lines(block.lines)
        if values is None:
            values = []
            for offset, line in enumerate(block.lines):
                if not line.strip():
                    continue
                try:
                    values.append(parse(line))
                except ValueError:
                    number = block.first_line + offset
                    if not report.records and not values:
                        rest = [*block.lines[offset:], *(line for more in blocks for line in more.lines)]
                        values = document_values(b"\n".join(rest), name, number, report)
                        break
                    if block.cut:
                        report.notes.append(f"{name}: line {number} is cut and was left out.")
                        continue
                    broken += 1
                    if broken <= _NOTES_PER_FILE:
                        report.notes.append(f"{name}: line {number} is not JSON; it stands as a message.")
                    values.append(line.decode("utf-8", "surrogateescape"))
        if not report.records and values and not isinstance(values[0], dict | list):
            raise _no_records(name)
        yield from _counted(batches(values, group), report)
    if broken > _NOTES_PER_FILE:
        report.notes.append(f"{name}: {broken:,} lines are not JSON in all.")
    if not report.records and not may_be_empty:
        raise DataError(f"{name} holds no events.", "There is nothing to open in it.", code="empty")


def _counted(found: Iterable[EventBatch], report: ReadReport) -> Iterator[EventBatch]:
    for batch in found:
        report.records += len(batch)
        report.malformed += batch.malformed
        yield batch


def _no_records(name: str) -> DataError:
    return DataError(
        f"{name} holds JSON, but no event records.",
        "A record is an object with timestamp, logStream and message.",
        code="records",
    )


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """The system's refusals in our words."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no file or folder {path}.", "Correct the path.", code="file") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", "Check its permissions.", code="unreadable"
        ) from error
