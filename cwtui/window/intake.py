"""How batches become rows: names become numbers, texts what DuckDB can hold, and each message
is told its level and its kind.

Not safe for several threads at once: the store calls it under its lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from cwtui.core.errors import LimitReached
from cwtui.core.models import EventBatch
from cwtui.lang.continuation import KIND_SQL, kind_of
from cwtui.lang.envelope import LEVEL_SQL, level_of
from cwtui.window.texts import storable, utf8

_DIMENSIONS = """
create table sources(source_id USMALLINT, account VARCHAR, region VARCHAR, log_group VARCHAR);
create table streams(stream_id UINTEGER, source_id USMALLINT, name VARCHAR);
"""
_EVENTS = """
create or replace table events(
    ts BIGINT NOT NULL, ingestion BIGINT NOT NULL, source_id USMALLINT NOT NULL, stream_id UINTEGER NOT NULL,
    level UTINYINT NOT NULL, kind UTINYINT NOT NULL, message VARCHAR NOT NULL, event_id VARCHAR NOT NULL,
    raw BLOB)
"""
_INSERT_ROWS = 50_000
"""Rows of one insert: enough to spread the cost of planning it, few enough that NumPy's and Python's
part, which holds the interpreter, stays at some milliseconds. DuckDB reads the texts 2,048 at a time."""
_LEVELS_BY_HAND = 2_000
"""Up to so many rows Python tells level and kind: 5 us each, where planning `LEVEL_SQL` takes 7 ms."""
_SOURCES = 65_535


class Keys(NamedTuple):
    """By what the appended rows are ordered within a millisecond, as columns of equal length."""

    streams: NDArray[np.uint32]
    ingestions: NDArray[np.int64]
    named: NDArray[np.bool_]
    """Whether the event has an id."""


class Intake:
    """The writing connection and its tables, empty at first."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self._database = database
        self._writer = self._connected()
        self._writer.execute(_DIMENSIONS)
        self._statements: dict[str, duckdb.Statement] = {}
        # Only ever longer, clear() included: a reader resolves the ids of any moment with them.
        self.sources: list[tuple[str, str, str]] = []
        """Account, region and group by source id."""
        self.streams: list[tuple[int, str]] = []
        """Source id and name by stream id."""
        self._source_ids: dict[tuple[str, str, str], int] = {}
        self._stream_ids: dict[tuple[int, str], int] = {}
        self.any_raw = False
        """Whether a row has bytes in `raw`."""
        self.clear()

    def _connected(self) -> duckdb.DuckDBPyConnection:
        writer = self._database.cursor()
        # An insert has nothing to gain: looking for it is a quarter of what 10,000 rows cost.
        writer.execute("pragma disable_optimizer")
        return writer

    def clear(self) -> None:
        """Forgets all events, but no names."""
        self._writer.execute(_EVENTS)
        self.any_raw = False

    def close(self) -> None:
        self._writer.close()

    def put(self, batches: Sequence[EventBatch]) -> Keys:
        """Appends the events of the batches, which are not empty: all or none."""
        columns = self._columns_of(batches)
        named = columns["event_id"] != ""
        self._writer.begin()
        try:
            for first in range(0, len(named), _INSERT_ROWS):
                self._insert({name: values[first : first + _INSERT_ROWS] for name, values in columns.items()})
            self._writer.commit()
        except BaseException:
            # Where memory is out, ROLLBACK and SET find none either; closing takes the append back.
            self._writer.close()
            self._writer = self._connected()
            raise
        self._writer.unregister("batch")
        return Keys(columns["stream_id"], columns["ingestion"], named)

    def _columns_of(self, batches: Sequence[EventBatch]) -> dict[str, NDArray[Any]]:
        placed = [self._dimensions(batch) for batch in batches]
        return {
            "ts": np.concatenate([np.asarray(batch.timestamps, np.int64) for batch in batches]),
            "ingestion": np.concatenate([np.asarray(batch.ingestion_times, np.int64) for batch in batches]),
            "source_id": np.repeat(
                np.array([source for source, _ in placed], np.uint16), [len(batch) for batch in batches]
            ),
            "stream_id": np.concatenate([streams for _, streams in placed]),
            "message": np.concatenate([np.array(batch.messages, dtype=object) for batch in batches]),
            "event_id": np.concatenate([np.array(batch.event_ids, dtype=object) for batch in batches]),
        }

    def _insert(self, columns: dict[str, NDArray[Any]]) -> None:
        columns["message"], raws = storable(columns["message"])
        columns["event_id"], _ = storable(columns["event_id"])
        level, kind, raw = LEVEL_SQL, KIND_SQL, "null"
        if len(columns["ts"]) <= _LEVELS_BY_HAND:
            columns["level"] = np.array([level_of(message) for message in columns["message"]], np.uint8)
            columns["kind"] = np.array([kind_of(message) for message in columns["message"]], np.uint8)
            level, kind = "level", "kind"
        if raws:
            # As hexadecimal text: a column that is nearly all None has no type DuckDB would guess.
            hexes = [raws.get(at, b"").hex() for at in range(len(columns["ts"]))]
            columns["hex"] = np.array(hexes, dtype=object)
            raw = "case when hex = '' then null else unhex(hex) end"
            self.any_raw = True
        values = f"ts, ingestion, source_id, stream_id, {level}, {kind}, message, event_id, {raw}"
        self._writer.register("batch", columns)
        self._writer.execute(self._statement(f"insert into events select {values} from batch"))

    def _statement(self, sql: str) -> duckdb.Statement:
        """The text parsed, once: that of the levels takes 6 ms, in which no other thread gets a turn."""
        if sql not in self._statements:
            (self._statements[sql],) = self._writer.extract_statements(sql)
        return self._statements[sql]

    def _dimensions(self, batch: EventBatch) -> tuple[int, NDArray[np.uint32]]:
        """The source's id and the id of each event's stream, making those that are new."""
        key = (batch.account, batch.region, batch.group)
        source = self._source_ids.get(key)
        if source is None:
            source = len(self.sources)
            if source >= _SOURCES:
                raise LimitReached(
                    f"One window holds at most {_SOURCES} log groups.", "Load fewer groups.", code="groups"
                )
            self._database.execute(
                "insert into sources values (?, ?, ?, ?)", [source, *(utf8(part) for part in key)]
            )
            self.sources.append(key)
            self._source_ids[key] = source
        names = dict.fromkeys(batch.streams)
        new = [name for name in names if (source, name) not in self._stream_ids]
        if new:
            self._add_streams(source, new)
        numbers = {name: self._stream_ids[source, name] for name in names}
        return source, np.fromiter(map(numbers.__getitem__, batch.streams), np.uint32, len(batch))

    def _add_streams(self, source: int, names: Sequence[str]) -> None:
        first = len(self.streams)
        rows = {
            "stream_id": np.arange(first, first + len(names), dtype=np.uint32),
            "name": np.array([utf8(name) for name in names], dtype=object),
        }
        self._database.register("fresh", rows)
        self._database.execute(f"insert into streams select stream_id, {source}, name from fresh")
        self._database.unregister("fresh")
        self.streams.extend((source, name) for name in names)
        self._stream_ids.update(((source, name), first + at) for at, name in enumerate(names))
