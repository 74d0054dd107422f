"""What the CloudWatch reader sends, and what it makes of answers that are odd, hostile or none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.errors import (
    CredentialsError,
    CwtuiError,
    DataError,
    LimitReached,
    NetworkError,
    NotFound,
    PermissionDenied,
    ServiceError,
    WrongLogClass,
)
from cwtui.core.models import (
    EventsRequest,
    LiveRequest,
    LiveUpdate,
    LogGroup,
    StreamRequest,
    StreamsRequest,
    TimeWindow,
)
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault, VirtualClock, only_group

SHOP = "/aws/lambda/shop"
START = 1_795_349_000_000
WINDOW = TimeWindow(START, START + 1_000)
SHOP_ARN = f"arn:aws:logs:eu-west-1:123456789012:log-group:{SHOP}"


CALLS: dict[str, Callable[[CloudWatchReader], Awaitable[object]]] = {
    "FilterLogEvents": lambda reader: reader.events_page(EventsRequest(SHOP, WINDOW), None),
    "DescribeLogGroups": lambda reader: reader.groups_page("", None),
    "DescribeLogStreams": lambda reader: reader.streams_page(StreamsRequest(SHOP), None),
    "GetLogEvents": lambda reader: reader.stream_page(StreamRequest(SHOP, "web/1", WINDOW), None),
}


def fill(fake: FakeAws, count: int = 5, group: str = SHOP) -> list[str]:
    messages = [f"line {number}" for number in range(count)]
    for number, message in enumerate(messages):
        fake.logs.put(group, "web/1", START + number, message)
    return messages


async def test_the_window_is_half_open_for_both_calls(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    for timestamp, message in [
        (START - 1, "before"),
        (START, "first"),
        (START + 999, "last"),
        (START + 1_000, "after"),
    ]:
        fake_aws.logs.put(SHOP, "web/1", timestamp, message)
    filtered = await cloudwatch.events_page(EventsRequest(SHOP, WINDOW), None)
    read = await cloudwatch.stream_page(StreamRequest(SHOP, "web/1", WINDOW, from_head=True), None)
    assert list(filtered.batch.messages) == list(read.batch.messages) == ["first", "last"]
    assert fake_aws.called("FilterLogEvents")[0]["endTime"] == START + 999
    assert fake_aws.called("GetLogEvents")[0]["endTime"] == START + 1_000


async def test_empty_lists_and_names_are_left_out(cloudwatch: CloudWatchReader, fake_aws: FakeAws) -> None:
    fill(fake_aws)
    await cloudwatch.events_page(EventsRequest(SHOP, TimeWindow(START)), None)
    assert fake_aws.called("FilterLogEvents") == [{"logGroupName": SHOP, "startTime": START, "limit": 10_000}]


async def test_an_event_carries_where_it_comes_from(cloudwatch: CloudWatchReader, fake_aws: FakeAws) -> None:
    fill(fake_aws, 1)
    event = next((await cloudwatch.events_page(EventsRequest(SHOP, WINDOW), None)).batch.events())
    assert (event.account, event.region, event.group, event.stream) == (
        "123456789012",
        "eu-west-1",
        SHOP,
        "web/1",
    )
    assert event.event_id
    assert event.ingestion_time == fake_aws.clock()


async def test_a_group_of_another_account_is_asked_for_by_its_arn(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    fake_aws.logs.group("/linked", account="999999999999")
    fake_aws.logs.put("/linked", "s", START, "from afar")
    arn = "arn:aws:logs:eu-west-1:999999999999:log-group:/linked:*"
    batch = (await cloudwatch.events_page(EventsRequest(arn, WINDOW), None)).batch
    assert (batch.account, batch.group, list(batch.messages)) == ("999999999999", "/linked", ["from afar"])
    with pytest.raises(NotFound):
        await cloudwatch.events_page(EventsRequest("/linked", WINDOW), None)


async def test_an_empty_page_with_a_token_stays_one(cloudwatch: CloudWatchReader, fake_aws: FakeAws) -> None:
    fill(fake_aws)
    fake_aws.script("FilterLogEvents", Fault.empty_page())
    page = await cloudwatch.events_page(EventsRequest(SHOP, WINDOW), None)
    assert (len(page.batch), page.token is None) == (0, False)
    assert len((await cloudwatch.events_page(EventsRequest(SHOP, WINDOW), page.token)).batch) == 5


async def test_an_odd_event_is_kept_and_counted(cloudwatch: CloudWatchReader, fake_aws: FakeAws) -> None:
    messages = fill(fake_aws)
    fake_aws.script("FilterLogEvents", Fault.odd(1, timestamp="NaN", message=..., eventId=7))
    batch = (await cloudwatch.events_page(EventsRequest(SHOP, WINDOW), None)).batch
    assert list(batch.messages) == [messages[0], "", *messages[2:]]
    assert batch.malformed == 1


async def test_a_page_cut_at_one_megabyte_goes_on_with_its_token(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    for number in range(3):
        fake_aws.logs.put(SHOP, "web/1", START + number, str(number) * 600_000)
    request = EventsRequest(SHOP, WINDOW)
    sizes, token = [], None
    for _ in range(3):
        page = await cloudwatch.events_page(request, token)
        sizes.append(len(page.batch))
        token = page.token
    assert (sizes, token) == ([1, 1, 1], None)


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (Fault.access_denied("logs:FilterLogEvents", SHOP_ARN), PermissionDenied, "cwtui.perm.denied"),
        (Fault.expired(), CredentialsError, "cwtui.auth.expired"),
        (Fault.throttle(9), LimitReached, "cwtui.limit.throttled"),
        (Fault.html_200(9), DataError, "cwtui.data.not-cloudwatch"),
        (Fault.empty_json(9), DataError, "cwtui.data.not-cloudwatch"),
        (Fault.cut_json(9), DataError, "cwtui.data.not-cloudwatch"),
        (Fault.status(503, 9), ServiceError, "cwtui.server.unavailable"),
        (Fault.drop(20, 9), NetworkError, "cwtui.net.cut"),
        (Fault.skew(600_000), CredentialsError, "cwtui.auth.clock"),
        (Fault.refuse("UnrecognizedClientException", times=9), CredentialsError, "cwtui.auth.rejected"),
        (Fault.refuse("SomethingNew", "for you", times=9), ServiceError, "cwtui.server.failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_failing_call_is_an_error_with_a_way_out_and_never_an_empty_list(
    cloudwatch: CloudWatchReader,
    fake_aws: FakeAws,
    fault: Fault,
    kind: type[CwtuiError],
    code: str,
) -> None:
    fill(fake_aws)
    for operation, call in CALLS.items():
        fake_aws.script(operation, fault)
        with pytest.raises(kind) as caught:
            await call(cloudwatch)
        assert caught.value.code == code
        assert caught.value.hint or code.endswith("failed")
        assert caught.value.request_id or isinstance(caught.value, NetworkError)
        assert caught.value.__cause__ is not None or isinstance(caught.value, DataError)


async def test_a_single_throttle_is_waited_out_below(fake_aws: FakeAws) -> None:
    fill(fake_aws)
    fake_aws.script("FilterLogEvents", Fault.throttle(1))
    reader = CloudWatchReader(Settings(endpoint_url=fake_aws.url, region=fake_aws.region), keys=FAKE_KEYS)
    async with aclosing(reader):
        assert len((await reader.events_page(EventsRequest(SHOP, WINDOW), None)).batch) == 5
    assert len(fake_aws.called("FilterLogEvents")) == 2


async def test_a_denial_of_one_group_leaves_the_others(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    fill(fake_aws)
    fill(fake_aws, group="/secret")
    fake_aws.script(
        "FilterLogEvents",
        Fault.access_denied("logs:FilterLogEvents", SHOP_ARN.replace(SHOP, "/secret")),
        when=only_group("/secret"),
    )
    with pytest.raises(PermissionDenied) as caught:
        await cloudwatch.events_page(EventsRequest("/secret", WINDOW), None)
    assert '"arn:aws:logs:eu-west-1:123456789012:log-group:/secret:*"' in caught.value.card.fix
    assert len((await cloudwatch.events_page(EventsRequest(SHOP, WINDOW), None)).batch) == 5


@pytest.mark.parametrize("log_class", ["INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"])
async def test_a_group_whose_class_has_no_events_says_so_whatever_is_asked_of_it(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws, log_class: str
) -> None:
    fake_aws.logs.group("/cold", log_class=log_class)
    fake_aws.logs.stream("/cold", "one")
    (group,) = (await cloudwatch.groups_page("", None)).groups
    assert group.log_class == log_class
    assert len((await cloudwatch.streams_page(StreamsRequest("/cold"), None)).streams) == 1
    for ask in (
        cloudwatch.events_page(EventsRequest("/cold", WINDOW), None),
        cloudwatch.stream_page(StreamRequest("/cold", "one", WINDOW), None),
        anext(cloudwatch.live(LiveRequest((group,)))),
    ):
        with pytest.raises(WrongLogClass, match="class of '/cold'") as caught:
            await ask
        assert "Insights" in caught.value.hint
        assert "logs-insights" in caught.value.link
        assert caught.value.group == "/cold"


async def test_a_class_refused_by_another_exception_is_told_the_same(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    fake_aws.logs.group("/cold")
    told = "FilterLogEvents is only supported for log groups of the Standard log class."
    fake_aws.script("FilterLogEvents", Fault.refuse("ValidationException", told))
    with pytest.raises(WrongLogClass) as caught:
        await cloudwatch.events_page(EventsRequest("/cold", WINDOW), None)
    assert (caught.value.exit_code, caught.value.code) == (2, "cwtui.input.log-class")


async def test_a_deleted_stream_is_told_apart_from_a_missing_group(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    fill(fake_aws)
    fake_aws.logs.delete_stream(SHOP, "web/1")
    with pytest.raises(NotFound, match="stream 'web/1' of '/aws/lambda/shop'"):
        await cloudwatch.stream_page(StreamRequest(SHOP, "web/1", WINDOW), None)


async def test_an_old_token_is_told_apart_from_a_bad_request(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws, clock: VirtualClock
) -> None:
    fill(fake_aws)
    request = EventsRequest(SHOP, WINDOW, limit=2)
    page = await cloudwatch.events_page(request, None)
    clock.advance(25 * 3_600_000)
    with pytest.raises(DataError, match="no longer knows") as caught:
        await cloudwatch.events_page(request, page.token)
    assert caught.value.code == "cwtui.data.token"


async def test_leaving_ends_the_call(cloudwatch: CloudWatchReader, fake_aws: FakeAws) -> None:
    fill(fake_aws)
    await cloudwatch.groups_page("", None)
    fake_aws.script("FilterLogEvents", Fault.stall(asyncio.Event()))
    task = asyncio.create_task(cloudwatch.events_page(EventsRequest(SHOP, WINDOW), None))
    async with asyncio.timeout(5):
        while not fake_aws.called("FilterLogEvents"):
            await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(1):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_logs_are_read_where_sts_will_not_answer(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws
) -> None:
    fill(fake_aws)
    fake_aws.script("GetCallerIdentity", Fault.refuse("AccessDenied", "Access Denied", 403, times=9))
    page = await cloudwatch.events_page(EventsRequest(SHOP, WINDOW), None)
    assert (len(page.batch), page.batch.account) == (5, "")


# Live tail ----------------------------------------------------------------------------------------

LIVE = LiveRequest((LogGroup(SHOP),))


async def updates(reader: CloudWatchReader, request: LiveRequest, most: int = 1_000) -> list[LiveUpdate]:
    """Updates up to the first that carries events."""
    seen: list[LiveUpdate] = []
    async with asyncio.timeout(10), aclosing(reader.live(request)) as live:
        async for update in live:
            seen.append(update)
            if update.batches or len(seen) == most:
                return seen
    return seen


async def begun(fake: FakeAws) -> None:
    async with asyncio.timeout(5):
        while not fake.live_sessions:
            await asyncio.sleep(0.001)


async def test_a_live_tail_brings_what_arrives_and_is_closed_by_leaving(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws, clock: VirtualClock
) -> None:
    fake_aws.logs.stream(SHOP, "web/1")
    task = asyncio.create_task(updates(cloudwatch, LIVE))
    await begun(fake_aws)
    now = fake_aws.clock() + 10
    fake_aws.logs.put(SHOP, "web/1", now - 5, "fresh", ingestion=now)
    clock.advance(10)
    *_, last = await task
    (batch,) = last.batches
    assert (batch.group, list(batch.messages), batch.account) == (SHOP, ["fresh"], "123456789012")
    assert not last.sampled
    assert fake_aws.called("StartLiveTail") == [{"logGroupIdentifiers": [SHOP_ARN]}]
    async with asyncio.timeout(2):
        while fake_aws.live_sessions:
            await asyncio.sleep(0.01)


async def test_a_live_tail_says_when_it_samples(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws, clock: VirtualClock
) -> None:
    fake_aws.logs.stream(SHOP, "web/1")
    task = asyncio.create_task(updates(cloudwatch, LIVE))
    await begun(fake_aws)
    now = fake_aws.clock() + 10
    for number in range(600):
        fake_aws.logs.put(SHOP, "web/1", now, f"n{number}", ingestion=now)
    clock.advance(10)
    *_, last = await task
    assert (len(last.batches[0]), last.sampled) == (500, True)


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (Fault.stream_exception("SessionTimeoutException"), LimitReached, "cwtui.limit.live-timeout"),
        (Fault.stream_exception("SessionStreamingException"), ServiceError, "cwtui.server.live"),
        (Fault.stream_error("InternalStreamingException"), ServiceError, "cwtui.server.live"),
        (Fault.stream_error("NeverHeardOf"), ServiceError, "cwtui.server.live"),
        (Fault.bad_crc(), DataError, "cwtui.data.checksum"),
        (Fault.cut_frame(), NetworkError, "cwtui.net.cut"),
        (Fault.end(), NetworkError, "cwtui.net.cut"),
    ],
    ids=["3h", "fault", "unmodelled", "unknown", "crc", "cut", "eof in mid-frame"],
)
async def test_every_way_a_live_tail_dies_is_an_error(
    cloudwatch: CloudWatchReader, fake_aws: FakeAws, fault: Fault, kind: type[CwtuiError], code: str
) -> None:
    fake_aws.logs.stream(SHOP, "web/1")
    fake_aws.script("LiveTailUpdate", fault)
    with pytest.raises(kind) as caught:
        await updates(cloudwatch, LIVE)
    assert caught.value.code == code


async def test_silence_ends_a_live_tail(fake_aws: FakeAws) -> None:
    fake_aws.logs.stream(SHOP, "web/1")
    fake_aws.script("LiveTailUpdate", Fault.silence())
    settings = Settings(endpoint_url=fake_aws.url, region=fake_aws.region)
    async with aclosing(CloudWatchReader(settings, keys=FAKE_KEYS, live_silence_seconds=0.2)) as reader:
        with pytest.raises(NetworkError, match="in time"):
            await updates(reader, LIVE)


async def test_too_many_live_tails_are_a_quota(cloudwatch: CloudWatchReader, fake_aws: FakeAws) -> None:
    fake_aws.logs.stream(SHOP, "web/1")
    fake_aws.live_sessions = 15
    with pytest.raises(LimitReached, match="quota"):
        await updates(cloudwatch, LIVE)
