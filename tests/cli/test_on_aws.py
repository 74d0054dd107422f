"""The headless commands against an endpoint that speaks CloudWatch's wire format."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator

import pytest

from tests.cli.conftest import Ended, cwtui, process, process_until
from tests.fakes.aws import FakeAws
from tests.fakes.aws_faults import Fault, only_group
from tests.fakes.terminal import CWTUI

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s" * 40, "AWS_REGION": "eu-west-1"}


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def aws() -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=now) as fake:
        for group in ("/shop/cart", "/shop/pay"):
            for number in range(30):
                at = now() - 60_000 + number * 1_000
                fake.logs.put(group, "one", at, f"{group} {number}", ingestion=at + 100)
        yield fake


async def ask(aws: FakeAws, *arguments: str) -> Ended:
    return await cwtui(*arguments, "--endpoint-url", aws.url, env=KEYS)


async def follow(aws: FakeAws, *arguments: str) -> Ended:
    return await process("tail", *arguments, "--endpoint-url", aws.url, env=KEYS)


async def test_groups_streams_and_who_is_asking(aws: FakeAws) -> None:
    groups = await ask(aws, "groups", "cart")
    assert [item["logGroupName"] for item in groups.records] == ["/shop/cart"]
    streams = await ask(aws, "streams", "/shop/cart")
    assert [item["logStreamName"] for item in streams.records] == ["one"]
    who = await ask(aws, "whoami")
    assert who.records[0]["account"] == aws.account


async def test_two_groups_merge_by_time(aws: FakeAws) -> None:
    ended = await ask(aws, "events", "/shop/cart", "/shop/pay")
    assert ended.code == 0
    times = [item["timestamp"] for item in ended.records]
    assert len(times) == 60
    assert times == sorted(times)


async def test_the_pattern_is_run_by_the_service(aws: FakeAws) -> None:
    ended = await ask(aws, "events", "/shop/cart", "--filter", '"cart 7"')
    assert [item["message"] for item in ended.records] == ["/shop/cart 7"]
    assert aws.called("FilterLogEvents")[0]["filterPattern"] == '"cart 7"'


async def test_a_denied_group_of_two_is_named_and_the_other_is_printed(aws: FakeAws) -> None:
    denied = Fault.access_denied("logs:FilterLogEvents", "arn:aws:logs:eu-west-1:1:log-group:/shop/pay:*")
    aws.script("FilterLogEvents", denied, when=only_group("/shop/pay"))
    ended = await ask(aws, "events", "/shop/cart", "/shop/pay")
    assert ended.code == 0
    assert len(ended.records) == 30
    assert "/shop/pay" in ended.err


async def test_a_denied_call_names_action_and_statement(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", Fault.access_denied("logs:FilterLogEvents", "arn:aws:logs:eu-west-1:1:x"))
    ended = await ask(aws, "events", "/shop/cart")
    assert ended.code == 4
    assert "logs:FilterLogEvents" in ended.err


async def test_a_group_whose_class_has_no_events_gives_the_link_to_insights(aws: FakeAws) -> None:
    aws.logs.group("/cold", log_class="INFREQUENT_ACCESS")
    ended = await ask(aws, "events", "/cold")
    assert (ended.code, ended.out) == (2, "")
    assert "The log class of '/cold' does not allow FilterLogEvents." in ended.err
    assert "#logsV2:logs-insights" in ended.err


async def test_expired_credentials(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", Fault.expired())
    assert (await ask(aws, "events", "/shop/cart")).code == 3


async def test_a_proxys_page_with_status_200_is_never_an_empty_list(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", Fault.html_200(times=9))
    ended = await ask(aws, "events", "/shop/cart")
    assert (ended.code, ended.out) == (9, "")
    assert "CloudWatch" in ended.err


async def test_throttling_is_waited_out(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", Fault.throttle(3))
    ended = await ask(aws, "events", "/shop/cart")
    assert len(ended.records) == 30


async def test_an_unknown_group(aws: FakeAws) -> None:
    ended = await ask(aws, "events", "/shop/none")
    assert ended.code == 5
    assert "/shop/none" in ended.err


async def test_nothing_that_writes_was_ever_called(aws: FakeAws) -> None:
    await ask(aws, "summarize", "/shop/cart")
    assert {call.operation for call in aws.calls} <= {
        "DescribeLogGroups",
        "FilterLogEvents",
        "GetCallerIdentity",
    }


async def test_a_live_tail_prints_what_comes_and_ends_what_is_billed(aws: FakeAws) -> None:
    aws.live_interval = 0.05

    async def produce() -> None:
        while not aws.live_sessions:
            await asyncio.sleep(0.01)
        aws.logs.put("/shop/cart", "one", now(), "while live", now() + 2)

    producing = asyncio.create_task(produce())
    command = ("tail", "/shop/cart", "--since", "5m", "--live", "--endpoint-url", aws.url)
    ended = await process_until(*command, lines=31, env=KEYS)
    await producing
    assert ended.code == 0
    messages = [item["message"] for item in ended.records]
    assert messages == [f"/shop/cart {number}" for number in range(30)] + ["while live"]
    assert not aws.live_sessions


async def test_a_tail_that_credentials_end_says_where_to_resume(aws: FakeAws) -> None:
    async def expire() -> None:
        while not aws.called("FilterLogEvents"):
            await asyncio.sleep(0.01)
        aws.script("FilterLogEvents", Fault.expired())

    expiring = asyncio.create_task(expire())
    ended = await follow(aws, "/shop/cart", "--since", "5m", "--for", "30s")
    await expiring
    assert ended.code == 3
    assert len(ended.records) == 30
    assert "resume with --since 20" in ended.err


async def test_a_pipe_that_closes_ends_a_live_tail_even_where_nothing_comes(aws: FakeAws) -> None:
    aws.live_interval = 0.05
    ours, theirs = os.pipe()
    command = (*CWTUI, "tail", "/shop/cart", "--live", "--for", "20s", "--endpoint-url", aws.url)
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **KEYS}, stdout=theirs, stderr=asyncio.subprocess.PIPE
    )
    os.close(theirs)
    try:
        while not aws.live_sessions:
            await asyncio.sleep(0.01)
    finally:
        os.close(ours)
    async with asyncio.timeout(8):
        _, err = await process.communicate()
        while aws.live_sessions:
            await asyncio.sleep(0.01)
    assert (process.returncode, err) == (0, b"")
