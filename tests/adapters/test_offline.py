"""Recordings read as CloudWatch would answer."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cwtui.adapters.offline import OfflineReader
from cwtui.adapters.retell import Retelling, fresh_event_id, stream_name
from cwtui.core.errors import DataError, InputError, NotFound
from cwtui.core.models import (
    EventsRequest,
    LiveRequest,
    LogEvent,
    LogGroup,
    StreamRequest,
    StreamsRequest,
    TimeWindow,
)
from cwtui.core.naming import named
from cwtui.core.shipped import shipped
from cwtui.fetch.together import identifier_in

T0 = 1_795_298_400_000
"""2026-11-21T22:00:00Z, when the recordings of these tests begin."""
OPENED = 1_900_000_000_000
"""2030-03-17T17:46:40Z."""
EVER = TimeWindow(0)
Fields = dict[str, Any]


class Now:
    """A clock that stands until it is moved; sleeping moves it."""

    def __init__(self, now: int = OPENED) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


def record(at: int, message: str, group: str = "/app", stream: str = "one", **more: object) -> Fields:
    """An event record, `at` ms after T0, ingested at once."""
    ingested = T0 + at + int(str(more.pop("delay", 0)))
    return {
        "timestamp": T0 + at,
        "ingestionTime": ingested,
        "logGroup": group,
        "logStream": stream,
        "message": message,
        "eventId": f"{at:056d}",
        "account": "111122223333",
        "region": "eu-west-1",
        **more,
    }


def recording(folder: Path, records: Sequence[Fields], **facts: object) -> Path:
    """A recording on disk; `facts` go into its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted({(item["account"], item["region"], item["logGroup"]) for item in records})
    manifest = {
        "schema": "cwtui.recording/1",
        "first": min(item["timestamp"] for item in records),
        "last": max(item["timestamp"] for item in records),
        "groups": [{"account": account, "region": region, "name": name} for account, region, name in names],
        **facts,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    lines = "".join(json.dumps(item) + "\n" for item in records)
    (folder / "events.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    return folder


def reader(*paths: Path, now: Now | None = None) -> OfflineReader:
    clock = now or Now()
    return OfflineReader(paths, clock=clock, context_name="test", sleep=clock.sleep)


async def filtered(source: OfflineReader, request: EventsRequest) -> list[LogEvent]:
    """FilterLogEvents to the end, by hand."""
    events: list[LogEvent] = []
    token: str | None = None
    while True:
        page = await source.events_page(request, token)
        events += page.batch.events()
        if page.token is None:
            return events
        token = page.token


async def streamed(source: OfflineReader, request: StreamRequest) -> list[LogEvent]:
    """GetLogEvents to the end in the direction of the request, oldest first."""
    pages: list[list[LogEvent]] = []
    token: str | None = None
    while True:
        page = await source.stream_page(request, token)
        pages.append(list(page.batch.events()))
        if page.token == token:
            break
        token = page.token
    return [event for part in (pages if request.from_head else reversed(pages)) for event in part]


def live_recording(folder: Path) -> Path:
    """Two minutes, of which the second is repeated: an id, a time and a late event in each."""
    records = [
        record(
            at,
            f"2026-11-21T22:0{at // 60_000}:{at // 1000 % 60:02d}.{at % 1000:03d}Z "
            f"id=0a0b0c0d-0000-4000-8000-{at:012d} n={at}",
            stream=f"2026/11/21/[$LATEST]{'ab' * 16}" if at % 20_000 else "host-1",
            delay=45_000 if at == 90_000 else 300,
        )
        for at in range(0, 120_000, 10_000)
    ]
    return recording(folder, records, live=True, end=T0 + 120_000, replay_from=T0 + 60_000)


# Groups


async def test_groups_come_fifty_a_page_in_ascii_order(tmp_path: Path) -> None:
    names = [f"/app/{number:03d}" for number in range(120)] + ["/App", "zeta"]
    source = reader(recording(tmp_path, [record(0, "x", name) for name in names]))
    first = await source.groups_page("", None)
    second = await source.groups_page("", first.token)
    third = await source.groups_page("", second.token)
    assert [len(page.groups) for page in (first, second, third)] == [50, 50, 22]
    assert third.token is None
    listed = [group.name for page in (first, second, third) for group in page.groups]
    assert listed == sorted(names)


async def test_a_group_pattern_is_a_substring_in_its_own_case(tmp_path: Path) -> None:
    source = reader(recording(tmp_path, [record(0, "x", name) for name in ("/App/a", "/app/a", "/web")]))
    assert [group.name for group in (await source.groups_page("app", None)).groups] == ["/app/a"]
    assert (await source.groups_page("a*", None)).groups == []


async def test_listing_one_recording_reads_its_manifest_only(tmp_path: Path) -> None:
    folder = recording(tmp_path, [record(0, "x")])
    (folder / "events.jsonl.gz").write_bytes(b"")
    source = reader(folder)
    (group,) = (await source.groups_page("", None)).groups
    assert group.arn == "arn:aws:logs:eu-west-1:111122223333:log-group:/app"
    assert (source.context.account, source.context.region, source.context.offline) == (
        "111122223333",
        "eu-west-1",
        True,
    )


async def test_files_are_listed_by_the_groups_of_their_events(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(record(0, "x", name)) + "\n" for name in ("/b", "/a")))
    assert [group.name for group in (await reader(file).groups_page("", None)).groups] == ["/a", "/b"]


# Streams


async def test_streams_come_newest_first_or_by_name(tmp_path: Path) -> None:
    records = [record(number * 1000, "x", stream=f"s{number % 70:02d}") for number in range(140)]
    source = reader(recording(tmp_path, records))
    first = await source.streams_page(StreamsRequest("/app"), None)
    second = await source.streams_page(StreamsRequest("/app"), first.token)
    assert [len(first.streams), len(second.streams), second.token] == [50, 20, None]
    assert [stream.name for stream in first.streams[:2]] == ["s69", "s68"]
    assert (first.streams[0].first_event, first.streams[0].last_event) == (T0 + 69_000, T0 + 139_000)
    named = await source.streams_page(StreamsRequest("/app", prefix="s0", newest_first=False), None)
    assert [stream.name for stream in named.streams] == [f"s0{digit}" for digit in range(10)]


async def test_a_stream_prefix_with_newest_first_is_refused_as_by_the_service(tmp_path: Path) -> None:
    source = reader(recording(tmp_path, [record(0, "x")]))
    with pytest.raises(InputError, match="last event"):
        await source.streams_page(StreamsRequest("/app", prefix="o", newest_first=True), None)


# FilterLogEvents


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    times=st.lists(st.integers(0, 40), min_size=1, max_size=60),
    limit=st.integers(1, 9),
    start=st.integers(0, 20),
    length=st.integers(1, 40),
)
async def test_paging_to_the_end_gives_the_window_once_and_backward_the_same_reversed(
    tmp_path: Path, times: list[int], limit: int, start: int, length: int
) -> None:
    records = [record(at, f"{n}", delay=n % 7, eventId=f"{n}") for n, at in enumerate(times)]
    source = reader(recording(tmp_path, records))
    window = TimeWindow(T0 + start, T0 + start + length)
    forward = await filtered(source, EventsRequest("/app", window, limit=limit))
    backward = await filtered(source, EventsRequest("/app", window, limit=limit, newest_first=True))
    expected = sorted(
        (item for item in records if window.holds(item["timestamp"])),
        key=lambda item: (item["timestamp"], item["ingestionTime"]),
    )
    assert [event.message for event in forward] == [item["message"] for item in expected]
    assert backward == forward[::-1]


