"""Exports to the local disk: wholly or not at all, and never over something that stands there.

Everything is written beside the target under a hidden name, synced, and moved into place last. What is
written belongs to the user alone (mode 0600 and 0700): log lines hold what should not be shared by chance.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from cwtui.core.errors import DataError, InputError, NotFound, StorageFull
from cwtui.core.ports import ExportProgress, ExportReport, ExportResult, Part

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG}
_HIDDEN = ".cwtui-part-"


class FileExporter:
    """Writes a part without a name to the target itself, parts with names into a folder there."""

    def export(self, parts: Iterable[Part], target: str, report: ExportReport) -> ExportResult:
        """Blocking. Raises InputError, NotFound, StorageFull, DataError, and whatever `report` raises."""
        if "\x00" in target:
            raise InputError("The target's name holds a NUL character.", code="name")
        # A link is followed, so that the file it points to is made and the link stays one.
        path = Path(os.path.realpath(Path(target).expanduser()))
        with _told(path):
            if not path.parent.is_dir():
                raise NotFound(
                    f"The folder {path.parent} does not exist.", f"mkdir -p '{path.parent}'", code="folder"
                )
            supply = iter(parts)
            first = next(supply)
            _refuse_standing(path, as_folder=bool(first.name))
            counter = _Counter(report)
            if first.name:
                files = _write_folder(chain((first,), supply), path, counter)
            elif path.exists() and not path.is_file():
                files = _write_device(first, path, counter)
            else:
                files = _write_file(first, path, counter)
        return ExportResult(str(path), files, counter.bytes_done)


class _Counter:
    def __init__(self, report: ExportReport) -> None:
        self._report = report
        self.bytes_done = 0

    def write(self, part: Part, name: str, file: BinaryIO) -> None:
        """Takes the part's chunks one by one; the report may raise to cancel."""
        chunks = iter(part.chunks)
        with contextlib.ExitStack() as closing:
            if close := getattr(chunks, "close", None):
                closing.callback(close)
            for chunk in chunks:
                file.write(chunk)
                self.bytes_done += len(chunk)
                self._report(ExportProgress(name, self.bytes_done))
        file.flush()


def _write_file(part: Part, path: Path, counter: _Counter) -> tuple[str, ...]:
    handle, name = tempfile.mkstemp(prefix=_HIDDEN, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            counter.write(part, path.name, file)
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)
    return (str(path),)


def _write_folder(parts: Iterable[Part], path: Path, counter: _Counter) -> tuple[str, ...]:
    folder = Path(tempfile.mkdtemp(prefix=_HIDDEN, dir=path.parent))
    names: list[str] = []
    try:
        for part in parts:
            name = _safe(part.name)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("xb") as file:
                counter.write(part, part.name, file)
                os.fsync(file.fileno())
            names.append(str(path / name))
        _sync_folder(folder)
        os.replace(folder, path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _sync_folder(path.parent)
    return tuple(names)


def _write_device(part: Part, path: Path, counter: _Counter) -> tuple[str, ...]:
    """A pipe or a device is written to; nothing may be moved onto it."""
    with path.open("wb") as file:
        counter.write(part, str(path), file)
    return (str(path),)


def _refuse_standing(path: Path, as_folder: bool) -> None:
    if path.is_dir():
        if not as_folder:
            raise InputError(
                f"{path} is a folder.", f"Name a file in it, such as {path / 'events.jsonl'}.", code="folder"
            )
        taken = any(path.iterdir())
    else:
        taken = path.is_file() and path.stat().st_size > 0
    if taken:
        raise InputError(
            f"{path} exists and is not empty; nothing is overwritten.",
            f"Choose another name, such as {_free_name(path)}.",
            code="exists",
        )


def _free_name(path: Path) -> Path:
    stem, suffix = path.name.partition(".")[::2]
    for number in range(2, 1000):
        free = path.with_name(f"{stem}-{number}{'.' if suffix else ''}{suffix}")
        if not os.path.lexists(free):
            return free
    return path.with_name(f"{path.name}-new")


def _safe(name: str) -> PurePosixPath:
    """A part's name as a relative path that stays within the target."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\x00" in name or not path.name:
        raise InputError(f"'{name}' is no name for a file within the target.", code="name")
    return path


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """The system's refusals in our words."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            raise StorageFull(
                f"There is no room to write {path}: {reason}. Nothing was left behind.",
                "Free some space, or export to another disk.",
                code="full",
            ) from error
        if error.errno in _REFUSED:
            raise InputError(
                f"{path} cannot be written: {reason}.",
                f"Choose another place, or check who may write in {path.parent}.",
                code="denied",
            ) from error
        raise DataError(f"{path} cannot be written: {reason}.", code="write") from error
