"""The events in hand: one DuckDB table in memory, spilling to a folder of its own past a limit.

Blocking; every method may be called from any thread. One connection writes, under a lock; every
reading call has a cursor of its own. A row id is the position in which the event was appended: rows
are never deleted but all at once. The columns are those `lang.condition` names.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from cwtui.core.errors import InputError, NotFound, StorageFull
from cwtui.core.models import Columns, EventBatch, Level, LogEvent, Row
from cwtui.core.text import LIST_LIMIT
from cwtui.lang.condition import Condition
from cwtui.window.failures import errors, said, spill_failed
from cwtui.window.intake import Intake
from cwtui.window.memory import STEP, share
from cwtui.window.stop import Interrupted, Stop
from cwtui.window.stretch import Stretch
from cwtui.window.ties import Ties

# Nothing is fetched from the network and no file is read through a query. Last: it closes the folder too.
_CLOSED = """
set autoinstall_known_extensions = false;
set autoload_known_extensions = false;
set enable_external_access = false;
"""
_BY_EVENT_ID = """
select rowid as id from events
where rowid between ? and ? and rowid in (select id from wanted)
order by event_id, rowid
"""
_SEARCH_ROWS = 1_000_000
"""Rows of one query of a search: what an interrupt that came too early can cost."""
_HEADROOM = 128 * 2**20
"""Bytes given on top of the limit when the disk is full, so that what is in can still be read."""

_READERS_END_S = 10.0
"""How long closing waits for queries that were told to end."""
_RANGES = 16
"""Up to so many ranges of row ids are read as such, in half the time of a join with the ids: a screen of a
few groups that were loaded side by side."""
_NEAR = 16
"""Ids no further apart are read together, with what lies between."""

Ids = Sequence[int] | NDArray[np.int64]


class Store:
    """Events, appended and read, never changed.

    `memory_limit` is DuckDB's (`2GB`, `512MB`) or, where `shared`, the whole program's, of which DuckDB gets
    what the views and all else leave; `spill_dir` is where the spill folder is made (the system's temporary
    folder by default) and `disk_limit` what it may hold (nine tenths of the free disk by default).
    Raises InputError for a limit that is none, StorageFull where no folder can be made.
    """

    def __init__(
        self,
        memory_limit: str = "2GB",
        spill_dir: Path | None = None,
        disk_limit: str = "",
        *,
        shared: bool = False,
    ) -> None:
        self._folder = _spill_folder(spill_dir)
        try:
            self._database = duckdb.connect(":memory:", config={"memory_limit": memory_limit})
            self._database.execute("set temp_directory = ?", [str(self._folder)])
            if disk_limit:
                self._database.execute("set max_temp_directory_size = ?", [disk_limit])
            self._leave_a_core()
            self._database.execute(_CLOSED)
        except duckdb.Error as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise InputError(
                f"The memory limit '{memory_limit}' cannot be used: {said(error)}.",
                "Use a size such as 512MB or 2GB.",
                code="memory",
            ) from error
        self._limit, self._shared = _bytes(self._database), shared
        self._intake = Intake(self._database)
        self._writing = threading.Lock()
        self._readers: set[duckdb.DuckDBPyConnection] = set()
        self._readers_lock = threading.Lock()
        self._closed = False
        self._count = 0
        self._full: StorageFull | None = None
        self._ties = Ties()
        self._limit_memory()

    def __len__(self) -> int:
        return self._count

    # -- writing

    def append(self, *batches: EventBatch, newest_first: bool = False) -> range:
        """Puts the events in, all or none, and returns their row ids, in the order given.

        `newest_first` says that they come from the newest to the oldest, as do those of the next such call.
        Raises StorageFull when neither memory nor disk holds them; what was in stays in and can be
        read, and nothing more is taken until `clear`.
        """
        filled = [batch for batch in batches if len(batch)]
        with self._writing:
            first = self._count
            if not filled:
                return range(first, first)
            if self._full is not None:
                raise self._full.with_traceback(None)
            # Before the table has them: from then on they must count.
            self._ties.make_room(sum(map(len, filled)))
            try:
                with errors():
                    keys = self._intake.put(filled)
            except StorageFull as error:
                # With its folder gone DuckDB may only say that memory is out.
                self._full = error
                self._make_room()
                if self._folder.exists():
                    raise
                # DuckDB may only say that memory is out.
                self._full = spill_failed(f"{self._folder} is gone")
                raise self._full from error
            self._ties.append(keys, newest_first=newest_first)
            self._count += len(keys.streams)
            if first // STEP != self._count // STEP:
                self._limit_memory()
            return range(first, self._count)

    def _leave_a_core(self) -> None:
        """Keeps queries off one core: with both of two busy, each tenth key waits twice as long."""
        told = self._database.execute("select current_setting('threads')").fetchone()
        self._database.execute(f"set threads = {max(1, int(told[0] if told else 1) - 1)}")

    def _limit_memory(self, more: int = 0) -> None:
        limit = share(self._limit, self._count) if self._shared else self._limit
        # Less than what a query uses at this moment is refused: the next time will do.
        with contextlib.suppress(duckdb.OutOfMemoryException):
            self._database.execute(f"set memory_limit = '{limit + more}B'")

    def _make_room(self) -> None:
        # A query over spilled rows needs memory to read them into; with none left it would fail too.
        # Should even that be refused, reads say StorageFull as well and nothing is lost.
        self._limit_memory(_HEADROOM)

    def clear(self) -> None:
        """Forgets all events; the row ids begin again at 0."""
        with self._writing, errors():
            self._intake.clear()
            self._ties = Ties()
            self._count = 0
            self._full = None
            self._limit_memory()

    # -- reading

    def rows(self, ids: Ids) -> list[Row]:
        """What a list shows, in the order asked; ids that are not there are left out."""
        found = self._fetch(
            ids,
            f"ts, ingestion, level, stream_id, left(message, {LIST_LIMIT}) as message, "
            "length(message) as length, event_id",
        )
        return [
            Row(row, ts, ingestion, Level(level), *self._place(stream), message, length, event_id)
            for row, ts, ingestion, level, stream, message, length, event_id in zip(
                *(found[name].tolist() for name in found), strict=True
            )
        ]

    def event(self, row_id: int) -> LogEvent:
        """One event, whole. Raises NotFound for an id that is not there."""
        found = next(self.columns([row_id]), None)
        if found is None or not len(found):
            raise NotFound(f"The event {row_id} is no longer in the window.", "Load it again.", code="event")
        return LogEvent(
            found.timestamps[0],
            found.ingestion_times[0],
            found.groups[0],
            found.streams[0],
            found.messages[0],
            found.event_ids[0],
            found.accounts[0],
            found.regions[0],
            Level(found.levels[0]),
            found.raws[0],
        )

    def columns(self, ids: Ids, size: int = 5000) -> Iterator[Columns]:
        """The whole events in the order asked, `size` at a time; ids that are not there are left out."""
        wanted = np.asarray(ids, np.int64)
        names = "ts, ingestion, level, stream_id, message, event_id"
        for begin in range(0, len(wanted), size):
            found = self._fetch(
                wanted[begin : begin + size], f"{names}, raw" if self._intake.any_raw else names
            )
            places = [self._place(stream) for stream in found["stream_id"].tolist()]
            raws: list[bytes | None] = [None] * len(places)
            if "raw" in found:
                raws = [None if raw is None else bytes(raw) for raw in found["raw"].tolist()]
            yield Columns(
                ids=found["id"].tolist(),
                timestamps=found["ts"].tolist(),
                ingestion_times=found["ingestion"].tolist(),
                levels=found["level"].tolist(),
                accounts=[place[0] for place in places],
                regions=[place[1] for place in places],
                groups=[place[2] for place in places],
                streams=[place[3] for place in places],
                messages=found["message"].tolist(),
                event_ids=found["event_id"].tolist(),
                raws=raws,
            )

    def stretch(self, rows: range) -> Stretch:
        """Times and levels of a range of row ids, in the order of arrival."""
        return self.arrived(rows)[0]

    def arrived(self, rows: range) -> tuple[Stretch, NDArray[np.uint8]]:
        """What views keep of a range of row ids, in the order of arrival, and the `LineKind` of each."""
        query = "select rowid as id, ts, level, kind from events where rowid between ? and ?"
        with self._reading() as cursor, errors():
            found = cursor.execute(query, [rows.start, rows.stop - 1]).fetchnumpy()
        return Stretch(found["id"], found["ts"], found["level"]), found["kind"]

    def streams_of(self, ids: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The number of the stream of each row, in the order asked. For the one thread that appends."""
        return self._ties.streams_of(ids)

    @property
    def several_streams(self) -> bool:
        """Whether the events came from streams of more than one name."""
        streams = self._intake.streams
        return any(name != streams[0][1] for _, name in streams)

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The accounts and regions that events came from, each pair once."""
        return tuple(dict.fromkeys((account, region) for account, region, _ in self._intake.sources))

    def arranged(self, ids: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.intp]:
        """The permutation that brings the rows, whose timestamps are given, into display order.

        For the one thread that appends.
        """
        self._ties.rank(self._intake.sources, self._intake.streams)
        return self._ties.arranged(ids, times, self._by_event_id)

    def _by_event_id(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        with self._reading() as cursor, errors():
            cursor.register("wanted", {"id": ids})
            return _column(cursor, _BY_EVENT_ID, [int(ids.min()), int(ids.max())])

    def matching(
        self, condition: Condition, first_row: int = 0, stop_row: int | None = None, stop: Stop | None = None
    ) -> NDArray[np.int64]:
        """The row ids in `[first_row, stop_row)` that meet the condition, ascending.

        `stop.set()` from another thread ends it with Interrupted. Raises InputError where DuckDB
        refuses a value of the condition (a pattern that RE2 cannot read), StorageFull where the
        result does not fit.
        """
        stop = stop or Stop()
        query = f"select rowid as id from events where rowid >= ? and rowid < ? and ({condition.sql})"
        last = self._count if stop_row is None else min(stop_row, self._count)
        found = [np.empty(0, np.int64)]
        # One part at least: a wrong pattern is an error on no rows too.
        for begin in range(first_row, max(last, first_row + 1), _SEARCH_ROWS):
            with self._reading() as cursor, stop.ends(cursor.interrupt), errors(condition):
                end = min(begin + _SEARCH_ROWS, last)
                found.append(_column(cursor, query, [begin, end, *condition.params]))
        return np.concatenate(found)

    def interrupt(self) -> None:
        """Ends every query that reads, with Interrupted in its thread."""
        with self._readers_lock:
            for cursor in self._readers:
                cursor.interrupt()

    def close(self) -> None:
        """Ends what reads, forgets everything and removes the spill folder. Twice is no error."""
        with self._readers_lock:
            self._closed = True
        self._end_reading()
        with self._writing:
            self._intake.close()
            self._database.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _end_reading(self) -> None:
        """Ends every query and waits: DuckDB takes the database from under one, or refuses to close."""
        patience = time.monotonic() + _READERS_END_S
        while self._readers and time.monotonic() < patience:
            # A query that had not begun yet when it was told to end runs on: it is told again.
            self.interrupt()
            time.sleep(0.001)

    def _place(self, stream: int) -> tuple[str, str, str, str]:
        source, name = self._intake.streams[stream]
        return (*self._intake.sources[source], name)

    def _fetch(self, ids: Ids, columns: str) -> dict[str, NDArray[Any]]:
        """The columns of the rows, `id` first, in the order asked."""
        wanted = np.asarray(ids, np.int64)
        ranges = _ranges(wanted)
        query = f"select rowid as id, {columns} from events where "
        with self._reading() as cursor, errors():
            if len(ranges) > _RANGES:
                cursor.register("wanted", {"id": wanted})
                ranges = [(ranges[0][0], ranges[-1][1])]
                query += "rowid in (select id from wanted) and "
            query += " or ".join(["rowid between ? and ?"] * len(ranges))
            found = cursor.execute(query, [end for ends in ranges for end in ends]).fetchnumpy()
        order = np.argsort(found["id"])
        places = np.searchsorted(found["id"], wanted, sorter=order)
        there = places < len(order)
        places = order[places[there]]
        places = places[found["id"][places] == wanted[there]]
        return {name: values[places] for name, values in found.items()}

    @contextlib.contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._readers_lock:
            if self._closed:
                raise Interrupted
            cursor = self._database.cursor()
            self._readers.add(cursor)
        try:
            yield cursor
        finally:
            with self._readers_lock:
                self._readers.discard(cursor)
            cursor.close()


def _ranges(ids: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The first and last of each run of ids that lie near each other, ascending; together they hold all."""
    if not len(ids):
        return [(0, -1)]
    ordered = np.sort(ids)
    if ordered[-1] - ordered[0] < 2 * len(ids):
        return [(int(ordered[0]), int(ordered[-1]))]
    cuts = np.flatnonzero(np.diff(ordered) > _NEAR) + 1
    firsts, lasts = ordered[[0, *cuts]], ordered[[*(cuts - 1), -1]]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _column(cursor: duckdb.DuckDBPyConnection, query: str, values: list[object]) -> NDArray[Any]:
    found: NDArray[Any] = next(iter(cursor.execute(query, values).fetchnumpy().values()))
    return found


def _bytes(database: duckdb.DuckDBPyConnection) -> int:
    """The memory limit, which DuckDB tells as `1.8 GiB`."""
    told = database.execute("select current_setting('memory_limit')").fetchone()
    number, unit = str(told[0] if told else "0 bytes").split()
    return int(float(number) * 1024 ** ("bytes", "KiB", "MiB", "GiB", "TiB").index(unit))


def _spill_folder(parent: Path | None) -> Path:
    try:
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="cwtui-window-", dir=parent))
    except OSError as error:
        raise StorageFull(
            f"No temporary folder can be made in {parent or tempfile.gettempdir()}: {error.strerror}.",
            "Set TMPDIR to a folder that can be written.",
            code="spill",
        ) from error
