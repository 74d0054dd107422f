"""DuckDB's errors as ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import duckdb

from cwtui.core.errors import InputError, StorageFull
from cwtui.lang.condition import Condition
from cwtui.window.stop import Interrupted


def _full() -> StorageFull:
    return StorageFull(
        "The window is full: its memory limit is reached and the temporary folder has no room.",
        "What was loaded stays. Load a shorter time, free disk space, or raise [limits] memory.",
        code="full",
    )


def spill_failed(why: str) -> StorageFull:
    """Its folder vanished, its disk went away, or another program filled it."""
    return StorageFull(
        f"The window's temporary folder cannot be used: {why}.",
        "What is in memory stays. Load again with TMPDIR set to a folder on a disk with room.",
        code="spill",
    )


@contextlib.contextmanager
def errors(condition: Condition | None = None) -> Iterator[None]:
    """DuckDB's errors as ours; with a condition, a value that it cannot use is the user's."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise Interrupted from error
    except duckdb.OutOfMemoryException as error:
        raise _full() from error
    except duckdb.IOException as error:
        raise (_full() if "No space left" in str(error) else spill_failed(said(error))) from error
    except duckdb.TransactionException as error:
        # What DuckDB calls a commit that could not be written out.
        if "Failed to commit" not in str(error):
            raise
        raise _full() from error
    except duckdb.ConnectionException as error:
        raise Interrupted from error
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        if condition is None:
            raise
        raise InputError(
            f"The filter cannot be used: {said(error)}.",
            "Regular expressions are RE2's: no look-around and no back references.",
            code="filter",
        ) from error


def said(error: duckdb.Error) -> str:
    """DuckDB's first line without its class."""
    line = str(error).split("\n", 1)[0]
    return line.split("Error: ", 1)[-1].rstrip(".")
