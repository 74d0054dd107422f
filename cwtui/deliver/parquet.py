"""Event records as Parquet, through DuckDB: written from columns, read back as batches.

The columns are those of an event record, times BIGINT (ms UTC), and `raw` BLOB: the exact bytes of a
message that UTF-8 cannot hold, else NULL. DuckDB is imported when the first file is written or read.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from cwtui.core.errors import DataError, StorageFull
from cwtui.core.models import EARLIEST_INGESTION, Columns, EventBatch
from cwtui.deliver.encode import RECORD_KEYS, decoded
from cwtui.deliver.records import BATCH, grouped

_BLOCK = 1 << 20
_INGESTION = f"CASE WHEN ingestionTime >= {EARLIEST_INGESTION} THEN ingestionTime END"


def parquet(chunks: Iterable[Columns]) -> Iterator[bytes]:
    """Event records as zstd Parquet, and `raw` (BLOB): the bytes of a message that UTF-8 cannot hold.

    Times are BIGINT, ms UTC. Goes through a temporary database on disk, because Parquet's index stands at
    its end; memory stays that of DuckDB's buffers. Raises StorageFull, DataError.
    """
    import duckdb
    import numpy as np

    def texts(values: Sequence[Any]) -> Any:
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column

    folder = Path(tempfile.mkdtemp(prefix="cwtui-export-"))
    try:
        with duckdb.connect(folder / "events.duckdb") as base:
            base.execute(
                "CREATE TABLE events (timestamp BIGINT, ingestionTime BIGINT, logGroup VARCHAR, "
                "logStream VARCHAR, message VARCHAR, eventId VARCHAR, account VARCHAR, region VARCHAR, "
                "raw BLOB)"
            )
            for columns in chunks:
                if not len(columns):
                    continue
                fields = {
                    "timestamp": np.asarray(columns.timestamps, dtype=np.int64),
                    "ingestionTime": np.asarray(columns.ingestion_times, dtype=np.int64),
                    "logGroup": texts(columns.groups),
                    "logStream": texts(columns.streams),
                    "message": texts(columns.messages),
                    "eventId": texts(columns.event_ids),
                    "account": texts(columns.accounts),
                    "region": texts(columns.regions),
                }
                select = ", ".join(fields)
                if any(columns.raws):
                    fields["raw"] = texts(columns.raws)
                    select += ", raw"
                base.register("chunk", fields)
                known = select.replace("ingestionTime", _INGESTION)
                base.execute(f"INSERT INTO events ({select}) SELECT {known} FROM chunk")
                base.unregister("chunk")
            packed = folder / "events.parquet"
            base.execute("COPY events TO ? (FORMAT parquet, COMPRESSION zstd)", [str(packed)])
        with packed.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise StorageFull(
                f"There is no room for the Parquet file's temporary copy in {folder.parent}.",
                "Free some space, or set TMPDIR to a larger disk.",
            ) from error
        raise DataError(
            f"The events cannot be written as Parquet: {error}.", "Export them as jsonl."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_parquet(file: BinaryIO) -> bool:
    """Whether the open file begins as Parquet does; it stays at its beginning."""
    return file.seekable() and _peek(file) == b"PAR1"


def parquet_batches(path: Path) -> Iterator[EventBatch]:
    """The events of a file as `parquet` writes it. Raises DataError."""
    import duckdb

    try:
        with duckdb.connect() as base:
            rows = base.execute(f"SELECT {', '.join(RECORD_KEYS)}, raw FROM read_parquet(?)", [str(path)])
            first = 1
            while found := rows.fetchmany(BATCH):
                *columns, raws = (list(column) for column in zip(*found, strict=True))
                columns[4] = [
                    message if raw is None else decoded(raw)
                    for message, raw in zip(columns[4], raws, strict=True)
                ]
                columns[1] = [
                    number if ingestion is None else ingestion
                    for number, ingestion in enumerate(columns[1], first)
                ]
                first += len(found)
                yield from grouped(columns)
    except duckdb.Error as error:
        raise DataError(
            f"{path} cannot be read as a Parquet recording: {error}.",
            "cwtui reads Parquet that it wrote itself.",
            code="parquet",
        ) from error


def _peek(file: BinaryIO) -> bytes:
    start = file.read(4)
    file.seek(0)
    return start
