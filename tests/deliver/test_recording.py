"""Recordings: what is written reads back the same; what is broken reads as far as it goes."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.cli.output import event_record
from cwtui.core.errors import CwtuiError, DataError, InputError, NotFound
from cwtui.core.models import EventBatch, LogEvent, has_ingestion
from cwtui.deliver.encode import csv_table, gzipped, jsonl
from cwtui.deliver.lines import ReadReport
from cwtui.deliver.manifest import About, Manifest
from cwtui.deliver.parquet import parquet
from cwtui.deliver.reading import read_stream
from cwtui.deliver.recording import read_events, read_manifest, recording_parts
from tests.deliver.support import columns_of, event, joined

# A high and a low surrogate side by side are one character in JSON: no reader can tell them apart.
TEXT = st.text(
    st.characters(min_codepoint=0, max_codepoint=0xDBFF) | st.characters(min_codepoint=0xE000), max_size=20
) | st.sampled_from(["\ud800", "\x00", "\r\n", "\u2028", "x\udc80y", "\ufeff", "{}", "\x1b]52;c;eA==\x07"])
EVENTS = st.lists(
    st.builds(
        LogEvent,
        st.integers(-(2**63), 2**63 - 1),
        st.integers(0, 2**62),
        st.sampled_from(["/a", "/b", "c d/é"]),
        TEXT,
        TEXT,
        st.sampled_from(["", "37"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["eu-west-1", "us-east-1"]),
    ),
    max_size=30,
)


def flat(batches: Iterable[EventBatch]) -> list[LogEvent]:
    return [found for batch in batches for found in batch.events()]


def of_group(events: Iterable[LogEvent]) -> dict[tuple[str, str, str], list[LogEvent]]:
    groups: dict[tuple[str, str, str], list[LogEvent]] = {}
    for found in events:
        groups.setdefault((found.account, found.region, found.group), []).append(found)
    return groups


def read(text: bytes, name: str = "x.jsonl") -> tuple[list[LogEvent], ReadReport]:
    report = ReadReport()
    return flat(read_stream(io.BytesIO(text), name, "stem", report)), report


def write_recording(folder: Path, events: list[LogEvent], about: About) -> None:
    folder.mkdir()
    for part in recording_parts([columns_of(events[:3]), columns_of(events[3:])], about):
        (folder / part.name).write_bytes(joined(part.chunks))


@settings(deadline=None)
@given(EVENTS.filter(len), st.booleans())
def test_what_is_written_reads_back_the_same_twins_and_order_included(
    events: list[LogEvent], packed: bool
) -> None:
    events += events[:2]
    lines = jsonl([columns_of(events[:7]), columns_of(events[7:])])
    found, report = read(joined(gzipped(lines) if packed else lines))
    # What is no moment was the number of a line, and is that of the line again.
    told = [
        each if has_ingestion(each) else replace(each, ingestion_time=number)
        for number, each in enumerate(events, 1)
    ]
    assert of_group(found) == of_group(told)
    assert report == ReadReport(records=len(events))


def test_batches_stay_small_and_hold_one_group_each(tmp_path: Path) -> None:
    events = [event(n, "x", group=f"/g{n % 3}") for n in range(16_000)]
    file = tmp_path / "out.jsonl"
    file.write_bytes(joined(jsonl([columns_of(events)])))
    batches = list(read_events(file))
    assert max(map(len, batches)) <= 5_000
    assert {batch.group for batch in batches} == {"/g0", "/g1", "/g2"}
    assert of_group(flat(batches)) == of_group(events)


def test_a_recording_says_what_it_holds(tmp_path: Path) -> None:
    events = [event(5 + n, "x", group=f"/g{n % 2}", stream=f"s{n}") for n in range(5)]
    about = About(created=99, query="level >= ERROR", redacted=True, partial=("/g3: throttled",))
    write_recording(tmp_path / "r", events, about)
    manifest = read_manifest(tmp_path / "r")
    assert (manifest.events, manifest.streams, manifest.first, manifest.last) == (5, 5, 5, 9)
    assert [(group.name, group.events, group.first, group.last) for group in manifest.groups] == [
        ("/g0", 3, 5, 9),
        ("/g1", 2, 6, 8),
    ]
    assert (manifest.created, manifest.query, manifest.redacted) == (99, "level >= ERROR", True)
    assert manifest.partial == ("/g3: throttled",)
    assert of_group(flat(read_events(tmp_path / "r"))) == of_group(events)


def test_a_recording_of_nothing_opens(tmp_path: Path) -> None:
    write_recording(tmp_path / "r", [], About(created=1))
    assert flat(read_events(tmp_path / "r")) == []
    assert read_manifest(tmp_path / "r").first is None


def test_a_file_without_a_manifest_has_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").touch()
    assert read_manifest(tmp_path / "x.jsonl") == Manifest()


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "cwtui.recording/9"}', "\x00"])
def test_a_broken_manifest_is_one_sentence_with_its_path(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DataError, match=r"manifest\.json"):
        read_manifest(tmp_path)


LINES = joined(jsonl([columns_of([event(n, f"line {n}") for n in range(1000)])]))


def test_a_cut_last_line_is_left_out_and_reported() -> None:
    found, report = read(LINES[:-20])
    assert [item.message for item in found] == [f"line {n}" for n in range(999)]
    assert report.notes == ["x.jsonl: line 1000 is cut and was left out."]


def test_a_last_line_without_its_line_end_is_whole() -> None:
    found, report = read(LINES[:-1])
    assert len(found) == 1000
    assert report.notes == []


def test_a_cut_gzip_gives_what_it_holds() -> None:
    packed = gzip.compress(LINES)
    found, report = read(packed[: len(packed) // 2])
    assert 0 < len(found) < 1000
    assert [item.message for item in found] == [f"line {n}" for n in range(len(found))]
    assert "gzip data ends early" in report.notes[0]


def test_a_damaged_gzip_gives_what_stands_before_the_damage() -> None:
    source = b"".join(
        joined(jsonl([columns_of([event(n, hex(hash((n, k))))])])) for n in range(9000) for k in (1,)
    )
    packed = bytearray(gzip.compress(source))
    at = len(packed) - 40
    packed[at : at + 8] = b"\xff" * 8
    found, report = read(bytes(packed))
    assert found
    assert any("damaged" in note or "cut" in note for note in report.notes)


def test_gzip_members_one_after_another_are_one_file() -> None:
    half = LINES.index(b"\n", len(LINES) // 2) + 1
    found, report = read(gzip.compress(LINES[:half]) + gzip.compress(LINES[half:]))
    assert len(found) == 1000
    assert report.notes == []


@pytest.mark.parametrize("beyond", [0, 1, 100, 257, 300, 40_000])
def test_a_gzip_that_unpacks_to_a_thousandfold_is_read_to_its_end(beyond: int) -> None:
    padding = b"\n" * ((3 << 20) + beyond - 2 * len(LINES))
    found, report = read(gzip.compress(LINES + padding + LINES))
    assert len(found) == 2000
    assert report.notes == []


def test_two_broken_lines_do_not_make_a_whole_one() -> None:
    found, report = read(LINES + b'{"timestamp":1,"logStream":"s"\n"message":"m"}\n')
    assert len(found) == 1002
    assert report.malformed == 2


def test_a_broken_line_in_the_middle_stands_as_a_message() -> None:
    found, report = read(LINES + b"oops, no JSON\n" + LINES)
    assert len(found) == 2001
    assert [item.message for item in found if item.group == "stem"] == ["oops, no JSON"]
    assert report.malformed == 1
    assert report.notes == ["x.jsonl: line 1001 is not JSON; it stands as a message."]


def test_many_broken_lines_are_counted_not_listed() -> None:
    found, report = read(LINES + b"oops\n" * 500)
    assert len(found) == 1500
    assert len(report.notes) == 6
    assert "500 lines" in report.notes[-1]


@pytest.mark.parametrize(
    ("record", "timestamp", "message"),
    [
        ('{"timestamp": NaN, "ingestionTime": 7, "message": "m"}', 7, "m"),
        ('{"ingestionTime": 7, "message": "m"}', 7, "m"),
        ('{"timestamp": null, "message": "m"}', 999, "m"),
        ('{"timestamp": "1795298400000", "message": "m"}', 1_795_298_400_000, "m"),
        ('{"timestamp": "2026-11-21T22:00:00Z", "message": "m"}', 1_795_298_400_000, "m"),
        ('{"timestamp": "yesterday", "message": "m"}', 999, "m"),
        ('{"timestamp": 1e300, "message": "m"}', 999, "m"),
        ('{"timestamp": true, "message": "m"}', 999, "m"),
        ('{"timestamp": 5, "logStream": "s"}', 5, ""),
        ('{"timestamp": 5, "message": NaN}', 5, ""),
        ('{"timestamp": 5, "message": {"a": 1}}', 5, '{"a": 1}'),
        ('{"msg": "tells no time"}', 999, '{"msg": "tells no time"}'),
    ],
)
def test_a_malformed_record_is_kept_as_far_as_it_goes(record: str, timestamp: int, message: str) -> None:
    found, report = read(LINES + record.encode() + b"\n")
    assert (found[-1].timestamp, found[-1].message) == (timestamp, message)
    assert (len(found), report.records, report.malformed) == (1001, 1001, 1)


@pytest.mark.parametrize(
    ("record", "timestamp"),
    [
        ('{"time": "1970-01-01T00:00:05Z", "msg": "own"}', 5000),
        ('{"ts":1795298400.25,"n":1.0e2,"n":2}', 1_795_298_400_250),
        ('{"ts": 1795298400250, "b": "\\u00e9"}', 1_795_298_400_250),
        ('{"time": 1795298400250123456}', 1_795_298_400_250),
        ('{"asctime": "2026-11-21 22:00:00,250"}', 1_795_298_400_250),
    ],
)
def test_an_applications_own_record_is_the_message_as_written(record: str, timestamp: int) -> None:
    found, report = read(record.encode() + b"\r\n" + record.encode())
    assert [(item.timestamp, item.message) for item in found] == [(timestamp, record)] * 2
    assert len({item.ingestion_time for item in found}) == 2
    assert report.malformed == 0


def test_what_docker_wraps_around_a_line_is_taken_off() -> None:
    found, _ = read(b'{"log":"hello\\n","stream":"stderr","time":"2026-11-21T22:00:00.250123456Z"}\n')
    assert (found[0].timestamp, found[0].stream, found[0].message) == (1_795_298_400_250, "stderr", "hello")


def test_a_sound_record_with_fewer_keys_is_not_malformed() -> None:
    found, report = read(b'{"timestamp": 5, "logStreamName": "s", "message": "m"}\n')
    assert (found[0].group, found[0].stream, found[0].message) == ("stem", "s", "m")
    assert report.malformed == 0


def test_stray_bytes_stay_in_the_message() -> None:
    found, report = read(b'{"timestamp": 5, "logStream": "s", "message": "a\xff"}\n')
    assert found[0].message == "a\udcff"
    assert report.malformed == 0


AWS = {
    "events": [
        {"logStreamName": "s", "timestamp": n, "message": f"m{n}", "eventId": str(n)} for n in range(3)
    ]
}


@pytest.mark.parametrize("indent", [None, 4])
def test_what_aws_logs_prints_opens(tmp_path: Path, indent: int | None) -> None:
    file = tmp_path / "api.prod.json"
    file.write_text(json.dumps(AWS | {"searchedLogStreams": []}, indent=indent))
    found = flat(read_events(file))
    assert [item.message for item in found] == ["m0", "m1", "m2"]
    assert {(item.group, item.stream) for item in found} == {("api", "s")}


def test_several_documents_in_one_file_open() -> None:
    found, report = read("\n".join(json.dumps(AWS, indent=2) for _ in range(3)).encode())
    assert len(found) == 9
    assert report.notes == []


def test_a_file_of_cloudtrail_holds_its_records_and_an_invocation_is_one() -> None:
    trail = [
        {
            "eventTime": f"2026-11-22T10:00:0{n}Z",
            "eventSource": "s3.amazonaws.com",
            "eventName": "GetObject",
            "eventID": f"e{n}",
        }
        for n in range(3)
    ]
    events = read(json.dumps({"Records": trail}).encode())[0]
    assert [json.loads(event.message)["eventID"] for event in events] == ["e0", "e1", "e2"]
    assert events[2].timestamp - events[0].timestamp == 2_000
    invoked = {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {}}]}
    assert len(read(json.dumps(invoked).encode() + b"\n" + json.dumps(invoked).encode())[0]) == 2


def test_records_over_several_lines_open() -> None:
    text = "\n".join(json.dumps(record, indent=2) for record in AWS["events"])
    assert len(read(text.encode())[0]) == 3
    assert len(read(json.dumps(AWS["events"], indent=2).encode())[0]) == 3


def test_a_cut_document_gives_its_whole_records() -> None:
    found, report = read(json.dumps(AWS, indent=2).encode()[:-60])
    assert [item.message for item in found] == ["m0", "m1"]
    assert "cut or damaged after 2" in report.notes[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "holds no events"),
        (b'{"events": []}', "holds no events"),
        (b"\x7fELF\x00\x01", "binary"),
        (gzip.compress(b"\x00\x01", mtime=0), "binary"),
        (b"\x1f\x8b\x08 not gzip", "cannot be unpacked"),
        (b"2026-11-22 plain text\nanother\n", "line 1 cannot be read"),
        (b"<html>\n", "line 1 cannot be read"),
        (b'{"timestamp": 1, "mess', "line 1 cannot be read"),
        (b"\n\n{oops}\n", "line 3 cannot be read"),
        (b"1\n2\n", "no event records"),
        (b"PAR1 not really", "Parquet"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_sentence_with_its_path(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_bytes(content)
    with pytest.raises(DataError, match=said) as refused:
        flat(read_events(file))
    assert str(file) in refused.value.message


def test_a_missing_path_and_a_folder_without_events_are_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(NotFound, match=str(path)):
            flat(read_events(path))
    with pytest.raises(NotFound):
        read_manifest(tmp_path / "nowhere")


@pytest.mark.parametrize("path", ["/proc/self/mem", "n" * 300])
def test_a_path_that_cannot_be_read_is_an_input_error(path: str) -> None:
    with pytest.raises(InputError, match=f"{path} cannot be read"):
        flat(read_events(path))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.booleans())
def test_no_bytes_bring_the_reader_down(content: bytes, packed: bool) -> None:
    with contextlib.suppress(CwtuiError):
        read(gzip.compress(content) if packed else content)


@pytest.mark.parametrize("depth", [200, 900, 5_000])
def test_deep_nesting_is_no_danger(depth: int) -> None:
    for text in (b"[" * depth + b"]" * depth, b'{"message":' * depth + b"1" + b"}" * depth):
        try:
            found, _ = read(LINES + text + b"\n")
        except DataError:
            continue
        assert len(found) >= 1000


def test_a_false_ingestion_time_leaves_as_none_and_a_recording_reopens_the_same(tmp_path: Path) -> None:
    lines = ["2026-11-22T10:00:00Z b", "2026-11-22T10:00:00Z a", "2026-11-22T10:00:00Z c"]
    (tmp_path / "app.log").write_text("\n".join(lines) + "\n")
    events = flat(read_events(tmp_path / "app.log"))
    assert [item.ingestion_time for item in events] == [1, 2, 3]
    columns = [columns_of(events)]
    records = [json.loads(line) for line in joined(jsonl(columns)).splitlines()]
    assert [record["ingestionTime"] for record in records] == [None, None, None]
    assert [event_record(item)["ingestionTime"] for item in events] == [None, None, None]
    for name, encoded in (("jsonl", jsonl), ("csv", csv_table), ("parquet", parquet)):
        (tmp_path / f"copy.{name}").write_bytes(joined(encoded(columns)))
        assert flat(read_events(tmp_path / f"copy.{name}")) == events, name
    write_recording(tmp_path / "kept", events, About(created=1))
    assert flat(read_events(tmp_path / "kept")) == events


def test_json_that_tells_no_time_stands_at_that_of_the_file_as_text_does(tmp_path: Path) -> None:
    file = tmp_path / "app.jsonl"
    file.write_text('{"msg":"a"}\n{"msg":"b"}\n{"msg":"c","ts":1795298400}\nno json\n{"msg":"d"}\n')
    os.utime(file, (1_795_000_000, 1_795_000_000))
    report = ReadReport()
    times = [item.timestamp for item in flat(read_events(file, report))]
    assert times == [1_795_000_000_000] * 2 + [1_795_298_400_000] * 3
    assert report.malformed == 4