async def test_a_page_is_cut_at_one_megabyte_and_holds_at_least_one_event(tmp_path: Path) -> None:
    records = [record(at, "é" * 200_000) for at in range(4)] + [record(4, "x" * 2_000_000)]
    source = reader(recording(tmp_path, records))
    sizes = []
    token: str | None = None
    while True:
        page = await source.events_page(EventsRequest("/app", EVER), token)
        sizes.append(len(page.batch))
        if (token := page.token) is None:
            break
    assert sizes == [2, 2, 1]


async def test_a_page_that_looked_far_for_little_may_be_empty_with_a_token(tmp_path: Path) -> None:
    # Found only at the places where a page stops looking, forward and backward.
    wanted = (10_000, 10_001, 49_999, 50_000, 60_000)
    records = [record(at, f"ERROR {at}" if at in wanted else "INFO fine") for at in range(60_001)]
    file = tmp_path / "many.jsonl"
    file.write_text("".join(json.dumps(item) + "\n" for item in records))
    source = reader(file)
    first = await source.events_page(EventsRequest("/app", EVER, pattern="fine -fine"), None)
    assert (len(first.batch), first.token is None) == (0, False)
    for newest_first in (False, True):
        request = EventsRequest("/app", EVER, pattern="ERROR", newest_first=newest_first)
        found = [int(event.message[6:]) for event in await filtered(source, request)]
        assert found == sorted(wanted, reverse=newest_first)


