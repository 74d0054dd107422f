"""Exports to the disk: atomic, exclusive, and honest about a full or forbidden one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cwtui.adapters.files import FileExporter
from cwtui.core.errors import InputError, NotFound, StorageFull
from cwtui.core.ports import ExportProgress, Part


def ignore(progress: ExportProgress) -> None:
    """A report that nobody reads."""


class Cancelled(Exception):
    """Raised by a report to stop the export."""


def test_a_part_without_a_name_is_the_target_itself(tmp_path: Path) -> None:
    seen: list[ExportProgress] = []
    result = FileExporter().export([Part("", [b"one", b"two"])], str(tmp_path / "out.jsonl"), seen.append)
    assert (tmp_path / "out.jsonl").read_bytes() == b"onetwo"
    assert result.target == str(tmp_path / "out.jsonl")
    assert result.bytes_written == 6
    assert seen == [ExportProgress("out.jsonl", 3), ExportProgress("out.jsonl", 6)]
    assert os.listdir(tmp_path) == ["out.jsonl"]


def test_named_parts_make_a_folder_for_the_user_alone(tmp_path: Path) -> None:
    target = tmp_path / "incident"
    result = FileExporter().export([Part("a", [b"1"]), Part("b", [b"22"])], str(target), ignore)
    assert sorted(path.name for path in target.iterdir()) == ["a", "b"]
    assert result.files == (str(target / "a"), str(target / "b"))
    assert result.bytes_written == 3
    assert target.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["", "events.jsonl"])
def test_a_cancelled_export_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    closed = []

    def chunks() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 100
        finally:
            closed.append(True)

    def cancel(progress: ExportProgress) -> None:
        if progress.bytes_done >= 300:
            raise Cancelled

    with pytest.raises(Cancelled):
        FileExporter().export([Part(name, chunks())], str(tmp_path / "out"), cancel)
    assert closed == [True]
    assert os.listdir(tmp_path) == []


def test_nothing_that_stands_is_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "out.tar.gz"
    file.write_text("mine")
    with pytest.raises(InputError, match=r"out\.tar\.gz exists") as refused:
        FileExporter().export([Part("", [b"x"])], str(file), ignore)
    assert "out-2.tar.gz" in refused.value.hint
    assert file.read_text() == "mine"
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mine").touch()
    with pytest.raises(InputError, match="folder exists"):
        FileExporter().export([Part("events", [b"x"])], str(folder), ignore)
    with pytest.raises(InputError, match="is a folder"):
        FileExporter().export([Part("", [b"x"])], str(folder), ignore)
    assert os.listdir(folder) == ["mine"]


def test_an_empty_file_or_folder_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    FileExporter().export([Part("", [b"x"])], str(tmp_path / "file"), ignore)
    FileExporter().export([Part("events", [b"y"])], f"{tmp_path}/folder/", ignore)
    assert (tmp_path / "file").read_bytes() == b"x"
    assert (tmp_path / "folder" / "events").read_bytes() == b"y"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    FileExporter().export([Part("", [b"x"])], str(tmp_path / "link"), ignore)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "a\x00b"])
def test_no_part_leaves_the_target(tmp_path: Path, name: str) -> None:
    target = tmp_path / "in" / "target"
    target.parent.mkdir()
    with pytest.raises(InputError, match="no name for a file"):
        FileExporter().export([Part(name, [b"x"])], str(target), ignore)
    assert os.listdir(tmp_path) == ["in"]
    assert os.listdir(target.parent) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere does not exist") as missing:
        FileExporter().export([Part("", [b"x"])], str(tmp_path / "nowhere" / "out"), ignore)
    assert "mkdir" in missing.value.hint


def test_a_name_that_no_disk_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too long"):
        FileExporter().export([Part("", [b"x"])], str(tmp_path / ("n" * 300)), ignore)
    with pytest.raises(InputError, match="NUL"):
        FileExporter().export([Part("", [b"x"])], "a\x00b", ignore)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the device is Linux's")
def test_a_full_device_is_a_full_disk() -> None:
    with pytest.raises(StorageFull, match="/dev/full"):
        FileExporter().export([Part("", [b"x"])], "/dev/full", ignore)


@pytest.mark.parametrize("name", ["", "events.jsonl"])
def test_a_disk_that_fills_up_keeps_nothing_half_written(tmp_path: Path, name: str) -> None:
    # The limit on file sizes is the only disk that a test can fill without being root.
    program = """
import resource, sys
from cwtui.adapters.files import FileExporter
from cwtui.core.errors import StorageFull
from cwtui.core.ports import Part
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    FileExporter().export([Part(sys.argv[2], (b"x" * 50_000 for _ in range(9)))], sys.argv[1], lambda _: None)
except StorageFull as full:
    print(full.message)
"""
    target = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", program, str(target), name], capture_output=True, text=True, check=True
    )
    assert f"There is no room to write {target}" in done.stdout
    assert os.listdir(tmp_path) == []


def test_a_folder_without_leave_is_an_input_error(tmp_path: Path) -> None:
    program = """
import os, sys
from cwtui.adapters.files import FileExporter
from cwtui.core.errors import InputError
from cwtui.core.ports import Part
if os.geteuid() == 0:
    os.setuid(65534)
try:
    FileExporter().export([Part("", [b"x"])], sys.argv[1], lambda _: None)
except InputError as refused:
    print(refused.message)
"""
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    done = subprocess.run(
        [sys.executable, "-c", program, str(locked / "out")], capture_output=True, text=True, check=True
    )
    assert "Permission denied" in done.stdout
