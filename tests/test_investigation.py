from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.adapters.files import FileExporter
from cwtui.core.errors import InputError, NotFound, PermissionDenied
from cwtui.core.models import LogEvent, Query, TimeWindow
from cwtui.core.ports import Exporter
from cwtui.deliver.export import export_request
from cwtui.investigation import Investigation, LoadKind
from cwtui.lang.where import Filter, FilterStack, parse_where
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws
from tests.fakes.aws_fixture import clock, fake_aws
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event

__all__ = ["clock", "fake_aws"]

NOW = 1_800_000_000_000
AWS_NOW = 1_795_349_000_000
WINDOW = TimeWindow(NOW - 600_000, NOW)


def files(target: str) -> Exporter:
    return FileExporter()


def investigation_of(reader: ScriptedReader) -> Investigation:
    return Investigation(
        reader, clock=reader.clock, settings=Settings(), exporter_for=files, sleep=reader.clock.sleep
    )


def reader_of(*events: LogEvent, page_size: int = 3) -> ScriptedReader:
    return ScriptedReader(VirtualClock(NOW), events, page_size)


async def in_order(investigation: Investigation, query: Query) -> list[str]:
    names: list[str] = []
    async with aclosing(investigation.in_order(query)) as parts:
        async for ids in parts:
            async for events in investigation.events(ids):
                names.extend(item.event_id for item in events)
    return names


@settings(max_examples=12)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["/a", "/b", "/c"])), max_size=30),
    st.integers(1, 6),
)
async def test_a_pipe_gets_every_event_once_and_in_order(
    produced: list[tuple[int, str]], page_size: int
) -> None:
    events = [
        event(NOW - 590_000 + at * 1_000, f"m{number}", group=group)
        for number, (at, group) in enumerate(produced)
    ]
    reader = reader_of(*events, page_size=page_size)
    reader.groups |= {"/a", "/b", "/c"}
    investigation = investigation_of(reader)
    names = await in_order(investigation, Query(("/a", "/b", "/c"), WINDOW))
    times = {item.event_id: item.timestamp for item in events}
    assert sorted(names) == sorted(times)
    assert [times[name] for name in names] == sorted(times.values())
    await investigation.aclose()


async def test_a_pipe_flows_before_the_load_has_ended() -> None:
    events = [event(NOW - 590_000 + number * 1_000, f"m{number}") for number in range(500)]
    reader = reader_of(*events, page_size=50)
    reader.stalls_after = 4
    investigation = investigation_of(reader)
    async with aclosing(investigation.in_order(Query(("/a",), WINDOW))) as parts:
        first = await anext(parts)
        assert 0 < len(first) < 200
        assert investigation.load_state.kind is LoadKind.LOADING
    await investigation.aclose()


async def test_the_latest_are_the_newest_over_all_groups() -> None:
    events = [
        event(NOW - 300_000 + number * 1_000, f"m{number}", group="/a" if number % 3 else "/b")
        for number in range(90)
    ]
    investigation = investigation_of(reader_of(*events, page_size=5))
    await investigation.open(Query(("/a", "/b"), WINDOW), latest=7)
    rows = await investigation.rows(investigation.view.rows[-7:])
    assert [row.message for row in rows] == [f"m{number}" for number in range(83, 90)]
    assert investigation.loaded < 90
    await investigation.aclose()


async def test_following_goes_on_where_the_load_ended_without_gap_or_repetition() -> None:
    events = [event(NOW - 5_000 + number * 500, f"m{number}", late=300) for number in range(40)]
    reader = reader_of(*events, page_size=4)
    investigation = investigation_of(reader)
    await investigation.open(Query(("/a",), TimeWindow(NOW - 60_000)))
    assert investigation.loaded < 40
    async with aclosing(investigation.updates()) as updates:
        async for _ in updates:
            if investigation.loaded == 40:
                break
    rows = await investigation.rows(investigation.view.rows)
    assert [row.message for row in rows] == [f"m{number}" for number in range(40)]
    assert not investigation.follow_state.following
    await investigation.aclose()


async def test_following_that_is_stopped_at_any_moment_and_goes_on_shows_every_event_once() -> None:
    events = [event(NOW - 5_000 + number * 100, f"m{number}", late=300) for number in range(400)]
    reader = reader_of(*events, page_size=7)
    investigation = investigation_of(reader)
    await investigation.open(Query(("/a",), TimeWindow(NOW - 60_000)))
    for moments in (*range(40), *range(40, 400, 25)):
        following = asyncio.create_task(investigation.follow())
        for _ in range(moments):
            await asyncio.sleep(0)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    following = asyncio.create_task(investigation.follow())
    async with asyncio.timeout(20):
        while investigation.loaded < 400:
            await asyncio.sleep(0)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    rows = await investigation.rows(investigation.view.rows)
    assert [row.message for row in rows] == [f"m{number}" for number in range(400)]
    await investigation.aclose()


async def test_filters_narrow_what_is_shown_and_what_comes_later() -> None:
    events = [
        event(NOW - 60_000 + number, f"{'ERROR' if number % 4 == 0 else 'INFO'} {number}")
        for number in range(40)
    ]
    investigation = investigation_of(reader_of(*events, page_size=7))
    await investigation.set_filters(FilterStack((Filter(parse_where("level >= error")),)))
    await investigation.open(Query(("/a",), WINDOW))
    assert (len(investigation.view), investigation.loaded) == (10, 40)
    with pytest.raises(InputError):
        await investigation.set_filters(FilterStack((Filter(parse_where("/(/")),)))
    assert len(investigation.view) == 10
    await investigation.aclose()