async def test_streams_are_chosen_by_prefix_or_by_names_but_not_by_both(tmp_path: Path) -> None:
    source = reader(
        recording(tmp_path, [record(n, str(n), stream=s) for n, s in enumerate(("a1", "a2", "b"))])
    )
    assert [e.message for e in await filtered(source, EventsRequest("/app", EVER, stream_prefix="a"))] == [
        "0",
        "1",
    ]
    assert [e.message for e in await filtered(source, EventsRequest("/app", EVER, streams=("a2", "b")))] == [
        "1",
        "2",
    ]
    with pytest.raises(InputError, match="not by both"):
        await source.events_page(EventsRequest("/app", EVER, stream_prefix="a", streams=("b",)), None)
    with pytest.raises(InputError, match="100"):
        await source.events_page(EventsRequest("/app", EVER, streams=("a1",) * 101), None)


async def test_a_broken_pattern_and_a_broken_limit_are_refused(tmp_path: Path) -> None:
    source = reader(recording(tmp_path, [record(0, "x")]))
    with pytest.raises(InputError):
        await source.events_page(EventsRequest("/app", EVER, pattern="{ $.level = "), None)
    with pytest.raises(InputError, match="10001"):
        await source.events_page(EventsRequest("/app", EVER, limit=10_001), None)


@pytest.mark.parametrize(
    "token", ["", "nonsense", "f/0/1/000000000000", "f/0/99999999999999999999/aaaaaaaaaaaa"]
)
async def test_a_token_that_was_not_given_out_is_refused(tmp_path: Path, token: str) -> None:
    source = reader(recording(tmp_path, [record(0, "x"), record(1, "y")]))
    for call in (
        source.events_page(EventsRequest("/app", EVER), token),
        source.stream_page(StreamRequest("/app", "one", EVER), token),
        source.groups_page("", token),
        source.streams_page(StreamsRequest("/app"), token),
    ):
        with pytest.raises(InputError, match=r"The specified nextToken is invalid\."):
            await call


async def test_a_token_serves_only_the_request_that_gave_it(tmp_path: Path) -> None:
    source = reader(recording(tmp_path, [record(0, "x"), record(1, "y")]))
    request = EventsRequest("/app", EVER, limit=1)
    token = (await source.events_page(request, None)).token
    with pytest.raises(InputError, match="nextToken"):
        await source.events_page(EventsRequest("/app", TimeWindow(5), limit=1), token)
    with pytest.raises(InputError, match="nextToken"):
        await source.events_page(EventsRequest("/app", EVER, limit=1, newest_first=True), token)


async def test_what_does_not_exist_is_said_with_what_is_near(tmp_path: Path) -> None:
    source = reader(recording(tmp_path, [record(0, "x", "/aws/lambda/checkout")]))
    with pytest.raises(NotFound, match="/aws/lambda/chekout") as group:
        await source.events_page(EventsRequest("/aws/lambda/chekout", EVER), None)
    assert "/aws/lambda/checkout" in group.value.hint
    with pytest.raises(NotFound, match="log stream 'on'") as stream:
        await source.stream_page(StreamRequest("/aws/lambda/checkout", "on", EVER), None)
    assert "one" in stream.value.hint
    with pytest.raises(NotFound):
        await source.events_page(EventsRequest("/aws/lambda/checkout", EVER, streams=("two",)), None)


# GetLogEvents


@pytest.mark.parametrize("from_head", [True, False])
async def test_a_stream_read_to_the_repeated_token_is_whole_in_both_directions(
    tmp_path: Path, from_head: bool
) -> None:
    records = [record(at, str(at), stream="one" if at % 3 else "two") for at in range(50)]
    source = reader(recording(tmp_path, records))
    window = TimeWindow(T0 + 10, T0 + 40)
    events = await streamed(source, StreamRequest("/app", "one", window, from_head, limit=4))
    assert [event.message for event in events] == [str(at) for at in range(10, 40) if at % 3]


async def test_the_latest_lines_of_a_stream_come_first_and_lead_back(tmp_path: Path) -> None:
    source = reader(recording(tmp_path, [record(at, str(at)) for at in range(10)]))
    request = StreamRequest("/app", "one", EVER, limit=3)
    latest = await source.stream_page(request, None)
    assert latest.batch.messages == ["7", "8", "9"]
    before = await source.stream_page(request, latest.back_token)
    assert before.batch.messages == ["4", "5", "6"]


