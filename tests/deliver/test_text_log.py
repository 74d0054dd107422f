"""Text logs: the times of the common formats, and every line in exactly one event, byte for byte."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.errors import DataError, NotFound
from cwtui.core.models import LogEvent
from cwtui.deliver.lines import ReadReport
from cwtui.deliver.recording import read_events
from cwtui.deliver.text_log import MOST_JOINED, TextSource, text_events
from cwtui.deliver.unpack import BLOCK, text_of

WRITTEN = datetime(2026, 11, 23, tzinfo=UTC)
MODIFIED = round(WRITTEN.timestamp() * 1000)
SOURCE = TextSource("app.log", "logs/app.log", "app.log", MODIFIED)


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def read(
    text: bytes, *, piece: int = BLOCK, source: TextSource = SOURCE
) -> tuple[list[LogEvent], ReadReport]:
    report = ReadReport()
    pieces = (text[start : start + piece] for start in range(0, len(text), piece))
    return [event for batch in text_events(pieces, source, report) for event in batch.events()], report


def opened(path: Path) -> tuple[list[LogEvent], ReadReport]:
    report = ReadReport()
    return [event for batch in read_events(path, report) for event in batch.events()], report


def bytes_of(events: Iterable[LogEvent]) -> bytes:
    return "\n".join(event.message for event in events).encode("utf-8", "surrogateescape")


T = "2026-11-22T10:00:00+00:00"


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ("2026-11-22T10:00:00Z x", T),
        ("2026-11-22 10:00:00 x", T),
        ("2026-11-22 10:00:00,123 x", "2026-11-22T10:00:00.123+00:00"),
        ("2026-11-22T10:00:00.5Z x", "2026-11-22T10:00:00.500+00:00"),
        ("2026-11-22T10:00:00.123456789Z x", "2026-11-22T10:00:00.123+00:00"),
        ("2026-11-22T10:00:00.123+02:00 x", "2026-11-22T08:00:00.123+00:00"),
        ("2026-11-22T10:00:00-0530 x", "2026-11-22T15:30:00+00:00"),
        ("2026-11-22 10:00:00 +0100 x", "2026-11-22T09:00:00+00:00"),
        ("2026-11-22 10:00:00.123 UTC [1] LOG: x", "2026-11-22T10:00:00.123+00:00"),
        ("2026-11-22 10:00:00,123 - root - INFO - 12 x", "2026-11-22T10:00:00.123+00:00"),
        ("[2026-11-22 10:00:00,123: INFO/Main] x", "2026-11-22T10:00:00.123+00:00"),
        ("INFO  2026-11-22 10:00:00 x", T),
        ("[INFO]\t2026-11-22T10:00:00.123Z\tid\tx", "2026-11-22T10:00:00.123+00:00"),
        ("ts=2026-11-22T10:00:00Z level=info", T),
        ("<34>1 2026-11-22T10:00:00.003Z host su - ID47 - x", "2026-11-22T10:00:00.003+00:00"),
        ("Nov 22 10:00:00 host app[1]: x", T),
        ("<34>Nov 22 10:00:00 host app: x", T),
        ("Nov  2 10:00:00 host app: x", "2026-11-02T10:00:00+00:00"),
        ("Dec 31 23:59:59 host app: x", "2025-12-31T23:59:59+00:00"),
        ("Feb 29 10:00:00 host app: x", "2024-02-29T10:00:00+00:00"),
        ('1.2.3.4 - - [22/Nov/2026:10:00:00 +0000] "GET /" 200', T),
        ('[::1] u [v] - [22/Nov/2026:10:00:00 -0800] "GET /" 200', "2026-11-22T18:00:00+00:00"),
        ("E1122 10:00:00.123456    1 main.go:1] x", "2026-11-22T10:00:00.123+00:00"),
        ("22/11/2026 10:00:00 x", T),
        ("11/22/2026 10:00:00 x", T),
        ("22.11.2026 10:00:00 x", T),
        ("2026/11/22 10:00:00 [error] 1#1: x", T),
        ("22-Nov-2026 10:00:00.123 INFO [main] x", "2026-11-22T10:00:00.123+00:00"),
        ("[Sun Nov 22 10:00:00 2026] [error] x", T),
        ("[Sun Nov 22 10:00:00.123456 2026] [error] x", "2026-11-22T10:00:00.123+00:00"),
        ("Sun Nov 22 10:00:00 2026 x", T),
        ("1795341600 x", T),
        ("1795341600.123 x", "2026-11-22T10:00:00.123+00:00"),
        ("1795341600123 x", "2026-11-22T10:00:00.123+00:00"),
        ("1795341600123456 x", "2026-11-22T10:00:00.123+00:00"),
        ("2026-02-29 24:00:00 x", "2026-11-23T00:00:00+00:00"),
        ("2026-13-01 10:00:00 x", "2026-11-23T00:00:00+00:00"),
        ("9999999999 x", "2026-11-23T00:00:00+00:00"),
        ("179534160012 x", "2026-11-23T00:00:00+00:00"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_common_formats_are_found(line: str, time: str, ending: str) -> None:
    events, _ = read(f"{line}{ending}".encode() * 3)
    assert [(event.timestamp, event.message) for event in events] == [(at(time), line)] * 3


def test_lines_without_a_timestamp_join_the_event_before_also_over_the_edges_of_blocks() -> None:
    text = b"".join(
        b"2026-11-22 10:00:%02d,000 ERROR boom\nTraceback:\n  at 2026-01-01 00:00:00\n\n" % second
        for second in range(60)
    )
    for piece in (len(text), 100, 7, 1):
        events, report = read(text, piece=piece)
        assert len(events) == 60
        assert {event.message[24:] for event in events[:-1]} == {
            "ERROR boom\nTraceback:\n  at 2026-01-01 00:00:00\n"
        }
        assert bytes_of(events) + b"\n" == text
        assert [event.ingestion_time for event in events] == list(range(1, 241, 4))
        assert report.notes == []


def test_an_indented_date_belongs_to_the_event_before() -> None:
    events, _ = read(b"[2026-11-22 10:00:00] x\n 2026-01-01 00:00:00 row\n[2026-11-22 10:00:01] y\n")
    assert len(events) == 2


def test_lines_of_one_moment_keep_the_order_of_the_file() -> None:
    lines = [b"Nov 22 10:00:00 h z", b"Nov 22 10:00:00 h a", b"Nov 22 10:00:00 h z"]
    events, _ = read(b"\n".join(lines))
    assert [event.ingestion_time for event in events] == [1, 2, 3]


def test_what_precedes_the_first_timestamp_takes_its_time() -> None:
    events, report = read(b"Starting up\nok\n2026-11-22T10:00:00Z a\n2026-11-22T10:00:01Z b\n")
    assert [(event.timestamp, event.message) for event in events[:3]] == [
        (at(T), "Starting up"),
        (at(T), "ok"),
        (at(T), "2026-11-22T10:00:00Z a"),
    ]
    assert "2 lines" in report.remarks[0]


def test_a_file_without_times_is_a_line_an_event_at_the_time_of_the_file() -> None:
    events, report = read(b"b\na\n\nb\n")
    assert [(event.timestamp, event.ingestion_time, event.message) for event in events] == [
        (MODIFIED, 1, "b"),
        (MODIFIED, 2, "a"),
        (MODIFIED, 3, ""),
        (MODIFIED, 4, "b"),
    ]
    assert "no line tells a time" in report.remarks[0]


def test_two_formats_in_one_file_are_both_read() -> None:
    one, two = b"2026/11/22 10:00:00 [error] 1#1: x", b'1.1.1.1 - - [22/Nov/2026:10:00:01 +0000] "GET /" 200'
    events, _ = read(b"\n".join([one, two, two] * 20))
    assert len(events) == 60
    assert {event.timestamp for event in events} == {at(T), at(T) + 1000}


def test_a_format_that_comes_later_is_noticed() -> None:
    early = b"2026-11-22T10:00:00Z x\n" * 9_000
    late = b"Nov 22 10:00:00 host x\n" * 9_000
    for piece in (len(early), 50_000):
        events, _ = read(early + late, piece=piece)
        assert len(events) == 18_000


def test_levels_of_other_widths_move_the_timestamp_and_it_is_still_found() -> None:
    events, _ = read(b"ERROR 2026-11-22 10:00:00 x\n" * 500 + b"INFO 2026-11-22 10:00:00 x\n" * 3)
    assert len(events) == 503


def test_what_follows_one_timestamp_for_ever_is_split_between_lines() -> None:
    text = b"2026-11-22T10:00:00Z x\n" + b"no time here\n" * 300_000
    events, report = read(text)
    assert 3 < len(events) < 10
    assert max(len(event.message) for event in events) <= MOST_JOINED
    assert bytes_of(events) + b"\n" == text
    assert "split" in report.remarks[-1]


def test_a_line_of_ten_megabytes_is_one_event() -> None:
    long = b"2026-11-22T10:00:01Z " + b"x" * 10_000_000
    events, _ = read(b"2026-11-22T10:00:00Z a\n" + long + b"\n2026-11-22T10:00:02Z b\n")
    assert [len(event.message) for event in events] == [22, len(long), 22]


LINE = st.sampled_from(
    [
        b"2026-11-22T10:00:00Z a",
        b"Nov 22 10:00:00 h b",
        b"1795341600 c",
        b"2026-11-22T10:00:0",
        b"E1122 10:00:00.1 d",
        b"[22/Nov/2026:10:00:00",
        b"",
        b"\tat x",
        b"\xff\xfe caf\xe9",
        "2026-11-22 10:00:00 é€😀".encode(),
        b"2026-11-22 10:00:00 \xe2\x82",
        b"\x00\x00",
        b"cr\rin it",
        b"\xed\xa0\x80",
    ]
) | st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b""))


@settings(max_examples=300)
@given(st.lists(LINE, min_size=1, max_size=30), st.integers(1, 60), st.booleans())
def test_no_line_is_lost_or_doubled_and_its_bytes_survive(
    lines: Sequence[bytes], piece: int, ended: bool
) -> None:
    if lines[0].endswith(b"\r"):
        lines = [b"first", *lines]
    text = b"\n".join(lines)
    if ended or text.endswith(b"\n"):
        text += b"\n"
    events, _ = read(text, piece=piece)
    assert bytes_of(events) == text.removesuffix(b"\n")
    positions = [event.ingestion_time for event in events]
    assert positions == sorted(set(positions))


def test_line_ends_of_windows_go_and_lone_ones_stay() -> None:
    events, _ = read(b"2026-11-22 10:00:00 a\r\n  b\r\n2026-11-22 10:00:01 c\rd\r\n")
    assert [event.message for event in events] == ["2026-11-22 10:00:00 a\n  b", "2026-11-22 10:00:01 c\rd"]


TEXT = b"".join(b"2026-11-22T10:00:00.%03dZ line %d\n" % (number, number) for number in range(1000))


@pytest.mark.parametrize(
    "packed",
    [
        TEXT,
        b"\xef\xbb\xbf" + TEXT,
        TEXT.decode().encode("utf-16"),
        b"\xfe\xff" + TEXT.decode().encode("utf-16-be"),
        gzip.compress(TEXT, mtime=0),
        zstandard.compress(TEXT),
        zstandard.compress(TEXT[:5000]) + zstandard.compress(TEXT[5000:]),
        gzip.compress(TEXT.decode().encode("utf-16"), mtime=0),
    ],
)
def test_however_it_is_packed_the_text_is_the_same(tmp_path: Path, packed: bytes) -> None:
    (tmp_path / "a.log").write_bytes(packed)
    events, report = opened(tmp_path / "a.log")
    assert bytes_of(events) + b"\n" == TEXT
    assert {(event.group, event.stream) for event in events} == {(str(tmp_path / "a.log"), "a.log")}
    assert report.notes == []


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_cut_archive_gives_what_it_holds_and_says_so(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    text = b"".join(b"2026-11-22T10:00:00Z %d\n" % (number * 7919 % 100_003) for number in range(60_000))
    packed = pack(text)
    (tmp_path / "a.log").write_bytes(packed[: len(packed) * 3 // 4])
    events, report = opened(tmp_path / "a.log")
    assert 1000 < len(events) < 60_000
    assert text.startswith(bytes_of(events))
    assert "cut" in report.notes[0]


def test_a_damaged_zstd_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.zst").write_bytes(b"\x28\xb5\x2f\xfd not zstd")
    with pytest.raises(DataError, match="looks like zstd"):
        opened(tmp_path / "a.zst")


def test_a_file_that_shrinks_while_it_is_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(TEXT * 100)
    report = ReadReport()
    with path.open("rb") as file:
        pieces = text_of(file, "a.log", report)
        got = next(pieces)
        os.truncate(path, BLOCK)
        got += b"".join(pieces)
    assert got == (TEXT * 100)[:BLOCK]
    assert "became shorter" in report.notes[0]


class Vanishing(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(100)


def test_a_file_that_cannot_be_read_on_gives_what_came_before() -> None:
    report = ReadReport()
    assert b"".join(text_of(Vanishing(TEXT), "a.log", report)) == TEXT[:100]
    assert "up to byte 100 only (Input/output error)" in report.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        b"\x7fELF\x02\x01\x01" + bytes(100),
        bytes(range(256)) * 9,
        b"\x89PNG\r\n\x1a\n" + bytes(range(200)),
        gzip.compress(bytes(range(32)) * 9, mtime=0),
    ],
)
def test_what_is_no_text_is_refused_with_its_path(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "core").write_bytes(content)
    with pytest.raises(DataError, match="binary") as refused:
        opened(tmp_path / "core")
    assert str(tmp_path / "core") in refused.value.message


def test_a_log_truncated_under_its_writer_begins_with_nuls_and_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(bytes(50_000) + TEXT)
    events, _ = opened(tmp_path / "a.log")
    assert bytes_of(events) + b"\n" == bytes(50_000) + TEXT


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        (b'{"timestamp": 5, "logStream": "s", "message": "m"}\n', ["m"]),
        (b'{\n "events": [\n  {"timestamp": 5, "logStreamName": "s", "message": "m"}\n ]\n}\n', ["m"]),
        (b'[{"timestamp": 5, "logStream": "s", "message": "m"}]\n', ["m"]),
        (b"[INFO] no json\n", ["[INFO] no json"]),
        (b"{not json either\n", ["{not json either"]),
        (b"[1, 2]\n", ["[1, 2]"]),
    ],
)
def test_json_is_told_by_its_content(tmp_path: Path, content: bytes, messages: list[str]) -> None:
    (tmp_path / "a.log").write_bytes(content)
    assert [event.message for event in opened(tmp_path / "a.log")[0]] == messages


# Folders of an export task


def exported(folder: Path) -> Path:
    (folder / "aws-logs-write-test").parent.mkdir(exist_ok=True)
    (folder / "aws-logs-write-test").write_text("Permission Check Successful")
    for stream, part, text in (
        (
            "2026-11-22-[$LATEST]ab",
            0,
            "2026-11-22T10:00:00.000Z one\n\tat x\n2026-11-22T10:00:01.000Z  two\n",
        ),
        ("2026-11-22-[$LATEST]ab", 1, "2026-11-22T10:00:02.000Z 2026-11-22T09:00:00Z three\n"),
        ("web", 0, "2026-11-22T10:00:00.500Z {}\n2026-11-22T10:00:00.500Z\n"),
    ):
        place = folder / "task-id" / stream
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{part:06}.gz").write_bytes(gzip.compress(text.encode()))
    return folder


@pytest.mark.parametrize("below", ["", "task-id"])
def test_an_export_tasks_folder_is_its_streams(tmp_path: Path, below: str) -> None:
    events, report = opened(exported(tmp_path / "out") / below)
    assert [(event.stream, event.timestamp - at(T), event.message) for event in events] == [
        ("2026-11-22-[$LATEST]ab", 0, "one\n\tat x"),
        ("2026-11-22-[$LATEST]ab", 1000, " two"),
        ("2026-11-22-[$LATEST]ab", 2000, "2026-11-22T09:00:00Z three"),
        ("web", 500, "{}"),
        ("web", 500, ""),
    ]
    assert {event.group for event in events} == {str(tmp_path / "out" / "task-id")}
    assert len({(event.stream, event.ingestion_time) for event in events}) == 5
    assert (report.notes, report.remarks) == ([], [])


def test_one_stream_of_an_export_opens_and_a_folder_without_any_is_not_found(tmp_path: Path) -> None:
    assert len(opened(exported(tmp_path / "out") / "task-id" / "web")[0]) == 2
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound, match="holds no recording"):
        opened(tmp_path / "empty")
