from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cwtui.core.errors import NotFound
from cwtui.core.models import Columns, EventBatch, Level, LogEvent, Progress, Query
from cwtui.fetch.bulk import bulk
from cwtui.fetch.identity import Seen
from cwtui.fetch.ordered import ordered
from cwtui.window.window import Window
from tests.fetch.test_bulk import NOW, WINDOW, Files, nameless


async def passed_on(
    source: Files, query: Query, *, limit: int | None = None, levels: bool = False
) -> tuple[list[Columns], Progress]:
    parts: list[Columns] = []
    progress = Progress()
    async with aclosing(ordered(source, query, lambda: NOW, limit=limit, levels=levels)) as items:
        async for item in items:
            if isinstance(item, Progress):
                progress = item
            else:
                parts.append(item)
    return parts, progress


def rows(parts: Sequence[Columns]) -> list[LogEvent]:
    return [event for part in parts for event in part.events()]


async def through_a_window(source: Files, query: Query) -> list[LogEvent]:
    window = await Window.open("256MB")
    try:
        async with aclosing(bulk(source, query, Seen(), lambda: NOW)) as items:
            async for item in items:
                if isinstance(item, EventBatch):
                    await window.append([item])
        return rows(list(window.columns(window.everything.rows)))
    finally:
        await window.aclose()


EVENTS = st.builds(
    LogEvent,
    st.integers(NOW - 500_000, NOW - 499_999),
    st.integers(1, 2),
    st.sampled_from(["/a", "/b"]),
    st.sampled_from(["s", "\udc80"]),
    st.sampled_from(["INFO m", "ERROR m", "caf\udce9 \ud800", "é"]),
    st.sampled_from(["", "", *"97531", "10", "\udc81"]),
    st.sampled_from(["1", "2"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS, max_size=24))
async def test_events_of_files_come_in_the_order_and_form_of_a_window(events: list[LogEvent]) -> None:
    batches = [
        [event for event in events if (event.account, event.group) == owner]
        for owner in (("1", "/b"), ("1", "/a"), ("2", "/a"))
    ]
    source, query = Files(*filter(None, batches)), Query(("/b", "/a"), WINDOW)
    parts, progress = await passed_on(source, query, levels=True)
    assert rows(parts) == await through_a_window(source, query)
    assert progress.events == sum(map(len, parts))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EVENTS.map(lambda event: replace(event, group="/a", account="1"))), st.integers(1, 4))
async def test_events_of_one_group_come_in_that_order_while_it_is_handed_over(
    events: list[LogEvent], size: int
) -> None:
    events = sorted(events, key=lambda event: event.timestamp)
    source = Files(*(events[at : at + size] for at in range(0, len(events), size)))
    parts, _ = await passed_on(source, Query(("/a",), WINDOW), levels=True)
    assert rows(parts) == await through_a_window(source, Query(("/a",), WINDOW))


async def test_one_stream_in_order_keeps_its_batches_and_a_limit_cuts_the_last() -> None:
    source = Files(*([nameless(NOW - 400_000 + at, f"{at}")] * 3 for at in range(3)))
    parts, _ = await passed_on(source, Query(("/a",), WINDOW), limit=7)
    assert [len(part) for part in parts] == [3, 3, 1]
    assert [event.message for event in rows(parts)] == ["0", "0", "0", "1", "1", "1", "2"]
    assert [at for part in parts for at in part.ids] == list(range(7))
    assert {len(getattr(parts[-1], each.name)) for each in fields(Columns)} == {1}


async def test_one_stream_whose_batches_go_back_in_time_is_put_in_order() -> None:
    source = Files([nameless(NOW - 1, "2")], [nameless(NOW - 2, "1")])
    parts, _ = await passed_on(source, Query(("/a",), WINDOW))
    assert [event.message for event in rows(parts)] == ["1", "2"]


async def test_levels_are_told_where_they_are_asked_for() -> None:
    source, query = Files([nameless(NOW, "ERROR x")]), Query(("/a",), WINDOW)
    assert [event.level for event in rows((await passed_on(source, query))[0])] == [Level.UNKNOWN]
    assert [event.level for event in rows((await passed_on(source, query, levels=True))[0])] == [Level.ERROR]


async def test_a_group_that_is_missing_is_told_and_the_others_come() -> None:
    source = Files([nameless(NOW, "m")], missing="/gone")
    parts, progress = await passed_on(source, Query(("/gone", "/a"), WINDOW))
    assert len(rows(parts)) == 1
    assert progress.partial == ("/gone: There is no log group /gone.",)
    with pytest.raises(NotFound):
        await passed_on(source, Query(("/gone",), WINDOW))


async def test_nothing_in_the_window_is_nothing_passed_on() -> None:
    parts, progress = await passed_on(Files(), Query(("/a",), WINDOW))
    assert (parts, progress.events, progress.done) == ([], 0, True)
