"""Where FilterLogEvents is denied and GetLogEvents is not, one stream is read all the same."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.errors import PermissionDenied
from cwtui.core.models import EventBatch, EventsRequest, Progress, Query, TimeWindow
from cwtui.fetch.backfill import backfill
from tests.fakes.aws import FakeAws, Fault

ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:/shop:log-stream:"


def fill(aws: FakeAws, number: int = 40) -> TimeWindow:
    now = aws.clock()
    for index in range(number):
        aws.logs.put("/shop", "one" if index % 2 else "two", now - index * 1000 - 60_000, f"event {index}")
    return TimeWindow(now - 3_600_000, now)


async def all_of(reader: CloudWatchReader, request: EventsRequest) -> list[str]:
    messages: list[str] = []
    token: str | None = None
    for _ in range(100):
        page = await reader.events_page(request, token)
        messages += list(page.batch.messages)
        token = page.token
        if token is None:
            return messages
    raise AssertionError("the stream never ends")


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [3, 1000])
async def test_a_stream_comes_whole_by_the_other_call(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader, newest_first: bool, limit: int
) -> None:
    window = fill(fake_aws)
    request = EventsRequest("/shop", window, streams=("one",), newest_first=newest_first, limit=limit)
    allowed = await all_of(cloudwatch, request)
    fake_aws.script("FilterLogEvents", Fault.access_denied("logs:FilterLogEvents", ARN))
    assert sorted(await all_of(cloudwatch, request)) == sorted(allowed)
    assert len(allowed) == 20
    assert "GetLogEvents" in cloudwatch.remarks[0]


async def test_a_load_asks_for_the_denied_call_once_and_shows_every_event(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader
) -> None:
    window = fill(fake_aws, 600)
    fake_aws.script("FilterLogEvents", Fault.access_denied("logs:FilterLogEvents", ARN))
    query = Query(("/shop",), window, streams=("one",))
    shown: list[str] = []
    progress = Progress()
    loading = backfill(cloudwatch, query, clock=fake_aws.clock, newest_first=True)
    async with aclosing(loading) as parts:
        async for part in parts:
            if isinstance(part, EventBatch):
                shown += part.messages
            else:
                progress = part
    assert not progress.partial
    assert len(shown) == len(set(shown)) == 300
    assert len(fake_aws.called("FilterLogEvents")) == 1


@pytest.mark.parametrize(
    "request_",
    [
        EventsRequest("/shop", TimeWindow(0)),
        EventsRequest("/shop", TimeWindow(0), streams=("one", "two")),
        EventsRequest("/shop", TimeWindow(0), streams=("one",), pattern="ERROR"),
        EventsRequest("/shop", TimeWindow(0), stream_prefix="one"),
    ],
)
async def test_what_the_other_call_cannot_do_stays_denied(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader, request_: EventsRequest
) -> None:
    fill(fake_aws)
    fake_aws.script("FilterLogEvents", Fault.access_denied("logs:FilterLogEvents", ARN))
    with pytest.raises(PermissionDenied, match="FilterLogEvents"):
        await cloudwatch.events_page(request_, None)
    assert not fake_aws.called("GetLogEvents")


async def test_where_both_are_denied_the_first_one_is_told(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader
) -> None:
    window = fill(fake_aws)
    fake_aws.script("FilterLogEvents", Fault.access_denied("logs:FilterLogEvents", ARN))
    fake_aws.script("GetLogEvents", Fault.access_denied("logs:GetLogEvents", ARN))
    with pytest.raises(PermissionDenied, match="FilterLogEvents"):
        await cloudwatch.events_page(EventsRequest("/shop", window, streams=("one",)), None)
    assert not cloudwatch.remarks


async def test_new_credentials_are_asked_with_the_first_call_again(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader
) -> None:
    request = EventsRequest("/shop", fill(fake_aws), streams=("one",))
    fake_aws.script("FilterLogEvents", Fault.access_denied("logs:FilterLogEvents", ARN, times=1))
    await cloudwatch.events_page(request, None)
    await cloudwatch.renew()
    await cloudwatch.events_page(request, None)
    assert len(fake_aws.called("FilterLogEvents")) == 2
    assert not cloudwatch.remarks