async def test_following_a_stream_forward_finds_what_came_meanwhile(tmp_path: Path) -> None:
    now = Now()
    source = reader(live_recording(tmp_path), now=now)
    request = StreamRequest("/app", "host-1", EVER, from_head=True)
    first = await source.stream_page(request, None)
    again = await source.stream_page(request, first.token)
    assert (len(again.batch), again.token) == (0, first.token)
    now.now += 30_000
    later = await source.stream_page(request, first.token)
    assert len(later.batch) == 2
    assert min(later.batch.timestamps) >= OPENED


# Live recordings


async def test_a_live_recording_ends_at_the_moment_of_opening(tmp_path: Path) -> None:
    source = reader(live_recording(tmp_path))
    assert await source.extent(["/app"]) == (OPENED - 120_000, OPENED - 10_000)
    events = await filtered(source, EventsRequest("/app", EVER))
    assert [event.timestamp for event in events][-1] == OPENED - 10_000
    assert events[-1].message.startswith("2030-03-17T17:46:30.000Z ")
    assert {event.stream for event in events} == {"host-1", "2030/03/17/[$LATEST]" + "ab" * 16}


async def test_a_late_event_is_not_there_until_it_arrives(tmp_path: Path) -> None:
    now = Now()
    source = reader(live_recording(tmp_path), now=now)
    late = TimeWindow(OPENED - 30_000, OPENED - 29_999)
    assert await filtered(source, EventsRequest("/app", late)) == []
    now.now = OPENED + 14_999
    assert await filtered(source, EventsRequest("/app", late)) == []
    now.now = OPENED + 15_000
    (event,) = await filtered(source, EventsRequest("/app", late))
    assert (event.timestamp, event.ingestion_time) == (OPENED - 30_000, OPENED + 15_000)


async def test_live_production_goes_on_for_ever_with_ids_of_its_own(tmp_path: Path) -> None:
    now = Now()
    source = reader(live_recording(tmp_path), now=now)
    now.now += 10 * 60_000 + 46_000
    events = await filtered(source, EventsRequest("/app", EVER, limit=7))
    assert len(events) == 12 + 10 * 6 + 5 - 1
    assert [event.timestamp for event in events] == sorted(event.timestamp for event in events)
    assert len({event.event_id for event in events}) == len(events)
    ids = [event.message.split("id=")[1].split(" ")[0] for event in events]
    assert len(set(ids)) == len(ids)
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", i) for i in ids
    )
    assert all(now.now - event.ingestion_time >= 0 for event in events)
    assert {event.stream for event in events if "LATEST" not in event.stream} == {"host-1"}
    assert len({event.stream for event in events if "LATEST" in event.stream}) == 1 + 11


async def test_two_calls_and_two_readers_agree_about_live_production(tmp_path: Path) -> None:
    now = Now()
    folder = live_recording(tmp_path)
    sources = [reader(folder, now=now), reader(folder, now=now)]
    now.now += 200_000
    request = EventsRequest("/app", EVER)
    first, second = [await filtered(source, request) for source in sources]
    assert first == second == await filtered(sources[0], request)
    now.now += 100_000
    assert (await filtered(sources[0], request))[: len(first)] == first
    backward = await filtered(sources[0], EventsRequest("/app", EVER, newest_first=True, limit=4))
    assert backward[::-1] == await filtered(sources[0], request)


async def test_a_recording_that_is_over_is_all_there_whatever_the_clock_says(tmp_path: Path) -> None:
    source = reader(recording(tmp_path, [record(0, "x"), record(5_400_000, "ahead")]), now=Now(T0))
    assert len(await filtered(source, EventsRequest("/app", EVER))) == 2
    assert await source.extent([]) == (T0, T0 + 5_400_000)


async def test_a_live_tail_gives_each_arrival_once_and_without_ids(tmp_path: Path) -> None:
    now = Now()
    source = reader(live_recording(tmp_path), now=now)
    seen: list[LogEvent] = []
    updates = 0
    async with aclosing(source.live(LiveRequest((LogGroup("/app"),)))) as updates_of_tail:
        async for update in updates_of_tail:
            updates += 1
            seen += [event for batch in update.batches for event in batch.events()]
            if updates == 130:
                break
    assert now.now == OPENED + 130_000
    polled = await filtered(source, EventsRequest("/app", EVER))
    arrived = [event for event in polled if OPENED < event.ingestion_time <= now.now]
    assert Counter(event.message for event in seen) == Counter(event.message for event in arrived)
    assert {event.event_id for event in seen} == {""}


