from __future__ import annotations

from collections import Counter

import pytest

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.errors import NotFound
from cwtui.core.models import EventBatch, EventsPage, StreamRequest
from cwtui.fetch.surroundings import Surroundings
from tests.adapters.conftest import clock, cloudwatch, fake_aws
from tests.fakes.aws import FakeAws
from tests.fakes.aws_faults import Fault
from tests.fakes.scripted_reader import ScriptedReader, event
from tests.fakes.scripted_reader import VirtualClock as Clock

__all__ = ["clock", "cloudwatch", "fake_aws"]

START = 1_795_349_000_000


def put(fake: FakeAws, times: list[int], stream: str = "s") -> None:
    for number, at in enumerate(times):
        fake.logs.put("/g", stream, START + at, f"m{number}", ingestion=START + at)


async def everything(around: Surroundings, step: int) -> tuple[list[str], list[str]]:
    earlier: list[str] = []
    later: list[str] = []
    while not around.at_start:
        batches = await around.earlier(step)
        earlier = [message for batch in batches for message in batch.messages] + earlier
    while not around.at_end:
        later += [message for batch in await around.later(step) for message in batch.messages]
    return earlier, later


async def test_it_grows_both_ways_to_the_ends_of_the_stream(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader
) -> None:
    put(fake_aws, [number * 10 for number in range(900)])
    put(fake_aws, [number * 10 for number in range(900)], stream="other")
    around = Surroundings(cloudwatch, "/g", "s", START + 5_000)
    first = await around.earlier(50)
    assert sum(len(batch) for batch in first) >= 50
    assert not around.at_start
    earlier, later = await everything(around, 200)
    came = [message for batch in first for message in batch.messages]
    assert earlier + came + later == [f"m{number}" for number in range(900)]
    assert later[0] == "m500"


async def test_events_of_the_same_millisecond_are_neither_lost_nor_doubled(
    fake_aws: FakeAws, cloudwatch: CloudWatchReader
) -> None:
    put(fake_aws, [0, 5, 5, 5, 5, 9])
    earlier, later = await everything(Surroundings(cloudwatch, "/g", "s", START + 5), 1)
    assert Counter(earlier + later) == Counter(f"m{number}" for number in range(6))
    assert earlier == ["m0"]


class HollowPages(ScriptedReader):
    """GetLogEvents whose first pages are empty, each with a token of its own."""

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        page = int(token or 0)
        found = [event(START, "behind empty pages")] if page == 3 else []
        return EventsPage(EventBatch.of(found), str(min(page + 1, 4)))


async def test_an_empty_page_with_a_new_token_is_not_the_end() -> None:
    around = Surroundings(HollowPages(Clock()), "/a", "s", START + 1)
    (batch,) = await around.earlier(1)
    assert list(batch.messages) == ["behind empty pages"]
    assert await around.earlier(1) == []
    assert around.at_start


async def test_throttling_is_waited_out(fake_aws: FakeAws, cloudwatch: CloudWatchReader) -> None:
    from cwtui.fetch.paging import Retry

    async def at_once(seconds: float) -> None:
        return None

    put(fake_aws, [0, 10])
    fake_aws.script("GetLogEvents", Fault.throttle(2))
    _, later = await everything(Surroundings(cloudwatch, "/g", "s", START, Retry(sleep=at_once)), 10)
    assert later == ["m0", "m1"]


async def test_a_stream_that_is_gone_is_named(fake_aws: FakeAws, cloudwatch: CloudWatchReader) -> None:
    put(fake_aws, [0])
    with pytest.raises(NotFound):
        await Surroundings(cloudwatch, "/g", "gone", START).earlier(5)
