from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cwtui.core.errors import CwtuiError
from cwtui.deliver.apart import read_apart
from cwtui.deliver.lines import ReadReport
from cwtui.deliver.recording import read_events

TEXT = b"first\n" + b"2026-01-02T10:00:00 caf\xe9\n\tat x\n2026-01-02T10:00:01 \xf0\x9f\x8e\x89\n" * 500


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("text.log", TEXT),
        (
            "records.jsonl",
            json.dumps({"timestamp": 1, "message": "m", "eventId": "n"}).encode() + b"\n{\n5\n{",
        ),
    ],
)
def test_a_file_that_is_read_apart_gives_the_same_events_and_report(
    name: str, text: bytes, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(text)
    here, there = ReadReport(), ReadReport()
    assert [kept.batch() for kept in read_apart(path, there)] == list(read_events(path, here))
    assert there == here
    assert there.bytes_read == here.bytes_read == len(text)


@pytest.mark.parametrize("text", [b"", b"\x00\x01\x02\x03" * 99, None])
def test_a_file_that_cannot_be_read_apart_fails_as_it_does_here(text: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "f.log"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(CwtuiError) as here:
        list(read_events(path))
    with pytest.raises(CwtuiError) as there:
        list(read_apart(path, ReadReport()))
    assert (type(there.value), vars(there.value)) == (type(here.value), vars(here.value))


@contextmanager
def children_of_this() -> Iterator[list[int]]:
    """The processes that were begun within; those that have ended and were waited for are none."""
    kept = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if not kept.exists():
        pytest.skip("only Linux tells the children of a process")
    before = set(kept.read_text().split())
    found: list[int] = []
    yield found
    found += [int(child) for child in kept.read_text().split() if child not in before]


def test_leaving_ends_the_process(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    path.write_bytes(TEXT * 400)
    with children_of_this() as left, closing(read_apart(path, ReadReport())) as batches:
        next(batches)
    assert left == []


def test_a_process_that_is_killed_leaves_what_it_read_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    path.write_bytes(TEXT * 400)
    report = ReadReport()
    with children_of_this() as running:
        batches = read_apart(path, report)
        first = next(batches)
    os.kill(running[0], signal.SIGKILL)
    rest = list(batches)
    assert len(first) + sum(map(len, rest)) == report.records
    assert report.notes == [
        f"{path}: the process that read it ended after {report.records:,} events; the rest is missing."
    ]


def test_the_folder_one_stands_in_is_no_part_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pickle.py").write_text("raise SystemExit")
    (tmp_path / "a.log").write_bytes(TEXT)
    monkeypatch.chdir(tmp_path)
    assert sum(map(len, read_apart("a.log", ReadReport()))) == 1001
