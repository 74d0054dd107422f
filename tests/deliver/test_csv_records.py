from __future__ import annotations

from pathlib import Path

from cwtui.core.models import LogEvent
from cwtui.deliver.encode import csv_table
from cwtui.deliver.lines import ReadReport
from cwtui.deliver.recording import read_events
from tests.deliver.support import columns_of, event

EVENTS = [
    event(1, "plain"),
    event(2, 'quoted "x", two\nlines\r\nand more', event_id="n"),
    event(3, "=1+1", stream="-s"),
    event(4, "\u00e9 \U0001f389 " + "long" * 50_000),
    event(5, ""),
]


def read(path: Path) -> tuple[list[LogEvent], ReadReport]:
    report = ReadReport()
    return [found for batch in read_events(path, report) for found in batch.events()], report


def test_a_csv_export_opens_as_the_events_it_is(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(b"".join(csv_table([columns_of(EVENTS)])))
    assert read(path)[0] == EVENTS


def test_a_table_without_the_iso_time_and_without_a_group_opens_too(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("timestamp,message\n1,a\n-2,b\nsoon,c\n\n4\n")
    found, report = read(path)
    assert [(each.timestamp, each.group, each.message) for each in found] == [
        (1, "some", "a"),
        (-2, "some", "b"),
        (-2, "some", "c"),
        (4, "some", ""),
    ]
    assert report.malformed == 2


def test_another_table_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("timestamp,message,price\n1,a,2\n")
    assert [each.message for each in read(path)[0]] == ["timestamp,message,price", "1,a,2"]
