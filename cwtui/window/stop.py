"""Ending a running query from another thread: the stale filter when the next key is pressed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupted(Exception):
    """The query was told to end. Never an error of the user's, so not a `CwtuiError`."""


class Stop:
    """Ends the one search it was given to, and no other.

    `set` may come from any thread, before, while or after the search runs; it stays set.
    """

    __slots__ = ("_interrupt", "_lock", "_set")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set = False
        self._interrupt: Callable[[], None] | None = None

    @property
    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        """Interrupts the query that runs, if one does, and refuses those that would follow."""
        with self._lock:
            self._set = True
            if self._interrupt is not None:
                self._interrupt()

    @contextmanager
    def ends(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """While the block runs, `set` calls `interrupt`. Raises Interrupted when already set.

        A `set` between this and the first step of the query is lost on the query (DuckDB clears the
        mark as it starts) but not on the next one: searches go in parts, so it costs one part.
        """
        with self._lock:
            if self._set:
                raise Interrupted
            self._interrupt = interrupt
        try:
            yield
        finally:
            with self._lock:
                self._interrupt = None
