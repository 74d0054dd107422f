"""A tail that begins now: what happened a moment before and arrives a moment after."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from cwtui.adapters.files import FileExporter
from cwtui.core.models import Query, TimeWindow
from cwtui.core.ports import Exporter
from cwtui.fetch.tail import TailControl, tail
from cwtui.investigation import Investigation
from cwtui.settings import Settings
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event
from tests.fakes.virtual_logs import NOW, Follower, VirtualLogs
from tests.fakes.virtual_loop import run_virtually


@pytest.mark.parametrize("live", [False, True], ids=["polling", "live"])
def test_what_arrives_after_the_start_is_shown_however_it_is_stamped_and_what_arrived_before_is_not(
    live: bool,
) -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        logs.put(NOW - 3_000, "was there already", at=NOW - 1)
        control = TailControl(live=live)
        query = Query(("/a",), TimeWindow(NOW))
        updates = tail(
            logs, query, since=NOW, clock=logs.clock, arrived_since=NOW, control=control, jitter=lambda: 0.5
        )
        follower = Follower(updates)
        await asyncio.sleep(1)
        logs.put(NOW - 3_000, "stamped just before")
        await asyncio.sleep(5)
        assert [message for message, _ in follower.delays] == ["stamped just before"]
        await asyncio.sleep(14)
        logs.put(NOW - 90_000, "stamped long before")
        await asyncio.sleep(120)
        assert [message for message, _ in follower.delays] == ["stamped just before", "stamped long before"]
        await follower.stop()

    run_virtually(scenario())


@pytest.mark.parametrize("live", [False, True], ids=["polling", "live"])
def test_a_tail_of_a_window_shows_nothing_from_before_it(live: bool) -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        control = TailControl(live=live)
        query = Query(("/a",), TimeWindow(NOW))
        follower = Follower(
            tail(logs, query, since=NOW, clock=logs.clock, control=control, jitter=lambda: 0.5)
        )
        await asyncio.sleep(1)
        logs.put(NOW - 3_000, "before the window")
        await asyncio.sleep(100)
        assert not follower.shown
        await follower.stop()

    run_virtually(scenario())


def files(target: str) -> Exporter:
    return FileExporter()


def investigation_of(reader: ScriptedReader) -> Investigation:
    return Investigation(
        reader, clock=reader.clock, settings=Settings(), exporter_for=files, sleep=reader.clock.sleep
    )


async def test_lines_for_a_pipe_hold_what_comes_late_to_their_beginning() -> None:
    late = [event(NOW - 3_000, "late", late=4_000), event(NOW - 3_000, "already there", late=100)]
    reader = ScriptedReader(VirtualClock(NOW), late, 3)
    investigation = investigation_of(reader)
    await investigation.open(Query(("/a",), TimeWindow(NOW)))
    async with asyncio.timeout(5), aclosing(investigation.updates()) as updates:
        async for ids in updates:
            assert [row.message for row in await investigation.rows(ids)] == ["late"]
            break
    await investigation.aclose()


async def test_a_followed_window_on_screen_begins_where_it_says() -> None:
    events = [event(NOW - 3_000, "before the window", late=4_000), event(NOW + 30_000, "after all", late=0)]
    reader = ScriptedReader(VirtualClock(NOW), events, 3)
    investigation = investigation_of(reader)
    await investigation.open(Query(("/a",), TimeWindow(NOW)))
    following = asyncio.create_task(investigation.follow())
    async with asyncio.timeout(5):
        while reader.clock() < NOW + 60_000:
            await asyncio.sleep(0)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    rows = await investigation.rows(investigation.view.rows)
    assert [row.message for row in rows] == ["after all"]
    await investigation.aclose()
