"""What of the program's memory is DuckDB's, so that the program as a whole stays within the setting."""

from __future__ import annotations

PROGRAM = 256 * 2**20
"""Bytes of Python, Textual and the libraries, some 150 MB, and of what DuckDB gives back to no one else."""
ROW = 48
"""Bytes an event takes beside DuckDB's table: 17 in the view of all, 17 in a filtered one that hides little,
14 of what orders it within its millisecond."""
STEP = 250_000
"""Rows after which DuckDB is told anew: 12 MB."""


def share(limit: int, rows: int) -> int:
    """DuckDB's part of a limit in bytes, with so many events loaded: what is left, but a quarter at least."""
    return max(limit // 4, limit - PROGRAM - ROW * rows)
