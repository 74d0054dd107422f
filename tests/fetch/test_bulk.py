from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest

from cwtui.core.errors import NotFound
from cwtui.core.models import EventBatch, LogEvent, Progress, Query, TimeWindow
from cwtui.fetch.bulk import bulk, growing
from cwtui.fetch.identity import Seen
from tests.fakes.scripted_reader import event

NOW = 1_800_000_000_000
WINDOW = TimeWindow(NOW - 600_000)


class Files:
    """A FileSource over batches in memory."""

    unread = True
    reading = None
    remarks: Sequence[str] = ()

    def __init__(self, *batches: list[LogEvent], missing: str = "") -> None:
        self._batches = [EventBatch.of(batch) for batch in batches]
        self._missing = missing

    def stop_loading(self) -> None:
        return None

    async def as_read(self) -> AsyncGenerator[EventBatch, None]:
        for batch in self._batches:
            yield batch

    async def in_bulk(self, group: str, window: TimeWindow) -> AsyncGenerator[EventBatch, None]:
        if group == self._missing:
            raise NotFound(f"There is no log group {group}.")
        for batch in self._batches:
            if batch.group == group:
                yield batch


def nameless(at: int, message: str) -> LogEvent:
    return LogEvent(at, at, "/a", "s", message)


async def taken(items: AsyncGenerator[Progress | EventBatch, None]) -> tuple[list[str], Progress]:
    messages: list[str] = []
    progress = Progress()
    async with aclosing(items):
        async for item in items:
            if isinstance(item, EventBatch):
                messages.extend(item.messages)
            else:
                progress = item
    return messages, progress


async def test_recordings_that_overlap_give_each_event_once() -> None:
    first = [event(NOW - 9_000 + number, f"m{number}") for number in range(6)]
    again = [event(NOW - 9_000 + number, f"m{number}") for number in range(3, 9)]
    messages, progress = await taken(growing(Files(first, again), Seen(), lambda: NOW))
    assert messages == [f"m{number}" for number in range(9)]
    assert progress.done
    assert progress.events == 9


async def test_an_account_has_its_own_names_old_and_recent() -> None:
    def recording(account: str) -> list[LogEvent]:
        moments = (NOW - 500_000, NOW - 1_000)
        return [LogEvent(at, at, "/a", "s", account, f"id {at}", account, "eu-west-1") for at in moments]

    files = Files(recording("1"), recording("2"), recording("1"))
    messages, _ = await taken(bulk(files, Query(("/a",), WINDOW), Seen(), lambda: NOW))
    assert sorted(messages) == ["1", "1", "2", "2"]


async def test_twins_without_a_name_all_stay() -> None:
    twins = [nameless(NOW - 5_000, "same"), nameless(NOW - 5_000, "same")]
    for items in (
        growing(Files(twins), Seen(), lambda: NOW),
        bulk(Files(twins), Query(("/a",), WINDOW), Seen(), lambda: NOW),
    ):
        messages, _ = await taken(items)
        assert messages == ["same", "same"]


async def test_a_file_that_goes_back_in_time_reaches_nowhere_before_its_end() -> None:
    source = Files([event(NOW - 1_000, "late")], [event(NOW - 50_000, "early")])
    async with aclosing(growing(source, Seen(), lambda: NOW)) as items:
        reached = [item.groups[0].reached async for item in items if isinstance(item, Progress)]
    assert reached == [None, None, None]


async def test_a_group_that_is_missing_is_named_and_the_others_are_read() -> None:
    source = Files([event(NOW - 1_000, "there")], missing="/b")
    messages, progress = await taken(bulk(source, Query(("/a", "/b"), WINDOW), Seen(), lambda: NOW))
    assert messages == ["there"]
    assert progress.partial == ("/b: There is no log group /b.",)
    with pytest.raises(NotFound):
        await taken(bulk(source, Query(("/b",), WINDOW), Seen(), lambda: NOW))
