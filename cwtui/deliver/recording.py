"""A recording: what an export writes and what opens again.

A folder with `manifest.json` (what it is and what it holds) and `events.jsonl.gz` (event records, in
display order; `events.jsonl` and `events.parquet` are read too). The manifest is written last: where it
stands, the recording is whole.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cwtui.core.errors import DataError, InputError, NotFound
from cwtui.core.models import Columns, EventBatch
from cwtui.core.ports import Part
from cwtui.deliver.encode import gzipped, jsonl
from cwtui.deliver.export_task import ExportedStream, exported_streams
from cwtui.deliver.lines import ReadReport
from cwtui.deliver.manifest import SCHEMA, About, Manifest, Tally, manifest_bytes, manifest_of
from cwtui.deliver.parquet import is_parquet, parquet_batches
from cwtui.deliver.reading import counted, modified_of, read_stream
from cwtui.deliver.records import parse
from cwtui.deliver.unpack import text_of

MANIFEST = "manifest.json"
EVENTS = "events.jsonl.gz"
_EVENT_FILES = (EVENTS, "events.jsonl", "events.parquet")
STDIN = "-"
"""The path that means what is piped in."""


def recording_parts(chunks: Iterable[Columns], about: About) -> Iterator[Part]:
    """The files of a recording. Take them in order: the manifest counts what the events part gave out."""
    tally = Tally()
    yield Part(EVENTS, gzipped(jsonl(tally.counted(chunks))))
    yield Part(MANIFEST, manifest_bytes(tally, about, (EVENTS,)))


def read_manifest(path: Path | str) -> Manifest:
    """What the recording at `path` says of itself; an empty manifest for a file or a folder without one.

    Raises NotFound, InputError, DataError.
    """
    if str(path) == STDIN:
        return Manifest()
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
        "Give a folder that `cwtui export` or a CloudWatch export task wrote, or a file.",
        code="recording",
    )


def read_events(path: Path | str, report: ReadReport | None = None) -> Generator[EventBatch, None, None]:
    """The events of a recording or file, in its order, in batches of at most 10,000 of one group each.

    Reads a recording's folder, a folder of a CloudWatch export task, JSON lines, the JSON that `aws logs
    filter-log-events` prints, Parquet as cwtui writes it, text logs, and `-`, which is stdin; gzip, zstd
    or plain, told by content. A record without a group gets the file's stem, lines of a text log its path.
    Cut and damaged files give what they hold; `report` says what is wrong. Raises NotFound, InputError,
    DataError.
    """
    report = ReadReport() if report is None else report
    if str(path) == STDIN:
        yield from read_stream(_stdin(), "stdin", "stdin", report, text_group="stdin")
        return
    with _told(Path(path)):
        streams = exported_streams(Path(path))
    if streams:
        for stream in streams:
            yield from _exported(stream, report)
        return
    file = events_file(path)
    with _told(file), file.open("rb") as stream_of_bytes:
        if is_parquet(stream_of_bytes):
            yield from counted(parquet_batches(file), report)
            return
        stem = Path(path).name.split(".")[0]
        yield from read_stream(
            stream_of_bytes, str(file), stem, report, may_be_empty=file != Path(path), text_group=str(file)
        )


def _exported(stream: ExportedStream, report: ReadReport) -> Iterator[EventBatch]:
    """The events of one stream of an export task's folder."""
    from cwtui.deliver.text_log import TextSource, text_events

    first = 1
    for file in stream.files:
        with _told(file), file.open("rb") as opened:
            source = TextSource(
                str(file), stream.group, stream.name, modified_of(opened), first, stamped=True
            )
            for batch in counted(text_events(text_of(opened, str(file), report), source, report), report):
                first = batch.ingestion_times[-1] + 1
                yield batch


def _stdin() -> BinaryIO:
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(
            "Stdin is a terminal: nothing is piped in.",
            "Write `producer | cwtui events --from -`.",
            code="stdin",
        )
    return sys.stdin.buffer


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
