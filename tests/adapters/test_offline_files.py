"""Files behind the reader: how far reading is, stopping it, sharing it, and nameless twins."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cwtui.adapters.offline import OfflineReader
from cwtui.adapters.recorded_files import RecordedFiles
from cwtui.core.models import EventsRequest, TimeWindow

LINES = b"".join(b"Nov 22 10:00:%02d h line %d\n" % (number % 60, number) for number in range(100_000))
EVER = TimeWindow(0)


def reader(*paths: Path) -> OfflineReader:
    return OfflineReader(paths, clock=lambda: 0, context_name="test")


async def test_how_far_reading_is_and_how_times_were_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(LINES)
    source = reader(path)
    assert source.loaded_bytes == (0, len(LINES))
    await source.load()
    assert source.loaded_bytes == (len(LINES), len(LINES))
    assert source.notes == []
    assert any("no zone" in remark for remark in source.remarks)


async def test_reading_that_is_stopped_keeps_what_it_has_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(LINES)
    source = reader(path)
    source.stop_loading()
    page = await source.events_page(EventsRequest(str(path), EVER), None)
    assert 0 < len(page.batch) <= 10_000
    assert "Reading was stopped" in source.notes[0]


async def test_whoever_leaves_does_not_end_the_reading_that_others_wait_for(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(LINES)
    source = reader(path)
    one = asyncio.create_task(source.load())
    await asyncio.sleep(0)
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    await source.load()
    assert source.loaded_bytes[0] == len(LINES)
    await source.aclose()


async def test_twins_without_a_name_get_one_each_and_others_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = '{{"timestamp": 5, "ingestionTime": 7, "logStream": "{}", "message": "m", "eventId": "{}"}}\n'
    path.write_text(
        line.format("s", "") * 3 + line.format("t", "") + line.format("s", "own") + line.format("s", "own")
    )
    names = (await reader(path).events_page(EventsRequest("a", EVER), None)).batch.event_ids
    assert len(set(names[:3])) == 3
    assert list(names[3:]) == ["", "own", "own"]


def test_files_that_are_read_apart_or_here_are_the_same(tmp_path: Path) -> None:
    one, two = tmp_path / "a.log", tmp_path / "b.jsonl"
    one.write_bytes(LINES[:3000] + b"\xff")
    two.write_text('{"timestamp": 5, "message": "m"}\n{"eventId": "n"}')
    found = []
    for apart in (0, 1 << 40):
        files = RecordedFiles([one, two], 0, apart=apart)
        groups = files.read().values()
        batches = [batch for group in groups for batch in group.slices(0, None, 70)]
        found.append((batches, files.notes, files.remarks, files.bytes_read))
    assert found[0] == found[1]
    assert found[0][1] == [f"{two}: 1 records lack a timestamp or a message."]
    assert found[0][3] == one.stat().st_size + two.stat().st_size
