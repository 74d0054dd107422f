"""Folders that a CloudWatch export task (CreateExportTask) wrote to S3, copied to this machine.

`<prefix>/<task id>/<stream name>/000000.gz`: a line is `2026-11-22T10:00:00.000Z message`; slashes of a
stream's name are hyphens there, and the group's name is not told. Beside the tasks stands the service's
proof that it may write, `aws-logs-write-test`.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PART = re.compile(r"\d{6}(\.gz|\.zst)?")
_DEPTH = 3
"""Prefix, task, stream: the folders that may be given."""


@dataclass(frozen=True, slots=True)
class ExportedStream:
    """One stream and its files, in their order."""

    group: str
    """The path of the task's folder."""
    name: str
    files: tuple[Path, ...]


def exported_streams(folder: Path) -> list[ExportedStream]:
    """The streams of a prefix, a task or a stream of an export; empty for any other folder and for files."""
    if not folder.is_dir():
        return []
    found = []
    for place, files in _parts(folder, _DEPTH):
        task = place if place == folder else place.parent
        found.append(ExportedStream(str(task), place.absolute().name, files))
    return found


def _parts(folder: Path, depth: int) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    entries = sorted(folder.iterdir())
    files = tuple(entry for entry in entries if _PART.fullmatch(entry.name) and entry.is_file())
    if files:
        yield folder, files
    if depth > 1:
        for entry in entries:
            if entry.is_dir():
                yield from _parts(entry, depth - 1)
