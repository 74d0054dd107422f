from __future__ import annotations

from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.core.errors import LimitReached, NetworkError, NotFound, PermissionDenied
from cwtui.core.models import EventBatch, LogEvent, Progress, Query, TimeWindow
from cwtui.fetch.backfill import backfill
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event

NOW = 1_800_000_000_000
WINDOW = TimeWindow(NOW - 600_000, NOW)


async def load(
    reader: ScriptedReader, *groups: str, newest_first: bool = False
) -> tuple[list[LogEvent], Progress]:
    events: list[LogEvent] = []
    progress = Progress()
    items = backfill(
        reader,
        Query(groups or ("/a",), WINDOW),
        clock=reader.clock,
        newest_first=newest_first,
        sleep=reader.clock.sleep,
    )
    async with aclosing(items):
        async for item in items:
            if isinstance(item, EventBatch):
                events.extend(item.events())
            else:
                progress = item
    return events, progress


def reader_of(*events: LogEvent, page_size: int = 3) -> ScriptedReader:
    return ScriptedReader(VirtualClock(NOW), events, page_size)


def names(events: list[LogEvent]) -> list[str]:
    return sorted(item.event_id for item in events)


@given(st.lists(st.integers(0, 599_000), max_size=40), st.integers(1, 7), st.booleans(), st.booleans())
async def test_every_event_of_the_window_comes_exactly_once(
    ages: list[int], page_size: int, repeats: bool, newest_first: bool
) -> None:
    produced = [event(NOW - 500 - age, f"m{number}") for number, age in enumerate(ages)]
    reader = reader_of(*produced, page_size=page_size)
    reader.groups.add("/a")
    reader.repeat_pages = repeats
    events, progress = await load(reader, newest_first=newest_first)
    assert names(events) == names(produced)
    assert progress.done
    assert progress.events == len(produced)


async def test_an_empty_page_with_a_token_is_not_the_end() -> None:
    reader = reader_of(event(NOW - 5_000, "behind empty pages"))
    reader.empty_pages = 3
    events, progress = await load(reader)
    assert [item.message for item in events] == ["behind empty pages"]
    assert not progress.partial


async def test_a_token_that_repeats_for_ever_ends_with_a_note() -> None:
    reader = reader_of(event(NOW - 5_000, "never reached"))
    reader.empty_pages = 1_000
    events, progress = await load(reader)
    assert events == []
    assert "incomplete" in progress.partial[0]
    assert len(reader.requests) < 20


async def test_identical_twins_are_both_kept() -> None:
    twins = [event(NOW - 5_000, "same", name="id-1"), event(NOW - 5_000, "same", name="id-2")]
    events, _ = await load(reader_of(*twins))
    assert names(events) == ["id-1", "id-2"]


async def test_a_denied_group_does_not_stop_the_others_and_is_named() -> None:
    reader = reader_of(event(NOW - 5_000, "open"), event(NOW - 4_000, "closed", group="/b"))
    reader.denied["/b"] = denied = PermissionDenied("You may not read /b.")
    events, progress = await load(reader, "/a", "/b")
    assert [item.message for item in events] == ["open"]
    assert progress.partial == ("/b: You may not read /b.",)
    assert [group.cause for group in progress.groups] == [None, denied]


async def test_when_every_group_fails_the_first_failure_goes_up() -> None:
    with pytest.raises(NotFound, match="/nowhere"):
        await load(reader_of(event(NOW - 5_000, "x")), "/nowhere")


async def test_throttling_is_waited_out_and_nothing_is_lost() -> None:
    produced = [event(NOW - 10_000 + number, f"m{number}") for number in range(10)]
    reader = reader_of(*produced)
    reader.faults = [LimitReached("Rate exceeded"), None, LimitReached("Rate exceeded"), None]
    before = reader.clock.now
    events, _ = await load(reader)
    assert names(events) == names(produced)
    assert reader.clock.now > before


async def test_a_dead_network_is_tried_twice_and_then_said() -> None:
    reader = reader_of(event(NOW - 5_000, "x"))
    reader.faults = [NetworkError("no route"), NetworkError("no route"), None]
    with pytest.raises(NetworkError):
        await load(reader)
    assert len(reader.requests) == 2


async def test_leaving_in_the_middle_ends_the_calls() -> None:
    produced = [event(NOW - 100_000 + number, f"m{number}") for number in range(500)]
    reader = reader_of(*produced, page_size=1)
    items = backfill(reader, Query(("/a",), WINDOW), clock=reader.clock, sleep=reader.clock.sleep)
    async with aclosing(items):
        async for _ in items:
            break
    calls = len(reader.requests)
    assert calls < 50


async def test_newest_first_asks_forward_for_windows_that_begin_before_2024() -> None:
    reader = reader_of(event(NOW - 5_000, "x"))
    items = backfill(
        reader,
        Query(("/a",), TimeWindow(1_000, NOW)),
        clock=reader.clock,
        newest_first=True,
        sleep=reader.clock.sleep,
    )
    async with aclosing(items):
        async for _ in items:
            pass
    assert [request.newest_first for request, _ in reader.requests] == [False]
