"""What every `LogReader` promises, asked of CloudWatch (on the fake AWS) and of a recording alike."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.adapters.offline import OfflineReader
from cwtui.adapters.recorded_files import MOST_KEPT
from cwtui.core.errors import CwtuiError, InputError, NotFound
from cwtui.core.models import (
    EventsPage,
    EventsRequest,
    LogEvent,
    LogStream,
    StreamRequest,
    StreamsRequest,
    TimeWindow,
)
from cwtui.core.ports import LogReader
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws, VirtualClock

ACCOUNT, REGION = "123456789012", "eu-west-1"
NOW = 1_795_350_000_000
START = NOW - 600_000
API, DB, BUSY = "/shop/api", "/shop/db", "/shop/busy"
STREAMS = ("web/1", "web/2", "jobs/[$LATEST]1")
ALL = TimeWindow(START - 1_000_000, NOW + 8_000_000)
MOST_PAGES = 400


def _produced() -> list[LogEvent]:
    def event(group: str, stream: str, offset: int, message: str, delay: int = 50) -> LogEvent:
        return LogEvent(START + offset, START + offset + delay, group, stream, message, "", ACCOUNT, REGION)

    events = [
        event(
            API, STREAMS[number % 3], number * 10, f'{{"level": "{"error" if number % 5 == 0 else "info"}"}}'
        )
        for number in range(40)
    ]
    events += [event(API, "web/1", 55, "twin"), event(API, "web/1", 55, "twin")]
    events += [event(API, "web/2", 30, "late by a minute", delay=60_000)]
    events += [event(API, "web/2", 100 + number, f"same time {number}", delay=0) for number in (0, 0, 1)]
    events += [event(API, "web/1", 5_000_000, "from the future", delay=-4_990_000)]
    events += [event(API, "web/2", 77, "ESC \x1b]0;x\x07 half \ud83d NUL \x00 \N{SNOWMAN}")]
    events += [event(DB, "instance", number, f"row {number} " + "x" * 300_000) for number in range(8)]
    events += [event(f"/many/{number:03}", "only", number, "one") for number in range(60)]
    events += [event(BUSY, f"stream {number:03}", number, "one") for number in range(70)]
    return events


PRODUCED = _produced()


def _on_fake(fake: FakeAws) -> LogReader:
    for event in PRODUCED:
        fake.logs.put(event.group, event.stream, event.timestamp, event.message, event.ingestion_time)
    settings = Settings(endpoint_url=fake.url, region=REGION)
    return CloudWatchReader(settings, keys=FAKE_KEYS, clock=fake.clock, attempts=1)


def _on_disk(folder: Path, most_kept: int = MOST_KEPT) -> LogReader:
    lines = [
        {
            "timestamp": event.timestamp,
            "ingestionTime": event.ingestion_time,
            "logGroup": event.group,
            "logStream": event.stream,
            "message": event.message,
            "eventId": f"e{number}",
            "account": ACCOUNT,
            "region": REGION,
        }
        for number, event in enumerate(PRODUCED)
    ]
    folder.mkdir()
    (folder / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    manifest = {
        "schema": "cwtui.recording/1",
        "account": ACCOUNT,
        "region": REGION,
        "files": ["events.jsonl"],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return OfflineReader([folder], clock=lambda: NOW, context_name="recorded", most_kept=most_kept)


# One reader of each kind for all tests: they only read, and opening an SDK session is what takes long.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["cloudwatch", "offline", "offline, on disk"]
)
async def reader(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LogReader]:
    if request.param != "cloudwatch":
        folder = tmp_path_factory.mktemp("contract") / "recording"
        offline = _on_disk(folder, most_kept=MOST_KEPT if request.param == "offline" else 0)
        yield offline
        await offline.aclose()
        return
    async with FakeAws(clock=VirtualClock(NOW), account=ACCOUNT, region=REGION) as fake:
        cloudwatch = _on_fake(fake)
        yield cloudwatch
        await cloudwatch.aclose()


Fact = tuple[str, str, int, int, str]


def facts(events: Sequence[LogEvent]) -> list[Fact]:
    return [
        (event.group, event.stream, event.timestamp, event.ingestion_time, event.message) for event in events
    ]


def expected(group: str, window: TimeWindow = ALL) -> list[LogEvent]:
    return [event for event in PRODUCED if event.group == group and window.holds(event.timestamp)]


async def filtered(reader: LogReader, request: EventsRequest) -> list[LogEvent]:
    """FilterLogEvents to its end, by hand."""
    events: list[LogEvent] = []
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = await reader.events_page(request, token)
        assert len(page.batch) <= request.limit
        events += page.batch.events()
        if page.token is None:
            return events
        token = page.token
    raise AssertionError("no end")


async def read(reader: LogReader, request: StreamRequest) -> list[LogEvent]:
    """GetLogEvents to its end, by hand; backward pages are put in front."""
    events: list[LogEvent] = []
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = await reader.stream_page(request, token)
        assert len(page.batch) <= request.limit
        assert page.token is not None
        fresh = list(page.batch.events())
        assert [event.timestamp for event in fresh] == sorted(event.timestamp for event in fresh)
        events = events + fresh if request.from_head else fresh + events
        if page.token == token:
            return events
        token = page.token
    raise AssertionError("no end")


@pytest.mark.parametrize("limit", [1, 3, 7, 10_000])
@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
async def test_paging_to_the_end_gives_what_was_produced(
    reader: LogReader, limit: int, newest_first: bool
) -> None:
    events = await filtered(reader, EventsRequest(API, ALL, limit=limit, newest_first=newest_first))
    assert Counter(facts(events)) == Counter(facts(expected(API)))
    times = [event.timestamp for event in events]
    assert times == sorted(times, reverse=newest_first)


@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
async def test_a_page_ends_at_one_megabyte(reader: LogReader, newest_first: bool) -> None:
    request = EventsRequest(DB, ALL, newest_first=newest_first)
    first = await reader.events_page(request, None)
    assert 1 <= len(first.batch) <= 3
    assert Counter(facts(await filtered(reader, request))) == Counter(facts(expected(DB)))


@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
async def test_the_window_counts_its_start_in_and_its_end_out(reader: LogReader, newest_first: bool) -> None:
    window = TimeWindow(START + 30, START + 100)
    events = await filtered(reader, EventsRequest(API, window, limit=4, newest_first=newest_first))
    assert Counter(facts(events)) == Counter(facts(expected(API, window)))
    assert {START + 30, START + 90} <= {event.timestamp for event in events}
    assert START + 100 not in {event.timestamp for event in events}


async def test_an_open_window_reaches_events_of_the_future(reader: LogReader) -> None:
    events = await filtered(reader, EventsRequest(API, TimeWindow(START)))
    assert Counter(facts(events)) == Counter(facts(expected(API)))


async def test_an_event_knows_its_account_region_and_id(reader: LogReader) -> None:
    events = await filtered(reader, EventsRequest(API, ALL))
    assert {(event.account, event.region) for event in events} == {(ACCOUNT, REGION)}
    assert len({event.event_id for event in events}) == len(events)


async def test_a_stream_prefix_chooses_streams(reader: LogReader) -> None:
    events = await filtered(reader, EventsRequest(API, ALL, stream_prefix="web/", limit=5))
    wanted = [event for event in expected(API) if event.stream.startswith("web/")]
    assert Counter(facts(events)) == Counter(facts(wanted))


async def test_stream_names_choose_exactly_those_streams(reader: LogReader) -> None:
    events = await filtered(reader, EventsRequest(API, ALL, streams=(STREAMS[0], STREAMS[2]), limit=5))
    wanted = [event for event in expected(API) if event.stream != "web/2"]
    assert Counter(facts(events)) == Counter(facts(wanted))


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("twin", 2), ('"same time"', 3), ('{ $.level = "error" }', 8), ("?twin ?future", 3), ("same -1", 2)],
)
async def test_a_pattern_lets_through_what_matches(reader: LogReader, pattern: str, count: int) -> None:
    assert len(await filtered(reader, EventsRequest(API, ALL, pattern=pattern, limit=2))) == count


async def test_a_pattern_that_matches_nothing_ends_too(reader: LogReader) -> None:
    assert await filtered(reader, EventsRequest(API, ALL, pattern="absent")) == []


@pytest.mark.parametrize("pattern", ["{ $.level = ", "[a, b", '"open'])
async def test_a_broken_pattern_is_refused(reader: LogReader, pattern: str) -> None:
    with pytest.raises(InputError) as caught:
        await reader.events_page(EventsRequest(API, ALL, pattern=pattern), None)
    assert caught.value.hint


@pytest.mark.parametrize("limit", [0, -1, 10_001])
async def test_a_limit_out_of_range_is_refused_or_lowered(reader: LogReader, limit: int) -> None:
    if limit > 10_000 and isinstance(reader, CloudWatchReader):
        assert len((await reader.events_page(EventsRequest(API, ALL, limit=limit), None)).batch) > 0
        return
    with pytest.raises(InputError):
        await reader.events_page(EventsRequest(API, ALL, limit=limit), None)


async def test_an_unknown_group_is_not_found_by_any_call(reader: LogReader) -> None:
    for call in (
        reader.events_page(EventsRequest("/no/such", ALL), None),
        reader.streams_page(StreamsRequest("/no/such"), None),
        reader.stream_page(StreamRequest("/no/such", "web/1", ALL), None),
    ):
        with pytest.raises(NotFound, match="/no/such") as caught:
            await call
        assert caught.value.hint


async def test_an_unknown_stream_is_not_found(reader: LogReader) -> None:
    with pytest.raises(NotFound, match="no-such"):
        await reader.stream_page(StreamRequest(API, "no-such", ALL), None)
    with pytest.raises(NotFound):
        await reader.events_page(EventsRequest(API, ALL, streams=("no-such",)), None)


async def test_an_invented_token_is_refused(reader: LogReader) -> None:
    for call in (
        reader.events_page(EventsRequest(API, ALL), "invented"),
        reader.stream_page(StreamRequest(API, "web/1", ALL), "invented"),
        reader.groups_page("", "invented"),
    ):
        with pytest.raises(CwtuiError) as caught:
            await call
        assert caught.value.code.endswith(".token")


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("limit", [1, 4, 10_000])
@pytest.mark.parametrize("from_head", [True, False], ids=["forward", "backward"])
async def test_a_stream_ends_when_its_token_comes_back(
    reader: LogReader, stream: str, limit: int, from_head: bool
) -> None:
    events = await read(reader, StreamRequest(API, stream, ALL, from_head=from_head, limit=limit))
    wanted = [event for event in expected(API) if event.stream == stream]
    assert Counter(facts(events)) == Counter(facts(wanted))


async def test_a_stream_is_read_in_a_half_open_window(reader: LogReader) -> None:
    window = TimeWindow(START + 30, START + 90)
    events = await read(reader, StreamRequest(API, "web/1", window, from_head=True, limit=2))
    assert facts(events) == sorted(
        facts([event for event in expected(API, window) if event.stream == "web/1"]), key=lambda fact: fact[2]
    )
    assert START + 30 in {event.timestamp for event in events}
    assert START + 90 not in {event.timestamp for event in events}


async def test_from_the_middle_of_a_stream_the_way_back_gives_what_came_before(reader: LogReader) -> None:
    request = StreamRequest(API, "web/1", ALL, from_head=True, limit=5)
    first = await reader.stream_page(request, None)
    second = await reader.stream_page(request, first.token)
    back: EventsPage = await reader.stream_page(request, second.back_token)
    assert facts(list(back.batch.events())) == facts(list(first.batch.events()))


async def test_an_empty_window_of_a_stream_ends_at_once(reader: LogReader) -> None:
    request = StreamRequest(API, "web/1", TimeWindow(1_000, 2_000), from_head=True)
    assert await read(reader, request) == []


async def test_groups_come_in_pages_in_ascii_order(reader: LogReader) -> None:
    names: list[str] = []
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = await reader.groups_page("", token)
        assert 1 <= len(page.groups) <= 50
        names += [group.name for group in page.groups]
        if (token := page.token) is None:
            break
    assert names == sorted({event.group for event in PRODUCED})


async def test_groups_are_found_by_a_part_of_their_name_in_its_own_case(reader: LogReader) -> None:
    assert [group.name for group in (await reader.groups_page("hop/", None)).groups] == [API, BUSY, DB]
    assert list((await reader.groups_page("SHOP", None)).groups) == []


async def test_a_group_knows_its_account_and_arn_without_a_star(reader: LogReader) -> None:
    (group,) = (await reader.groups_page(API, None)).groups
    assert (group.account, group.region) == (ACCOUNT, REGION)
    assert group.arn == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{API}"


async def _streams(reader: LogReader, request: StreamsRequest) -> list[LogStream]:
    streams: list[LogStream] = []
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = await reader.streams_page(request, token)
        assert 1 <= len(page.streams) <= 50
        streams += page.streams
        if (token := page.token) is None:
            return streams
    raise AssertionError("no end")


async def test_streams_come_in_pages_newest_first(reader: LogReader) -> None:
    names = [stream.name for stream in await _streams(reader, StreamsRequest(BUSY))]
    assert names == [f"stream {number:03}" for number in reversed(range(70))]


async def test_streams_are_found_by_prefix_in_order_of_name(reader: LogReader) -> None:
    names = [stream.name for stream in await _streams(reader, StreamsRequest(API, "web", newest_first=False))]
    assert names == ["web/1", "web/2"]


async def test_streams_are_not_ordered_by_time_and_chosen_by_prefix_at_once(reader: LogReader) -> None:
    with pytest.raises(InputError):
        await reader.streams_page(StreamsRequest(API, "web", newest_first=True), None)
