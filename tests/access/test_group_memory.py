"""Pinned groups and those opened last, from run to run."""

from __future__ import annotations

import pytest

from cwtui.access.group_memory import GroupMemory, memory_file, note_opened, pin, read_memory
from cwtui.settings import Settings

PROD, TEST = Settings(profile="prod"), Settings(profile="test")


def test_what_is_pinned_and_opened_is_kept_for_each_context_apart() -> None:
    pin(PROD, ["/shop/api", "/shop/web"], pinned=True)
    note_opened(TEST, ["/a"])
    assert read_memory(PROD) == GroupMemory(("/shop/api", "/shop/web"), ())
    assert read_memory(TEST) == GroupMemory((), ("/a",))
    assert pin(PROD, ["/shop/api"], pinned=False).pinned == ("/shop/web",)
    assert read_memory(PROD).pinned == ("/shop/web",)


def test_the_last_opened_comes_first_each_once_and_the_oldest_go() -> None:
    for number in range(30):
        note_opened(PROD, [f"/g/{number}"])
    opened = note_opened(PROD, ["/g/25"]).opened
    assert opened[:2] == ("/g/25", "/g/29")
    assert len(opened) == len(set(opened)) == 20


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"version": 1, "contexts": [{"context": {}, "pinned": [1], "opened": []}]}', "[" * 9999],
)
def test_a_file_that_cannot_be_read_counts_as_absent_and_is_written_anew(content: str) -> None:
    memory_file().parent.mkdir(parents=True, exist_ok=True)
    memory_file().write_text(content)
    assert read_memory(PROD) == GroupMemory()
    pin(PROD, ["/a"], pinned=True)
    assert read_memory(PROD).pinned == ("/a",)


def test_a_disk_that_refuses_costs_no_more_than_the_memory() -> None:
    memory_file().parent.parent.mkdir(parents=True, exist_ok=True)
    memory_file().parent.write_text("a file where the folder should be")
    assert pin(PROD, ["/a"], pinned=True).pinned == ("/a",)
