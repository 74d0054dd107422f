from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from cwtui.core.ports import FileSource
from cwtui.settings import Settings
from cwtui.wiring import Services


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (Settings(mock=True), "demo"),
        (Settings(from_paths=("/tmp/incident/",)), "incident"),
        (Settings(from_paths=("-",)), "stdin"),
        (Settings(from_paths=("a", "b")), "2 recordings"),
    ],
)
def test_what_is_read_offline_is_never_called_like_a_profile(settings: Settings, name: str) -> None:
    assert Services(replace(settings, profile="prod")).context.name == name


def test_the_context_of_an_open_recording_says_whether_writing_is_allowed() -> None:
    services = Services(Settings(mock=True, allow_write=True))
    assert services.reader.context.offline
    assert services.context.allow_write


def children() -> set[int]:
    """The processes that this one began and did not wait for."""
    kept = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if not kept.exists():
        pytest.skip("only Linux tells the children of a process")
    return set(map(int, kept.read_text().split()))


def big_log(path: Path) -> Path:
    lines = (f"2026-01-02T10:{at // 60 % 60:02}:{at % 60:02} {'x' * 1000} {at}\n" for at in range(5_000))
    path.write_text("".join(lines))
    return path


async def test_a_big_file_that_is_begun_early_is_read_once_and_whole(tmp_path: Path) -> None:
    before = children()
    services = Services(Settings(from_paths=(str(big_log(tmp_path / "a.log")),)))
    services.begin_reading()
    begun = children() - before
    assert len(begun) == 1
    reader = services.reader
    assert isinstance(reader, FileSource)
    seen: set[int] = set()
    numbers: list[int] = []
    async for batch in reader.as_read():
        seen |= children() - before
        numbers += [int(message.rpartition(" ")[2]) for message in batch.messages]
    assert numbers == list(range(5_000))
    assert seen <= begun
    await services.aclose()
    assert children() <= before


async def test_what_was_begun_and_never_asked_for_ends_with_the_services(tmp_path: Path) -> None:
    before = children()
    services = Services(Settings(from_paths=(str(big_log(tmp_path / "a.log")),)))
    services.begin_reading()
    assert children() - before
    await services.aclose()
    assert children() <= before


def test_nothing_is_begun_on_aws_in_the_demo_or_for_a_small_file(tmp_path: Path) -> None:
    (tmp_path / "small.log").write_text("x\n")
    before = children()
    for settings in (Settings(), Settings(mock=True), Settings(from_paths=(str(tmp_path / "small.log"),))):
        Services(settings).begin_reading()
    assert children() == before
