"""From what a summary says to a filter that shows those events and no others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from cwtui.adapters.files import FileExporter
from cwtui.adapters.offline import OfflineReader
from cwtui.core.errors import InputError
from cwtui.core.models import Level, LogEvent, Query, TimeWindow
from cwtui.core.ports import Exporter
from cwtui.fetch.paging import all_groups
from cwtui.investigation import Investigation
from cwtui.investigation.citing import Cited, filter_of_events, filter_of_like, filter_of_patterns
from cwtui.investigation.patterns import ShownPatterns
from cwtui.lang.where import Filter, FilterStack, parse_where
from cwtui.settings import Settings
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event

NOW = 1_800_000_000_000


def files(target: str) -> Exporter:
    return FileExporter()


def made() -> list[LogEvent]:
    """Five minutes: requests, now and then a gateway that refuses and a disk that is full, at one time."""
    events = []
    for second in range(300):
        at = NOW - 300_000 + 1000 * second
        events.append(event(at, f"INFO request {second} done", group="/a"))
        if second % 10 == 0:
            events.append(event(at, f"ERROR gateway gw-{second} refused order {second * 7}", group="/a"))
            events.append(event(at, f"ERROR disk {second} is full", group="/a"))
    return events


@pytest.fixture
async def investigation() -> AsyncIterator[Investigation]:
    reader = ScriptedReader(VirtualClock(NOW), made(), 100)
    reader.groups |= {"/a"}
    opened = Investigation(
        reader, clock=reader.clock, settings=Settings(), exporter_for=files, sleep=reader.clock.sleep
    )
    await opened.open(Query(("/a",), TimeWindow(NOW - 300_000, NOW)))
    yield opened
    await opened.aclose()


async def shown(investigation: Investigation, found: Cited, *, hide: bool = False) -> list[str]:
    """The messages that the filter leaves; it is read back from its text, as a colleague would get it."""
    item = Filter(parse_where(str(found.expression)))
    await investigation.set_filters(FilterStack((item.inverted() if hide else item,)))
    return [row.message for row in await investigation.rows(investigation.view.rows)]


async def test_the_events_of_a_pattern_are_shown_all_and_no_others(investigation: Investigation) -> None:
    digest = await investigation.digest()
    refused = next(pattern for pattern in digest.patterns if "refused" in pattern.text)
    found = await filter_of_patterns(investigation, digest, [refused.id])
    messages = await shown(investigation, found)
    assert (len(messages), found.strays) == (refused.count, 0)
    assert all("refused" in message for message in messages)


async def test_of_two_patterns_in_a_stretch_of_time_both_are_shown_there_alone(
    investigation: Investigation,
) -> None:
    digest = await investigation.digest()
    names = [pattern.id for pattern in digest.patterns if pattern.level is Level.ERROR]
    stretch = (NOW - 300_000, NOW - 150_000)
    messages = await shown(investigation, await filter_of_patterns(investigation, digest, names, stretch))
    assert len(messages) == 30
    assert not any(message.startswith("INFO") for message in messages)


async def test_a_pattern_that_the_digest_does_not_list_is_refused(investigation: Investigation) -> None:
    digest = await investigation.digest()
    for names in ([], ["P99"]):
        with pytest.raises(InputError, match="not listed"):
            await filter_of_patterns(investigation, digest, names)


async def test_some_events_are_shown_alone_among_others_of_their_millisecond(
    investigation: Investigation,
) -> None:
    rows = await investigation.rows(investigation.view.rows)
    wanted = [row for row in rows if "disk 40 " in row.message or "request 77 " in row.message]
    found = await filter_of_events(investigation, [row.id for row in wanted])
    assert await shown(investigation, found) == [row.message for row in wanted]


async def test_an_event_is_shown_alone_though_another_account_has_its_like(tmp_path: Path) -> None:
    like = {"timestamp": NOW, "logGroup": "/a", "logStream": "s", "message": "ERROR out of stock"}
    lines = [json.dumps(like | {"account": account, "region": "here"}) for account in "12"]
    (tmp_path / "two.jsonl").write_text("\n".join(lines))
    reader = OfflineReader([tmp_path / "two.jsonl"], clock=lambda: NOW, context_name="test")
    opened = Investigation(reader, clock=lambda: NOW, settings=Settings(), exporter_for=files)
    try:
        groups = [group.identifier async for page in all_groups(reader) for group in page]
        await opened.open(Query(tuple(groups), TimeWindow(0)))
        rows = await opened.rows(opened.view.rows)
        assert [row.account for row in rows] == ["1", "2"]
        patterns = ShownPatterns(opened)
        async with aclosing(patterns.states()) as states:
            table = (await anext(states)).table
        await patterns.aclose()
        assert [place[:2] for place in table.rows[0].places] == [("/a in 1 here", "s"), ("/a in 2 here", "s")]
        await shown(opened, await filter_of_events(opened, [rows[1].id]))
        assert [row.account for row in await opened.rows(opened.view.rows)] == ["2"]
    finally:
        await opened.aclose()


@pytest.mark.parametrize("mined", [8_000, 40])
async def test_an_event_stands_for_all_that_say_the_same(investigation: Investigation, mined: int) -> None:
    rows = await investigation.rows(investigation.view.rows)
    row = next(row for row in rows if "disk 110 " in row.message)
    found = await filter_of_like(investigation, row.id, row.timestamp, row.level, mined_most=mined)
    messages = await shown(investigation, found, hide=True)
    assert len(messages) == 330
    assert not any("disk" in message for message in messages)


async def test_the_first_looks_at_a_range_are_of_that_range_even_where_a_filter_hides_it_now() -> None:
    events = [event(NOW - 60_000 + n, f"INFO request {n} done", group="/a") for n in range(12_000)]
    reader = ScriptedReader(VirtualClock(NOW), events, 1_000)
    reader.groups |= {"/a"}
    investigation = Investigation(
        reader, clock=reader.clock, settings=Settings(), exporter_for=files, sleep=reader.clock.sleep
    )
    try:
        await investigation.open(Query(("/a",), TimeWindow(NOW - 60_000, NOW)))
        assert [look.scope.events async for look in investigation.first_looks()] == [12_000, 12_000]
        part = investigation.view.rows[500:11_500]
        await investigation.set_filters(FilterStack((Filter(parse_where('"nothing"')),)))
        looks = [look async for look in investigation.first_looks(part)]
        assert [look.scope.events for look in looks] == [11_000, 11_000]
        assert [pattern.count for pattern in looks[1].patterns] == [11_000]
        assert [look async for look in investigation.first_looks(part[:5_000])] == []
    finally:
        await investigation.aclose()
