"""Files that change or vanish after they were read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cwtui.adapters.file_stamps import changes, stamp_of
from cwtui.adapters.offline import OfflineReader
from cwtui.core.errors import CwtuiError
from cwtui.core.models import EventsRequest, TimeWindow

LINE = "2026-11-22T10:00:00Z {}\n"


def reader(*paths: Path) -> OfflineReader:
    return OfflineReader(paths, clock=lambda: 0, context_name="test")


async def messages(source: OfflineReader, path: Path) -> list[str]:
    page = await source.events_page(EventsRequest(str(path), TimeWindow(0)), None)
    return [message[-1] for message in page.batch.messages]


async def test_a_file_that_changed_is_read_anew_and_one_that_did_not_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(LINE.format(1))
    source = reader(path)
    assert await source.look_again() == "", "nothing was read yet"
    assert await messages(source, path) == ["1"]
    assert await source.look_again() == "Nothing changed on disk since it was read."
    assert not source.unread
    path.write_text(LINE.format(1) + LINE.format(2))
    assert await source.look_again() == "a.log changed: it is read anew."
    assert source.unread
    assert await messages(source, path) == ["1", "2"]


async def test_of_a_file_that_is_gone_stays_what_was_read(tmp_path: Path) -> None:
    one, two = tmp_path / "a.log", tmp_path / "b.log"
    one.write_text(LINE.format(1))
    two.write_text(LINE.format(2))
    source = reader(one, two)
    await source.load()
    one.unlink()
    two.write_text(LINE.format(3) + LINE.format(4))
    assert await source.look_again() == "a.log is gone; b.log changed: what was read stays."
    assert await messages(source, one) == ["1"]
    assert await messages(source, two) == ["2"]


async def test_a_folder_changes_with_any_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "events.jsonl").write_text('{"timestamp": 5, "message": "m"}\n')
    source = reader(folder)
    await source.load()
    assert "Nothing changed" in await source.look_again()
    (folder / "events.jsonl").write_text('{"timestamp": 5, "message": "m"}\n' * 2)
    assert await source.look_again() == "logs changed: it is read anew."


async def test_what_could_not_be_read_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00")
    source = reader(path)
    with pytest.raises(CwtuiError):
        await source.load()
    path.write_text(LINE.format(1))
    assert "changed" in await source.look_again()
    assert await messages(source, path) == ["1"]


def test_a_pipe_is_not_read_twice(tmp_path: Path) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "a.log"
    os.mkfifo(pipe)
    file.write_text(LINE.format(1))
    stamps = [stamp_of(Path("-")), stamp_of(pipe), stamp_of(file)]
    found = changes([Path("-"), pipe, file], stamps)
    assert (found.once, found.changed, found.gone) == ((Path("-"), pipe), (), ())
    assert not found.readable
    assert found.words == "What was piped in cannot be read twice: what was read stays."
