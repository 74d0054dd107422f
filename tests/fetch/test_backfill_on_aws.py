"""The fast backfill over the wire formats of AWS: what is thrown at it has the names that AWS gives."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import pytest

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.models import EventBatch, Progress, Query, TimeWindow
from cwtui.fetch.backfill import backfill
from cwtui.fetch.budget import Budget
from cwtui.fetch.paced import Paced
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault, VirtualClock

NOW = VirtualClock().now
WINDOW = TimeWindow(NOW - 600_000, NOW)


@pytest.fixture
async def aws() -> AsyncIterator[FakeAws]:
    """A group of a dozen pages of 1 MB, one event a second."""
    async with FakeAws(clock=VirtualClock()) as fake:
        for number in range(400):
            fake.logs.put(
                "/a", f"s{number % 3}", WINDOW.start + number * 1_500, f"{number:04}".ljust(30_000, "x")
            )
        yield fake


async def load(fake: FakeAws) -> tuple[list[str], Progress, Budget]:
    elapsed = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal elapsed
        elapsed += seconds
        await asyncio.sleep(0)

    # Tries within the SDK would be calls that no budget knows of.
    reader = CloudWatchReader(
        Settings(endpoint_url=fake.url, region=fake.region), keys=FAKE_KEYS, clock=fake.clock, attempts=1
    )
    budget = Budget(lambda: {"FilterLogEvents": 10.0}, clock=lambda: elapsed, sleep=sleep)
    come: list[str] = []
    progress = Progress()
    async with aclosing(reader):
        items = backfill(
            Paced(reader, budget), Query(("/a",), WINDOW), clock=fake.clock, newest_first=False, sleep=sleep
        )
        async with aclosing(items):
            async for item in items:
                if isinstance(item, EventBatch):
                    come.extend(message[:4] for message in item.messages)
                else:
                    progress = item
    return come, progress, budget


def with_token(params: Mapping[str, Any]) -> bool:
    return "nextToken" in params


EVERY_ONE = Counter(f"{number:04}" for number in range(400))


async def test_a_window_is_read_in_slices_each_event_once(aws: FakeAws) -> None:
    come, progress, _ = await load(aws)
    assert Counter(come) == EVERY_ONE
    assert progress.done
    assert not progress.partial
    assert len({(asked["startTime"], asked["endTime"]) for asked in aws.called("FilterLogEvents")}) > 1
    assert len(aws.called("FilterLogEvents")) <= 18


async def test_throttles_lower_the_rate_and_lose_nothing(aws: FakeAws) -> None:
    aws.script("FilterLogEvents", Fault.throttle(3), when=with_token)
    come, progress, budget = await load(aws)
    assert Counter(come) == EVERY_ONE
    assert not progress.partial
    pace = budget.pace("FilterLogEvents")
    assert pace.throttles == 3
    assert pace.calls == len(aws.called("FilterLogEvents"))
    assert pace.throttled


async def test_a_token_that_the_service_no_longer_knows_restarts_its_slice(aws: FakeAws) -> None:
    gone = Fault.refuse("InvalidParameterException", "The specified nextToken is invalid.")
    aws.script("FilterLogEvents", gone, when=with_token)
    come, progress, _ = await load(aws)
    assert Counter(come) == EVERY_ONE
    assert not progress.partial


@pytest.mark.parametrize("fault", [Fault.empty_page(3), Fault.duplicate_last_page(3), Fault.status(503, 2)])
async def test_what_pages_may_do_is_borne(aws: FakeAws, fault: Fault) -> None:
    aws.script("FilterLogEvents", fault, when=with_token)
    come, progress, _ = await load(aws)
    assert Counter(come) == EVERY_ONE
    assert not progress.partial
