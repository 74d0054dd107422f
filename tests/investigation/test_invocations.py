"""The runs of a window kept up with it: in a thread and in a process, while it grows, and one shown alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from itertools import count

import pytest

from cwtui.access.run_table import By
from cwtui.adapters.files import FileExporter
from cwtui.core.errors import InputError
from cwtui.core.models import EventBatch, LogEvent, Query, TimeWindow
from cwtui.explain.apart import THREAD_EVENTS
from cwtui.investigation import Investigation
from cwtui.investigation.invocations import RunState, ShownRuns, all_runs, glance
from cwtui.lang.where import Filter, FilterStack, containing, parse_where
from cwtui.settings import Settings
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event

NOW = 1_800_000_000_000
_NUMBERS = count()
WINDOW = TimeWindow(NOW - 600_000, NOW)
FIRST, SECOND = (f"{number:08x}-0000-4000-8000-000000000001" for number in (1, 2))


def invocation(request: str, begin: int, *said: str) -> list[LogEvent]:
    lines = [
        f"START RequestId: {request} Version: 1",
        *said,
        f"END RequestId: {request}",
        f"REPORT RequestId: {request}\tDuration: 5.00 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB",
    ]
    at = NOW - 500_000 + begin
    return [event(at, line, group="/f", name=f"{next(_NUMBERS):08d}") for line in lines]


@asynccontextmanager
async def opened(*events: LogEvent) -> AsyncIterator[Investigation]:
    reader = ScriptedReader(VirtualClock(NOW), events, 1_000)
    investigation = Investigation(
        reader, clock=reader.clock, settings=Settings(), exporter_for=lambda _: FileExporter()
    )
    try:
        await investigation.open(Query(("/f",), WINDOW))
        yield investigation
    finally:
        await investigation.aclose()


async def whole(runs: ShownRuns) -> RunState:
    async with aclosing(runs.states()) as states:
        async for state in states:
            if state.whole:
                return state
    raise AssertionError("the states ended")


async def messages(investigation: Investigation) -> list[str]:
    found: list[str] = []
    async for columns in investigation.columns(investigation.view.rows):
        found += columns.messages
    return found


async def test_a_run_is_shown_alone_exactly_and_elsewhere_by_what_says_the_same() -> None:
    # Both stand in one millisecond of one stream: nothing but the order tells whose `print` is whose.
    one, two = invocation(FIRST, 0, "print of the first"), invocation(SECOND, 0, "print of the second")
    async with opened(*one, *two) as investigation:
        runs = ShownRuns(investigation)
        try:
            state = await whole(runs)
            assert state.table.ids == [FIRST, SECOND]
            item = await runs.filter_of(state.table.at(1))
            await investigation.set_filters(FilterStack((item,)))
            assert await messages(investigation) == [each.message for each in two]
            told = str(item)
            assert SECOND in told
            assert str(parse_where(told)) == told
            # Another window: row ids mean nothing there.
            await investigation.open(Query(("/f",), WINDOW))
            assert investigation.filters == FilterStack((Filter(parse_where(told)),))
            with pytest.raises(InputError):
                await runs.filter_of(state.table.at(1))
        finally:
            await runs.aclose()


async def test_filters_leave_runs_whole_and_say_how_much_of_them_is_shown() -> None:
    events = [*invocation(FIRST, 0, "apple"), *invocation(SECOND, 10, "pear")]
    async with opened(*events) as investigation:
        await investigation.set_filters(FilterStack((Filter(containing("pear")),)))
        runs = ShownRuns(investigation)
        try:
            state = await whole(runs)
            assert state.narrowed
            assert (state.table.counts.tolist(), state.table.shown.tolist()) == ([4, 4], [0, 1])
        finally:
            await runs.aclose()
        table = await all_runs(investigation)
        assert table.shown.tolist() == [0, 1]


async def test_what_comes_while_it_looks_is_looked_at_too() -> None:
    async with opened(*invocation(FIRST, 0)) as investigation:
        runs = ShownRuns(investigation)
        sizes: list[tuple[int, bool]] = []
        async with aclosing(runs.states()) as states:
            async for state in states:
                sizes.append((len(state.table), state.whole))
                if len(sizes) == 1:
                    window = await investigation.opened()
                    await window.append([EventBatch.of(invocation(SECOND, 20))])
                    runs.split(By.REQUEST)
                elif state.whole:
                    break
        assert (sizes[0], sizes[-1]) == ((1, True), (2, True))
        await runs.aclose()


async def test_many_events_are_looked_at_in_a_process_and_give_the_same() -> None:
    events = [
        each
        for number in range(THREAD_EVENTS // 4 + 10)
        for each in invocation(f"{number:08x}-0000-4000-8000-000000000001", number, "x")
    ]
    async with opened(*events) as investigation:
        runs = ShownRuns(investigation)
        try:
            state = await whole(runs)
            assert runs._finding.apart
            assert len(state.table) == THREAD_EVENTS // 4 + 10
            item = await runs.filter_of(state.table.at(7))
            await investigation.set_filters(FilterStack((item,)))
            assert len(investigation.view) == 4
            once = await all_runs(investigation)
            assert once.ids == state.table.ids
            assert once.figures.tolist() == state.table.figures.tolist()
            table, everything = await glance(investigation)
            assert (table.mixed, everything) == (1, False)
        finally:
            await runs.aclose()
