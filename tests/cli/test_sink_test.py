"""`sink-test` against an endpoint that speaks CloudWatch's wire format."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from tests.cli.conftest import Ended, cwtui
from tests.fakes.aws import FakeAws
from tests.fakes.aws_faults import Fault

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s" * 40, "AWS_REGION": "eu-west-1"}
WAYS = ["GetLogEvents", "FilterLogEvents", "StartLiveTail"]
STREAM = "cwtui-sink-test"


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def aws() -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=now, live_interval=0.05) as fake:
        fake.logs.put("/audit/events", "api", now(), "one event that was there before")
        yield fake


async def sink_test(aws: FakeAws, *arguments: str) -> Ended:
    common = ("--endpoint-url", aws.url, "--allow-write")
    return await cwtui("sink-test", *arguments, *common, env=KEYS)


async def test_a_canary_comes_back_on_every_way_with_its_delay(aws: FakeAws) -> None:
    ended = await sink_test(aws, "/audit/events", "api")
    assert ended.code == 0
    report = ended.records[0]
    assert report["arrived"] is True
    assert report["created"] == []
    assert [way["operation"] for way in report["ways"]] == WAYS
    assert all(way["seen"] and 0 <= way["delayMs"] < 60_000 for way in report["ways"])
    (canary,) = (event for event in aws.logs.groups["/audit/events"].events if "canary" in event.message)
    assert report["nonce"] in canary.message


async def test_group_and_stream_are_made_only_where_asked_for(aws: FakeAws) -> None:
    missing = await sink_test(aws, "/audit/new")
    assert missing.code == 5
    assert "--create-group" in missing.err
    streamless = await sink_test(aws, "/audit/events")
    assert streamless.code == 5
    assert "--create-stream" in streamless.err
    assert not aws.called("PutLogEvents")
    made = await sink_test(aws, "/audit/new", "--create-group", "--no-live")
    assert made.code == 0
    assert made.records[0]["created"] == ["group", "stream"]
    again = await sink_test(aws, "/audit/new", "--create-group", "--create-stream", "--no-live")
    assert again.records[0]["created"] == []
    assert STREAM in aws.logs.groups["/audit/new"].streams
    assert not aws.called("StartLiveTail")


async def test_nothing_is_written_or_billed_without_leave(aws: FakeAws) -> None:
    ended = await cwtui("sink-test", "/audit/events", "api", "--endpoint-url", aws.url, env=KEYS)
    assert ended.code == 4
    assert "--allow-write" in ended.err
    assert aws.calls == []


async def test_a_way_that_is_refused_is_reported_and_the_others_go_on(aws: FakeAws) -> None:
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/audit/events"
    aws.script("StartLiveTail", Fault.access_denied("logs:StartLiveTail", arn))
    ended = await sink_test(aws, "/audit/events", "api")
    assert ended.code == 4
    ways = {way["operation"]: way for way in ended.records[0]["ways"]}
    assert ways["GetLogEvents"]["seen"]
    assert ways["FilterLogEvents"]["seen"]
    assert ways["StartLiveTail"]["error"]["code"].startswith("cwtui.perm.")


async def test_what_the_service_takes_but_does_not_keep_is_no_arrival(aws: FakeAws) -> None:
    real, aws.logs.clock = aws.logs.clock, lambda: now() - 10_000_000
    ended = await sink_test(aws, "/audit/events", "api", "--no-live")
    aws.logs.clock = real
    assert ended.code == 5
    assert "clock is ahead" in ended.records[0]["rejected"]


async def test_a_canary_that_does_not_come_in_time_ends_with_five(aws: FakeAws) -> None:
    hide: dict[str, list[object]] = {"events": []}
    for operation in ("GetLogEvents", "FilterLogEvents"):
        aws.script(
            operation, Fault(reshape=lambda logs, params, answer, before: {**answer, **hide}, times=99)
        )
    ended = await sink_test(aws, "/audit/events", "api", "--wait", "1s")
    assert ended.code == 5
    assert "GetLogEvents and FilterLogEvents did not give it" in ended.err
    assert [way["seen"] for way in ended.records[0]["ways"]] == [False, False, True]


async def test_a_recording_takes_no_canary() -> None:
    ended = await cwtui("sink-test", "/shop/cart", "--mock", "--allow-write")
    assert ended.code == 2
