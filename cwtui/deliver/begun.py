"""Begins the process that reads a big file: of its own, so that little is imported to begin it early."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

APART_BYTES = 4 << 20
"""From so many bytes on a process of its own is worth the fifth of a second that it takes to start."""


def begin(path: Path | str) -> subprocess.Popen[bytes]:
    """Starts reading a file; `apart.read_apart` takes over what comes.

    It ends when nobody reads it any more, this program's end included.
    """
    return subprocess.Popen(
        # -P: the folder one stands in may hold a numpy.py.
        [sys.executable, "-P", "-m", "cwtui.deliver.apart", str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # An interrupt is for whoever reads us: it would look like the end of the file.
        process_group=0,
    )


def begin_if_big(path: Path) -> subprocess.Popen[bytes] | None:
    """`begin` for a file of at least `APART_BYTES`; None for all else, what is not there included."""
    try:
        big = path.is_file() and path.stat().st_size >= APART_BYTES
    except OSError:
        return None
    return begin(path) if big else None
