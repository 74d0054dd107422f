"""Whether files are still what they were when they were read."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

Stamp = tuple[tuple[str, int, int, int], ...]
"""Name, inode, size and time of the last change of every file of a path."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the paths that were read."""

    changed: tuple[Path, ...] = ()
    gone: tuple[Path, ...] = ()
    once: tuple[Path, ...] = ()
    """Pipes: what came through them cannot be read twice."""

    @property
    def readable(self) -> bool:
        """Whether all could be read anew."""
        return not self.gone and not self.once

    @property
    def words(self) -> str:
        """What is found and what is done about it, in a sentence."""
        if self.gone:
            rest = f"; {_named(self.changed)} changed" if self.changed else ""
            are = "is" if len(self.gone) == 1 else "are"
            return f"{_named(self.gone)} {are} gone{rest}: what was read stays."
        if self.once:
            rest = f"{_named(self.changed)} changed, but what" if self.changed else "What"
            return f"{rest} was piped in cannot be read twice: what was read stays."
        if self.changed:
            it = "it is" if len(self.changed) == 1 else "all is"
            return f"{_named(self.changed)} changed: {it} read anew."
        return "Nothing changed on disk since it was read."


def stamp_of(path: Path) -> Stamp | None:
    """What a file or a folder is now; None for a pipe. Raises OSError for one that is not there."""
    if str(path) == "-":
        return None
    about = os.stat(path)
    if stat.S_ISREG(about.st_mode):
        return (_row("", about),)
    if not stat.S_ISDIR(about.st_mode):
        return None
    files = (file for file in path.rglob("*") if file.is_file())
    return tuple(sorted(_row(str(file.relative_to(path)), file.stat()) for file in files))


def changes(paths: Sequence[Path], before: Sequence[Stamp | None]) -> Changes:
    """What became of paths since their stamps were taken; blocking."""
    changed, gone, once = [], [], []
    for path, stamp in zip(paths, before, strict=True):
        if stamp is None:
            once.append(path)
            continue
        try:
            if stamp_of(path) != stamp:
                changed.append(path)
        except OSError:
            gone.append(path)
    return Changes(tuple(changed), tuple(gone), tuple(once))


def _row(name: str, about: os.stat_result) -> tuple[str, int, int, int]:
    return name, about.st_ino, about.st_size, about.st_mtime_ns


def _named(paths: Sequence[Path]) -> str:
    names = [path.name or str(path) for path in paths]
    return names[0] if len(names) == 1 else " and ".join(names) if len(names) == 2 else f"{len(names)} files"
