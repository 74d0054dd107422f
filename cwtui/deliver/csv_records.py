"""Event records in CSV, as `export --format csv` and `events -o csv` write them, turned into batches.

CSV is not byte-exact: the `'` that keeps a spreadsheet from running a cell is taken off again (so is one
that stood before such a cell of old), and what UTF-8 could not hold stays written out (`\\udc80`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from cwtui.core.errors import DataError
from cwtui.core.models import EventBatch
from cwtui.deliver.encode import FORMULA, RECORD_KEYS
from cwtui.deliver.lines import LineBlock, line_blocks
from cwtui.deliver.records import BATCH, batches

_MOST_CELL = (1 << 31) - 1


def is_csv(start: bytes) -> bool:
    """Whether a text begins with the header of event records."""
    names = set(start.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "replace").split(","))
    return {"timestamp", "message"} <= names <= {"time", *RECORD_KEYS}


def csv_events(text: Iterable[bytes], name: str, group: str, undated: int) -> Iterator[EventBatch]:
    """The records below the header; what a row lacks is filled as in JSON. Raises DataError.

    `undated` (ms UTC) is the time of the first ones where they tell none.
    """
    # The default of 128 KB is less than a message may have.
    csv.field_size_limit(_MOST_CELL)
    rows = csv.reader(_lines(line_blocks(text)))
    header = next(rows)
    first, values = 1, list[dict[str, str | int | None]]()
    try:
        for row in filter(None, rows):
            values.append(_record(header, row))
            if len(values) == BATCH:
                for batch in batches(values, group, first=first, undated=undated):
                    undated = batch.timestamps[-1]
                    yield batch
                first, values = first + len(values), []
    except csv.Error as error:
        raise DataError(
            f"{name}: line {rows.line_num} is no CSV ({error}).",
            "Export it again, best as JSON lines.",
            code="csv",
        ) from error
    yield from batches(values, group, first=first, undated=undated)


def _lines(blocks: Iterable[LineBlock]) -> Iterator[str]:
    for block in blocks:
        for line in block.text.decode("utf-8", "surrogateescape").split("\n"):
            yield line + "\n"


def _record(header: list[str], row: list[str]) -> dict[str, str | int | None]:
    # A row that is cut has no message, and counts as such.
    record: dict[str, str | int | None] = dict.fromkeys(header)
    record.update(zip(header, map(_own, row), strict=False))
    for key in ("timestamp", "ingestionTime"):
        number = record.get(key)
        if isinstance(number, str) and number.lstrip("-").isdecimal():
            record[key] = int(number)
    if record.get("ingestionTime") == "":
        record["ingestionTime"] = None
    return record


def _own(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA and len(cell) > 1 else cell