async def test_a_live_tail_of_too_much_says_that_it_is_a_sample(tmp_path: Path) -> None:
    records = [record(n % 1000, f"{n}") for n in range(1_500)]
    source = reader(recording(tmp_path, records, live=True, end=T0 + 1_000))
    updates = source.live(LiveRequest((LogGroup("/app"),)))
    update = await anext(updates)
    assert update.sampled
    assert sum(map(len, update.batches)) == 500


async def test_a_live_tail_takes_one_to_ten_groups(tmp_path: Path) -> None:
    source = reader(recording(tmp_path, [record(0, "x")]))
    for count in (0, 11):
        with pytest.raises(InputError, match="one to ten"):
            await anext(source.live(LiveRequest((LogGroup("/app"),) * count)))


# Several paths, damaged ones


async def test_a_group_in_two_recordings_is_their_union(tmp_path: Path) -> None:
    one = recording(tmp_path / "one", [record(0, "a"), record(20, "c")])
    two = recording(tmp_path / "two", [record(10, "b"), record(5, "other", "/web")])
    source = reader(one, two)
    assert [group.name for group in (await source.groups_page("", None)).groups] == ["/app", "/web"]
    assert [event.message for event in await filtered(source, EventsRequest("/app", EVER))] == ["a", "b", "c"]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_a_name_in_two_accounts_is_read_whole_and_each_event_keeps_its_account(
    tmp_path: Path, newest_first: bool
) -> None:
    one = recording(tmp_path / "one", [record(at, f"one {at}") for at in range(5)])
    two = recording(tmp_path / "two", [record(at, f"two {at}", account="444455556666") for at in range(5)])
    source = reader(one, two)
    assert [group.account for group in (await source.groups_page("", None)).groups] == [
        "111122223333",
        "444455556666",
    ]
    assert source.context.account == ""
    events = await filtered(source, EventsRequest("/app", EVER, limit=2, newest_first=newest_first))
    assert Counter(event.account for event in events) == {"111122223333": 5, "444455556666": 5}
    arn = "arn:aws:logs:eu-west-1:444455556666:log-group:/app"
    assert {event.message[:3] for event in await filtered(source, EventsRequest(arn, EVER))} == {"two"}


async def test_a_cut_recording_gives_what_it_holds_and_a_note(tmp_path: Path) -> None:
    folder = recording(tmp_path, [record(at, "y" * 50) for at in range(200)])
    packed = (folder / "events.jsonl.gz").read_bytes()
    (folder / "events.jsonl.gz").write_bytes(packed[:-40])
    source = reader(folder)
    events = await filtered(source, EventsRequest("/app", EVER))
    assert 0 < len(events) <= 200
    assert any("cut" in note for note in source.notes)


async def test_a_group_whose_events_were_cut_off_is_empty_not_unknown(tmp_path: Path) -> None:
    folder = recording(tmp_path, [record(0, "x")], groups=[{"name": "/app"}, {"name": "/lost"}])
    assert await filtered(reader(folder), EventsRequest("/lost", EVER)) == []


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03" * 50, b"\x1f\x8bnot gzip at all"])
async def test_an_empty_or_binary_file_is_one_clear_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(content)
    with pytest.raises(DataError, match="events"):
        await reader(file).groups_page("", None)


