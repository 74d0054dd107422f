"""The fast backfill: slices of a window read at once through a budget, in virtual time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.errors import CwtuiError, DataError, LimitReached, NetworkError, ServiceError
from cwtui.core.models import EventBatch, EventsPage, EventsRequest, LogEvent, Progress, Query, TimeWindow
from cwtui.fetch.backfill import backfill
from cwtui.fetch.budget import Budget
from cwtui.fetch.identity import Seen
from cwtui.fetch.paced import Paced
from cwtui.fetch.slices import MARGIN_MS
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event
from tests.fakes.virtual_loop import run_virtually

NOW = 1_800_000_000_000
WINDOW = TimeWindow(NOW - 600_000, NOW)
FAULTS = ("throttle", "network", "server", "empty", "repeat", "gone")


@dataclass(frozen=True)
class Told:
    """What a token stands for."""

    request: EventsRequest
    position: int


class Service(ScriptedReader):
    """FilterLogEvents with a latency, over events up to `disorder` ms out of order; faults by script."""

    def __init__(self, events: Iterable[LogEvent], page_size: int = 10, *, disorder: int = 0) -> None:
        super().__init__(VirtualClock(NOW), events, page_size)
        self.groups.add("/a")
        self.disorder = disorder
        self.script: list[str] = []
        self.latency = 0.3
        self.at_once = self.most_at_once = 0
        self.tokens: dict[str, Told] = {}
        self.before: dict[str, EventBatch] = {}

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        self.requests.append((request, token))
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(self.latency)
        finally:
            self.at_once -= 1
        fault = self.script.pop() if self.script else ""
        match fault:
            case "throttle":
                raise LimitReached("Rate exceeded", code="throttled")
            case "network":
                raise NetworkError("no route")
            case "server":
                raise ServiceError("bad gateway")
            case "gone" if token is not None:
                raise DataError("The specified nextToken is invalid.", code="token")
        if request.group in self.denied:
            raise self.denied[request.group]
        position = 0
        if token is not None:
            told = self.tokens[token]
            assert told.request == request, "a token is good for the request it came with, and no other"
            position = told.position
        if fault == "empty":
            return EventsPage(EventBatch.of([]), self._token(request, position))
        if fault == "repeat" and token is not None:
            return EventsPage(self.before.get(token, EventBatch.of([])), self._token(request, position))
        found = self.found(request)
        page = EventBatch.of(found[position : position + self.page_size])
        position += self.page_size
        following = self._token(request, position) if position < len(found) else None
        if following is not None:
            self.before[following] = page
        return EventsPage(page, following)

    def found(self, request: EventsRequest) -> list[LogEvent]:
        def place(each: LogEvent) -> tuple[int, str]:
            return each.timestamp + (hash(each.event_id) % (self.disorder + 1)), each.event_id

        picked = (
            each
            for each in self.events
            if each.group == request.group
            and request.window.holds(each.timestamp)
            and (not request.streams or each.stream in request.streams)
        )
        return sorted(picked, key=place, reverse=request.newest_first)

    def _token(self, request: EventsRequest, position: int) -> str:
        name = str(len(self.tokens))
        self.tokens[name] = Told(request, position)
        return name


@dataclass
class Loaded:
    events: list[LogEvent] = field(default_factory=list)
    progress: Progress | None = None
    failure: CwtuiError | None = None
    took: float = 0.0
    paced: Paced | None = None
    seen: Seen = field(default_factory=Seen)
    names_held: int = 0


async def load(
    service: Service,
    *,
    query: Query | None = None,
    newest_first: bool = False,
    cut: bool = True,
    into: Loaded | None = None,
    items: int = 1_000_000,
    quota: float = 10.0,
) -> Loaded:
    """Loads, or goes on with a load, and leaves after so many items."""
    time = asyncio.get_running_loop().time
    loaded = into or Loaded()
    loaded.paced = loaded.paced or Paced(service, Budget(lambda: {"FilterLogEvents": quota}, clock=time))
    loaded.failure = None
    began = time()
    load = backfill(
        loaded.paced,
        query or Query(("/a",), WINDOW),
        clock=service.clock,
        seen=loaded.seen,
        newest_first=newest_first,
        cut=cut,
        resume=loaded.progress,
    )
    try:
        async with aclosing(load):
            async for item in load:
                if isinstance(item, EventBatch):
                    loaded.events.extend(item.events())
                else:
                    loaded.progress = item
                loaded.names_held = max(loaded.names_held, len(loaded.seen))
                items -= 1
                if not items:
                    break
    except CwtuiError as error:
        loaded.failure = error
    loaded.took = time() - began
    assert service.at_once == 0, "leaving ends the calls on their way"
    return loaded


def even(count: int, group: str = "/a", over_ms: int = 600_000) -> list[LogEvent]:
    step = over_ms / count
    return [event(WINDOW.start + int(step * n), f"m{n}", group=group) for n in range(count)]


def names(events: Iterable[LogEvent]) -> Counter[str]:
    return Counter(each.event_id for each in events)


# Every event once -------------------------------------------------------------------------------

moments = st.one_of(
    st.integers(0, 599_999),
    st.integers(300_000, 300_400),
    st.sampled_from([0, 250_000, 599_999]),
)


@given(
    st.lists(moments, max_size=120),
    st.integers(1, 9),
    st.integers(0, MARGIN_MS - 1),
    st.lists(st.sampled_from(("", "", *FAULTS)), max_size=25),
    st.lists(st.integers(1, 12), max_size=6),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_whatever_happens_on_the_way_every_event_comes_exactly_once(
    moments: list[int],
    page_size: int,
    disorder: int,
    script: list[str],
    leave_after: list[int],
    newest_first: bool,
    two_groups: bool,
    open_end: bool,
) -> None:
    stored = [event(WINDOW.start + at, f"m{n}", group="/ab"[:2] if n % 3 or not two_groups else "/b")
              for n, at in enumerate(moments)]  # fmt: skip
    service = Service(stored, page_size, disorder=disorder)
    service.groups.add("/b")
    service.script = script
    window = replace(WINDOW, end=None) if open_end else WINDOW
    query = Query(("/a", "/b") if two_groups else ("/a",), window)

    async def scenario() -> Loaded:
        loaded = Loaded()
        for items in leave_after:
            await load(service, query=query, newest_first=newest_first, into=loaded, items=items, quota=25)
        for _ in range(60):
            await load(service, query=query, newest_first=newest_first, into=loaded, quota=25)
            if loaded.failure is None and loaded.progress is not None and not loaded.progress.partial:
                return loaded
        raise AssertionError("it does not come to an end")

    loaded = run_virtually(scenario())
    assert names(loaded.events) == names(stored)
    assert loaded.progress is not None
    assert loaded.progress.done
    if not leave_after:
        assert loaded.progress.events == len(stored)
    assert not any(group.rest for group in loaded.progress.groups)


@given(st.lists(moments, max_size=120), st.integers(1, 9), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_progress_calls_reached_is_whole(moments: list[int], page_size: int, newest_first: bool) -> None:
    stored = [event(WINDOW.start + at, f"m{n}") for n, at in enumerate(moments)]
    service = Service(stored, page_size)

    async def scenario() -> None:
        loaded = Loaded()
        paced = Paced(service, Budget(lambda: {}, clock=asyncio.get_running_loop().time))
        items = backfill(
            paced, Query(("/a",), WINDOW), clock=service.clock, seen=loaded.seen, newest_first=newest_first
        )
        edge = WINDOW.end if newest_first else WINDOW.start
        assert edge is not None
        async with aclosing(items):
            async for item in items:
                if isinstance(item, EventBatch):
                    loaded.events.extend(item.events())
                    continue
                (group,) = item.groups
                if group.reached is not None:
                    assert group.reached <= edge if newest_first else group.reached >= edge
                    edge = group.reached
                    whole = TimeWindow(edge, NOW) if newest_first else TimeWindow(WINDOW.start, edge)
                    come = [each for each in loaded.events if whole.holds(each.timestamp)]
                    assert names(come) == names(each for each in stored if whole.holds(each.timestamp))
                elsewhere = [
                    each
                    for each in stored
                    if not any(window.holds(each.timestamp) for window in group.missing)
                ]
                assert not names(elsewhere) - names(loaded.events)

    run_virtually(scenario())


@pytest.mark.parametrize("newest_first", [False, True])
def test_events_out_of_order_around_a_cut_are_not_lost(newest_first: bool) -> None:
    service = Service(even(2_000, over_ms=100_000), disorder=MARGIN_MS - 1)
    loaded = run_virtually(load(service, newest_first=newest_first))
    assert names(loaded.events) == names(service.events)
    assert len({request.window for request, _ in service.requests}) > 3, "it was cut"


# Few calls, at once -----------------------------------------------------------------------------


def test_a_window_that_one_page_holds_costs_one_call() -> None:
    service = Service(even(9))
    loaded = run_virtually(load(service))
    assert len(loaded.events) == 9
    assert len(service.requests) == 1


@pytest.mark.parametrize("newest_first", [False, True])
def test_many_pages_are_read_at_once_with_few_calls_more(newest_first: bool) -> None:
    service = Service(even(1_000))
    loaded = run_virtually(load(service, newest_first=newest_first))
    assert len(loaded.events) == 1_000
    assert len(service.requests) <= 115
    assert loaded.took < 12.5, "a hundred pages at ten calls a second; one after the other takes thirty"
    assert service.most_at_once <= 5


def test_a_burst_in_an_empty_window_is_found_and_cut() -> None:
    burst = [event(WINDOW.start + 400_000 + n * 20, f"m{n}") for n in range(1_000)]
    service = Service(burst)
    loaded = run_virtually(load(service))
    assert len(loaded.events) == 1_000
    assert len(service.requests) <= 140
    assert loaded.took < 16


def test_more_events_of_one_millisecond_than_a_page_holds_all_come() -> None:
    service = Service([event(WINDOW.start + 5, f"m{n}") for n in range(200)])
    loaded = run_virtually(load(service))
    assert len(names(loaded.events)) == len(loaded.events) == 200
    assert len(service.requests) <= 45


def test_pages_of_one_huge_event_are_cut_like_others() -> None:
    service = Service(even(100), page_size=1)
    loaded = run_virtually(load(service))
    assert len(loaded.events) == 100
    assert len(service.requests) <= 125
    assert loaded.took < 14


def test_forty_groups_share_the_calls_and_none_is_cut_while_others_wait() -> None:
    groups = [f"/g{number:02}" for number in range(40)]
    service = Service([each for group in groups for each in even(30, group)])
    loaded = run_virtually(load(service, query=Query(tuple(groups), WINDOW)))
    assert len(loaded.events) == 1_200
    assert {request.group for request, _ in service.requests[:40]} == set(groups)
    assert len(service.requests) <= 125
    assert service.most_at_once <= 5


def test_a_load_that_may_stop_early_comes_strictly_in_its_direction() -> None:
    service = Service(even(300))
    loaded = run_virtually(load(service, newest_first=True, cut=False, items=10))
    times = [each.timestamp for each in loaded.events]
    assert times == sorted(times, reverse=True)
    assert len(service.requests) <= 6


def test_no_more_calls_are_on_their_way_than_sixteen_however_slow_the_answers() -> None:
    service = Service(even(2_000))
    service.latency = 5.0
    loaded = run_virtually(load(service, quota=25))
    assert service.most_at_once == 16
    assert len(loaded.events) == 2_000


# What goes wrong --------------------------------------------------------------------------------


def test_a_cancelled_load_tells_what_is_missing_and_asks_for_no_more_than_that() -> None:
    service = Service(even(1_000))

    async def scenario() -> None:
        loaded = await load(service, items=80)
        assert loaded.progress is not None
        (group,) = loaded.progress.groups
        gone = sum((window.end or NOW) - window.start for window in group.missing)
        assert 0.3 * 600_000 < gone < 0.8 * 600_000
        came, before = len(loaded.events), len(service.requests)
        await load(service, into=loaded)
        assert names(loaded.events) == names(service.events)
        assert len(service.requests) - before <= (1_000 - came) / 10 + 12
        for request, _ in service.requests[before:]:
            start = request.window.start
            assert any(
                window.start - MARGIN_MS <= start and (window.end is None or start < window.end)
                for window in group.missing
            )

    run_virtually(scenario())


def test_an_expired_token_restarts_its_slice_where_it_was_complete() -> None:
    service = Service(even(200))
    service.script = ["gone"] + [""] * 9
    loaded = run_virtually(load(service))
    assert names(loaded.events) == names(service.events)
    assert loaded.progress is not None
    assert not loaded.progress.partial
    assert len(service.requests) < 40


def test_a_token_that_expires_again_and_again_without_progress_is_said() -> None:
    service = Service([event(WINDOW.start + 5, f"m{n}") for n in range(30)])
    service.script = ["gone"] * 50 + [""]
    loaded = run_virtually(load(service))
    assert loaded.failure is not None
    assert loaded.failure.code == "cwtui.data.token"
    assert len(service.requests) < 20


def test_a_slice_that_is_stuck_is_said_and_missing_while_the_others_go_on() -> None:
    class Stuck(Service):
        async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
            if token == "stuck":
                self.requests.append((request, token))
                assert len(self.requests) < 200
                return EventsPage(EventBatch.of([]), token)
            page = await super().events_page(request, token)
            if (
                len(page.batch)
                and WINDOW.start + 100_000 < min(page.batch.timestamps) < WINDOW.start + 150_000
            ):
                return EventsPage(EventBatch.of([]), "stuck")
            return page

    service = Stuck(even(300))
    loaded = run_virtually(load(service))
    assert loaded.progress is not None
    (group,) = loaded.progress.groups
    assert "incomplete" in group.incomplete
    assert group.done
    assert group.missing
    assert len(loaded.events) > 150
    late = [each for each in service.events if each.timestamp > WINDOW.start + 400_000]
    assert not names(late) - names(loaded.events)


def test_a_page_that_repeats_with_its_token_for_ever_is_not_progress() -> None:
    class Looping(Service):
        async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
            assert len(self.requests) < 100
            return replace(await super().events_page(request, None), token="again")

    service = Looping(even(5))
    loaded = run_virtually(load(service))
    assert len(loaded.events) == 5
    assert loaded.progress is not None
    assert loaded.progress.partial
    assert len(service.requests) < 30


def test_more_than_a_hundred_streams_are_asked_for_a_hundred_at_a_time() -> None:
    stored = [event(WINDOW.start + n * 100, f"m{n}", stream=f"s{n % 250}") for n in range(1_000)]
    service = Service(stored)
    query = Query(("/a",), WINDOW, streams=tuple(f"s{n}" for n in range(230)))

    async def scenario() -> Loaded:
        loaded = await load(service, query=query, items=40)
        return await load(service, query=query, into=loaded)

    loaded = run_virtually(scenario())
    assert names(loaded.events) == names(each for each in stored if int(each.stream[1:]) < 230)
    assert {len(request.streams) for request, _ in service.requests} == {100, 30}


def test_throttles_of_a_shared_quota_are_few_and_lose_nothing() -> None:
    class Shared(Service):
        """Six calls a second are left of the ten."""

        tokens_left, at, refused = 6.0, 0.0, 0

        async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
            now = asyncio.get_running_loop().time()
            self.tokens_left = min(6.0, self.tokens_left + (now - self.at) * 6)
            self.at = now
            if self.tokens_left < 1:
                self.refused += 1
                self.requests.append((request, token))
                raise LimitReached("Rate exceeded", code="throttled")
            self.tokens_left -= 1
            return await super().events_page(request, token)

    service = Shared(even(3_000))
    loaded = run_virtually(load(service))
    assert names(loaded.events) == names(service.events)
    assert service.refused <= 0.05 * len(service.requests)


def test_the_memory_of_a_long_load_is_bounded_by_its_open_ends() -> None:
    service = Service(even(6_000), page_size=20)
    service.clock.now = NOW + 3_600_000
    loaded = run_virtually(load(service))
    assert len(loaded.events) == 6_000
    # Of each of five slices: the spans of ten seconds (100 events) around its ends and its last two pages.
    assert loaded.names_held < 5 * 4 * 2 * 100


def test_twenty_pages_take_little_longer_than_the_quota_itself() -> None:
    service = Service(even(200))
    loaded = run_virtually(load(service))
    # Twenty calls at ten a second and the last answer: 2.2 s. One after the other they take six.
    assert loaded.took < 2.6
    assert len(service.requests) <= 22
