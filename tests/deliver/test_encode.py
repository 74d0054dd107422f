"""Encoders: exact where they promise it, harmless where they are opened by others."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.models import Columns
from cwtui.deliver.encode import RECORD_KEYS, csv_table, gzipped, jsonl, markdown, redacted
from cwtui.deliver.parquet import parquet
from cwtui.deliver.recording import read_events
from tests.deliver.support import columns_of, event, joined

NO_EVENTS = columns_of([])


def rows(columns: Columns) -> list[dict[str, str]]:
    text = joined(csv_table([columns])).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_record_has_the_agreed_keys_in_their_order_and_is_ascii() -> None:
    line = joined(jsonl([columns_of([event(5, "héllo \x1b[31m\x00 \ud800", event_id="e1")])]))
    assert line.isascii()
    assert b"\\ud800" in line
    assert list(json.loads(line)) == list(RECORD_KEYS)
    assert json.loads(line) == {
        "timestamp": 5,
        "ingestionTime": 1_795_298_400_405,
        "logGroup": "/aws/lambda/checkout",
        "logStream": "2026/11/22/[$LATEST]0123",
        "message": "héllo \x1b[31m\x00 \ud800",
        "eventId": "e1",
        "account": "111122223333",
        "region": "eu-west-1",
    }


def test_the_same_events_make_the_same_gzip_file() -> None:
    columns = columns_of([event(n, f"line {n}") for n in range(100)])
    packed = joined(gzipped(jsonl([columns])))
    assert packed == joined(gzipped(jsonl([columns])))
    assert gzip.decompress(packed) == joined(jsonl([columns]))


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\uff1d"])
def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(lead: str) -> None:
    message = f'{lead}cmd|" /C calc"!A0'
    (row,) = rows(columns_of([event(0, message, stream="=1+1")]))
    assert row["message"] == f"'{message}"
    assert row["logStream"] == "'=1+1"


def test_csv_quotes_what_would_break_a_row_and_tells_the_time_twice() -> None:
    message = 'a "quoted", line\r\nand another'
    (row,) = rows(columns_of([event(1_795_298_400_007, message)]))
    assert row["message"] == message
    assert row["time"] == "2026-11-21T22:00:00.007Z"
    assert row["timestamp"] == "1795298400007"


def test_csv_writes_what_utf_8_cannot_hold_as_an_escape() -> None:
    (row,) = rows(columns_of([event(0, "a \udc80 b")]))
    assert row["message"] == "a \\udc80 b"


def test_csv_of_nothing_is_a_header() -> None:
    assert joined(csv_table([])) == joined(csv_table([NO_EVENTS])) != b""


def test_parquet_reads_back_exactly(tmp_path: Path) -> None:
    events = [event(n, message) for n, message in enumerate(["plain", "", "n\x00l", "\ud800 x", "é\u202e"])]
    file = tmp_path / "out.parquet"
    file.write_bytes(joined(parquet([columns_of(events[:3]), NO_EVENTS, columns_of(events[3:])])))
    assert [found for batch in read_events(file) for found in batch.events()] == events


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["`", "```", "`````", "\n", "a", " "]), min_size=1).map("".join))
def test_no_message_closes_the_fence_of_a_report(message: str) -> None:
    report = joined(markdown([columns_of([event(0, message)])], "# Digest")).decode()
    _, _, listing = report.partition("## Events\n\n")
    fence = listing.partition("text\n")[0]
    body = listing.removeprefix(f"{fence}text\n").removesuffix(f"\n{fence}\n")
    assert set(fence) == {"`"}
    assert fence not in body


def test_a_report_is_inert_and_says_what_it_leaves_out() -> None:
    columns = columns_of([event(n, f"\x1b]0;evil\x07 {n}") for n in range(30)])
    report = joined(markdown([columns, columns], "# Digest \x1b[2J", limit=10)).decode()
    assert "\x1b" not in report
    assert "# Digest" in report
    assert "The first 10 of 60 events." in report
    assert report.count("evil") == 10


def test_a_report_of_nothing_says_so() -> None:
    assert joined(markdown([], "# Digest")).decode().endswith("No events.\n")


def test_redaction_leaves_no_exact_bytes_behind() -> None:
    columns = columns_of([event(0, "password=hunter2 \ud800")])
    (black,) = redacted([columns], lambda text: text.replace("hunter2", "‹secret›"))
    written = joined(jsonl([black]))
    assert b"hunter2" not in written
    assert black.raws == [None]