async def test_a_search_finds_places_and_hides_nothing() -> None:
    events = [event(NOW - 60_000 + number, f"request {number} of cart.v2") for number in range(20)]
    investigation = investigation_of(reader_of(*events))
    await investigation.open(Query(("/a",), WINDOW))
    assert list((await investigation.search("REQUEST 7 ")).positions) == []
    assert list((await investigation.search("request 7 ")).positions) == [7]
    assert len(await investigation.search("request 1[0-4]")) == 5
    assert len(await investigation.search("cart.v2 (")) == 0
    assert len(investigation.view) == 20
    await investigation.aclose()


async def test_a_group_that_fails_makes_the_window_partial_and_all_failing_fails() -> None:
    reader = reader_of(event(NOW - 1_000, "x"))
    reader.denied["/b"] = PermissionDenied("You may not read /b.")
    investigation = investigation_of(reader)
    await investigation.open(Query(("/a", "/b"), WINDOW))
    kinds = [investigation.load_state.kind]
    assert investigation.load_state.partial == ("/b: You may not read /b.",)
    with pytest.raises(NotFound):
        await investigation.open(Query(("/none",), WINDOW))
    kinds.append(investigation.load_state.kind)
    assert kinds == [LoadKind.PARTIAL, LoadKind.FAILED]
    await investigation.aclose()


async def test_a_load_that_is_cancelled_keeps_what_came() -> None:
    events = [event(NOW - 60_000 + number, f"m{number}") for number in range(300)]
    reader = reader_of(*events, page_size=5)
    reader.stalls_after = 5
    investigation = investigation_of(reader)
    enough = asyncio.Event()
    investigation.subscribe(lambda: enough.set() if investigation.loaded >= 20 else None)
    load = asyncio.ensure_future(investigation.open(Query(("/a",), WINDOW)))
    await enough.wait()
    load.cancel()
    await asyncio.gather(load, return_exceptions=True)
    assert investigation.load_state.kind is LoadKind.CANCELLED
    assert investigation.loaded == 25
    await investigation.aclose()


async def test_an_export_is_what_is_shown(tmp_path: Path) -> None:
    events = [
        event(NOW - 60_000 + number, f"{'ERROR' if number % 2 else 'INFO'} {number}") for number in range(10)
    ]
    investigation = investigation_of(reader_of(*events))
    await investigation.set_filters(FilterStack((Filter(parse_where("level >= error")),)))
    await investigation.open(Query(("/a",), WINDOW))
    target = tmp_path / "errors.jsonl"
    result = await investigation.export(export_request(str(target)))
    assert result.bytes_written == target.stat().st_size
    assert len(target.read_text().splitlines()) == 5
    await investigation.aclose()


async def test_a_group_that_is_named_twice_is_read_once() -> None:
    investigation = investigation_of(reader_of(*[event(NOW - 60_000 + at, f"m{at}") for at in range(40)]))
    await investigation.open(Query(("/a", "/a"), WINDOW))
    assert len(investigation.view) == 40
    assert investigation.query is not None
    assert investigation.query.groups == ("/a",)
    await investigation.aclose()


async def test_the_digest_of_a_window_cites_rows_of_it() -> None:
    events = [event(NOW - 60_000 + number * 100, f"ERROR payment {number} failed") for number in range(30)]
    investigation = investigation_of(reader_of(*events))
    await investigation.open(Query(("/a",), WINDOW))
    digest = await investigation.digest()
    rows = await investigation.cited(digest)
    assert digest.findings
    assert all(row in rows for finding in digest.findings for row in finding.events)
    assert "[1]" in await investigation.report(digest)
    await investigation.aclose()


async def test_the_lines_around_an_event_are_those_of_its_stream_and_grow(fake_aws: FakeAws) -> None:
    for number in range(1_000):
        for stream in ("one", "two"):
            fake_aws.logs.put("/g", stream, AWS_NOW + number * 10, f"{stream} {number}", ingestion=AWS_NOW)
    reader = CloudWatchReader(
        Settings(endpoint_url=fake_aws.url, region=fake_aws.region), keys=FAKE_KEYS, clock=fake_aws.clock
    )
    investigation = Investigation(reader, clock=fake_aws.clock, settings=Settings(), exporter_for=files)
    await investigation.set_filters(FilterStack((Filter(parse_where("~nothing")),)))
    chosen = LogEvent(AWS_NOW + 5_000, AWS_NOW, "/g", "one", "one 500")
    row_id = await investigation.open_around(chosen, before=150, after=150)
    assert row_id is not None
    assert (await investigation.event(row_id)).message == "one 500"
    shown = [row.message for row in await investigation.rows(investigation.view.rows)]
    first, last = (int(message.split()[1]) for message in (shown[0], shown[-1]))
    assert shown == [f"one {number}" for number in range(first, last + 1)]
    assert first <= 350
    assert last >= 650
    while await investigation.grow(-1, 300):
        pass
    while await investigation.grow(1, 300):
        pass
    shown = [row.message for row in await investigation.rows(investigation.view.rows)]
    assert shown == [f"one {number}" for number in range(1_000)]
    await investigation.aclose()
    await reader.aclose()