def test_a_path_that_is_not_there_is_said_on_opening(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        reader(tmp_path / "nowhere")


async def test_the_hostile_recording_is_read_whole() -> None:
    source = reader(shipped("fixtures") / "hostile")
    total = 0
    for group in (await source.groups_page("", None)).groups:
        events = await filtered(source, EventsRequest(group.name, TimeWindow(-(10**6))))
        total += len(events)
        if group.name == "/hostile/records":
            assert sum(event.message == "twins without an id" for event in events) == 2
            assert sum(event.message == "WARN the same line twice" for event in events) == 2
    manifest = json.loads((shipped("fixtures") / "hostile" / "manifest.json").read_text())
    assert total == manifest["events"]
    assert any("lack" in note for note in source.notes)


async def test_the_demo_speaks_of_the_present_in_every_group() -> None:
    now = Now(OPENED + 777)
    source = reader(shipped("fixtures") / "demo", now=now)
    extent = await source.extent([])
    assert extent is not None
    assert OPENED - 7_200_000 <= extent[0] < OPENED - 7_190_000
    assert OPENED - 10_000 < extent[1] <= now.now
    now.now += 3_600_000
    for group in (await source.groups_page("", None)).groups:
        events = await filtered(source, EventsRequest(group.name, TimeWindow(OPENED + 1)))
        assert len(events) > 50
        assert not any(re.search(r"2026-11-2|/Nov/2026|\b17953\d{5}\b", event.message) for event in events)
        assert not any("2026/11" in event.stream for event in events)


# Retelling


RETELLING = Retelling(T0, T0 + 120_000)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-11-21T22:00:01.250Z x", "2026-11-22T22:00:01.250Z x"),
        ("at 2026-11-21 22:00:01,250", "at 2026-11-22 22:00:01,250"),
        ("[21/Nov/2026:22:00:01 +0000]", "[22/Nov/2026:22:00:01 +0000]"),
        ("a 1795298400 1795298460 b", "a 1795384800 1795384860 b"),
        ("179529 1795298400", "179529 1795384800"),
        ("order 17952984001 and 21795298400", "order 17952984001 and 21795298400"),
        ("expires 2026-12-31T00:00:00Z, born 2026-11-02", "expires 2026-12-31T00:00:00Z, born 2026-11-02"),
        ("cut at 2026-11-21T22:0", "cut at 2026-11-21T22:0"),
        ("cut at 21/Nov/2026:22", "cut at 21/Nov/2026:22"),
        ("/Nov/2026: odd", "/Nov/2026: odd"),
        ("2026-11-99T22:00:00 2026-11-21X22:00:00", "2026-11-99T22:00:00 2026-11-21X22:00:00"),
    ],
)
def test_only_times_of_the_recording_are_moved(told: str, expected: str) -> None:
    assert RETELLING.message(told, 86_400_000, 0) == expected


def test_an_id_is_the_same_in_all_groups_of_a_cycle_and_another_in_the_next() -> None:
    told: Callable[[str, int], str] = lambda text, cycle: RETELLING.message(text, 0, cycle)  # noqa: E731
    uuid = "0a0b0c0d-0000-4000-8000-000000000001"
    assert told(f"id={uuid}", 0) == f"id={uuid}"
    assert told(f"id={uuid}", 1)[3:] == told(f"other {uuid}", 1)[6:]
    assert len({told(uuid, cycle) for cycle in range(5)}) == 5
    assert told("f" * 64, 1) == "f" * 64
    assert stream_name("host-1", T0, 3) == "host-1"
    assert fresh_event_id("", 1) == ""


def test_event_ids_told_anew_keep_their_order_and_are_new() -> None:
    recorded = [f"{number:056d}" for number in (7, 8, 9)] + ["e1", "e2"]
    told = [[fresh_event_id(name, later) for name in recorded] for later in (60_000, 120_000)]
    assert all(names == sorted(names) for names in told)
    assert len({*recorded, *told[0], *told[1]}) == 15
    assert {len(name) for name in told[0][:3]} == {56}


@pytest.mark.parametrize("with_manifest", [True, False])
async def test_groups_of_one_name_in_several_accounts_are_groups_of_their_own(
    tmp_path: Path, with_manifest: bool
) -> None:
    lines = [
        record(at, f"of {account}", account=account, eventId=f"{account}-{at}")
        for at in range(3)
        for account in ("111122223333", "444455556666")
    ]
    path = recording(tmp_path / "both", lines)
    if not with_manifest:
        path = tmp_path / "both.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    source = reader(path)
    groups = (await source.groups_page("", None)).groups
    arns = [
        f"arn:aws:logs:eu-west-1:{account}:log-group:/app" for account in ("111122223333", "444455556666")
    ]
    assert [group.identifier for group in groups] == arns
    assert source.context.accounts == ("111122223333", "444455556666")
    for arn in arns:
        events = await filtered(source, EventsRequest(arn, EVER))
        assert {event.account for event in events} == {named(arn).account}
        assert len(events) == 3
        assert [identifier_in(source, each.account, each.region, each.group) for each in events] == [arn] * 3
    # A plain name is all of that name.
    assert len(await filtered(source, EventsRequest("/app", EVER))) == 6


async def test_groups_of_one_account_are_named_by_their_names(tmp_path: Path) -> None:
    source = reader(recording(tmp_path / "one", [record(0, "a"), record(1, "b", group="/other")]))
    await source.load()
    assert [group.identifier for group in (await source.groups_page("", None)).groups] == ["/app", "/other"]
    assert source.context.members == ()
