"""Files that do not fit into memory: the same events, pages and streams from disk as from memory."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.adapters.offline import OfflineReader
from cwtui.adapters.offline_pages import Found, walk
from cwtui.adapters.recorded import RecordedGroup
from cwtui.adapters.recorded_files import Group, RecordedFiles
from cwtui.adapters.recorded_loading import Loading
from cwtui.adapters.recorded_shelf import Shelf, Streams, arranged, ascend
from cwtui.adapters.recorded_shelved import ShelvedGroup
from cwtui.core.models import EventBatch, LogEvent, TimeWindow
from cwtui.deliver.packed import Kept

EVENTS = st.tuples(st.integers(0, 6), st.integers(0, 1), st.sampled_from("ab"), st.sampled_from(["", "n"]))
BATCHES = st.lists(st.lists(EVENTS, min_size=1, max_size=5), min_size=1, max_size=6)
Told = list[list[tuple[int, int, str, str]]]


def batches_of(told: Told) -> list[Kept]:
    """Batches whose messages count up, so that each event can be told from the others."""
    numbers = iter(range(1000))
    found = []
    for rows in told:
        events = []
        for at, later, stream, name in rows:
            number = next(numbers)
            event_id = f"{name}{number:04}" if name else ""
            events.append(LogEvent(at, at + later, "/a", stream, f"m{number}", event_id, "1", "r"))
        found.append(Kept.of(EventBatch.of(events)))
    return found


def in_memory(told: Told) -> RecordedGroup:
    loading = Loading("1", "r", "/a")
    for kept in batches_of(told):
        loading.add(kept, live=False)
    return RecordedGroup(loading, None)


def on_disk(told: Told) -> ShelvedGroup:
    shelf, streams = Shelf(), Streams()
    shelved = []
    for kept in batches_of(told):
        streams.note(kept)
        shelved.append(shelf.put(kept))
    return ShelvedGroup("1", "r", "/a", shelved, streams)


def facts(batches: Sequence[EventBatch]) -> list[tuple[int, int, str, str]]:
    return [
        (event.timestamp, event.ingestion_time, event.stream, event.message)
        for batch in batches
        for event in batch.events()
    ]


def walked(group: Group, start: int, end: int | None, limit: int, *, backward: bool) -> Found:
    ranges = group.ranges(start, end, 0)
    return walk(group, ranges, 0, "a".__eq__, lambda message: "3" not in message, limit, backward=backward)


@given(BATCHES, st.integers(0, 7), st.one_of(st.none(), st.integers(0, 8)), st.integers(1, 6))
def test_a_group_on_disk_gives_what_one_in_memory_gives(
    told: Told, start: int, end: int | None, limit: int
) -> None:
    memory, disk = in_memory(told), on_disk(told)
    assert len(memory) == len(disk)
    assert memory.span(0) == disk.span(0)
    assert memory.streams(0) == disk.streams(0)
    assert sorted(memory.names(0)) == sorted(disk.names(0))
    assert facts(list(disk.slices(start, end, limit))) == facts(list(memory.slices(start, end, 100)))
    assert memory.ranges(start, end, 0) == disk.ranges(start, end, 0)
    for backward in (False, True):
        one, other = (walked(group, start, end, limit, backward=backward) for group in (memory, disk))
        assert one == other
        assert facts([memory.batch(one.picks, one.messages)]) == facts([disk.batch(one.picks, one.messages)])


@given(BATCHES)
def test_batches_are_merged_by_time_then_as_they_stand(told: Told) -> None:
    shelf = Shelf()
    shelved = [shelf.put(kept) for kept in batches_of(told)]
    merged = [kept.batch() for kept in arranged(shelved)]
    rows = [row for batch in (each.batch() for each in batches_of(told)) for row in facts([batch])]
    assert facts(merged) == sorted(rows, key=lambda row: row[:2])
    assert ascend([shelf.put(Kept.of(batch)) for batch in merged])


def test_twins_without_a_name_get_one_each_over_the_edge_of_a_block() -> None:
    twin = LogEvent(5, 5, "/a", "s", "same")
    alone = LogEvent(6, 6, "/a", "s", "alone")
    shelf, streams = Shelf(), Streams()
    kept = [Kept.of(EventBatch.of(events)) for events in ([twin], [twin, twin], [alone])]
    for each in kept:
        streams.note(each)
    group = ShelvedGroup("", "", "/a", [shelf.put(each) for each in kept], streams)
    names = group.batch([(0, row) for row in range(4)], ["same"] * 3 + ["alone"]).event_ids
    assert len(set(names[:3]) - {""}) == 3
    assert names[3] == ""


async def test_a_file_past_the_limit_is_read_as_one_within_it(tmp_path: Path) -> None:
    lines = [f"2026-11-22T10:{at // 60 % 60:02}:{at % 60:02}Z line {at}\n" for at in range(60_000)]
    path, other = tmp_path / "a.log", tmp_path / "b.log"
    path.write_text("".join(lines[30_000:] + lines[:30_000]))
    other.write_text("".join(lines[:100]))
    found = []
    for most in (0, 1 << 20, 1 << 40):
        reader = OfflineReader([path, other], clock=lambda: 0, context_name="test", most_kept=most)
        read = facts([batch async for batch in reader.as_read()])
        again = facts([batch async for batch in reader.in_bulk(str(path), TimeWindow(0))])
        found.append((sorted(read), again, await reader.extent(()), reader.notes))
        await reader.aclose()
    assert found[0] == found[1] == found[2]
    assert len(found[0][1]) == 60_000
    assert len(found[0][0]) == 60_100


async def test_a_consumer_that_comes_late_gets_what_moved_to_disk_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {at}\n" for at in range(50_000)))
    reader = OfflineReader([path], clock=lambda: 0, context_name="test", most_kept=1 << 20)
    slow = reader.as_read()
    count = len(await anext(slow))
    while reader.reading is not None:
        await asyncio.sleep(0.01)
    count += sum([len(batch) async for batch in slow])
    assert count == 50_000


async def test_a_full_disk_ends_the_reading_and_loses_nothing_of_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {at}\n" for at in range(100_000)))
    real, left = os.pwrite, [300_000]

    def small_disk(file: int, data: bytes, at: int) -> int:
        left[0] -= len(data)
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data, at)

    monkeypatch.setattr(os, "pwrite", small_disk)
    files = RecordedFiles([path], 0, most_kept=0)
    (group,) = files.read().values()
    messages = [message for batch in group.slices(0, None, 70) for message in batch.messages]
    assert 0 < len(messages) < 100_000
    assert messages == [f"line {at}" for at in range(len(messages))]
    assert "No space left on device" in files.notes[0]


def test_without_a_temporary_folder_what_came_stays_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {at}\n" for at in range(30_000)))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    files = RecordedFiles([path], 0, most_kept=0)
    (group,) = files.read().values()
    assert 0 < len(group) < 30_000
    assert "finds no room" in files.notes[0]
