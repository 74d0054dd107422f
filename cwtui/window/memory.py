"""Who gets what of the program's memory, so that the program as a whole stays within the setting."""

from __future__ import annotations

import re

PROGRAM = 256 * 2**20
"""Bytes of Python, Textual and the libraries, some 150 MB, and of what DuckDB gives back to no one else."""
ROW = 48
"""Bytes an event takes beside DuckDB's table: 17 in the view of all, 17 in a filtered one that hides little,
14 of what orders it within its millisecond."""
STEP = 250_000
"""Rows after which DuckDB is told anew: 12 MB."""
_UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12} | {
    "KI": 2.0**10,
    "MI": 2.0**20,
    "GI": 2.0**30,
    "TI": 2.0**40,
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*((?:[kmgt]i?)?)b?", re.IGNORECASE)


def share(limit: int, rows: int) -> int:
    """DuckDB's part of a limit in bytes, with so many events loaded: what is left, but a quarter at least."""
    return max(limit // 4, limit - PROGRAM - ROW * rows)


def kept_of_files(setting: str) -> int:
    """How many bytes of files may stay in memory beside the window, for a setting such as `2GB` or `512MiB`.

    An eighth: files that take more would not leave enough to the window. One that is no size counts as 2 GB;
    the window will refuse it.
    """
    match = _SIZE.fullmatch(setting.strip())
    limit = float(match[1]) * _UNITS[match[2].upper()] if match else 2e9
    return int(limit) // 8
