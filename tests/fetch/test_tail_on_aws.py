"""Both engines of a tail against the real wire formats, and everything that can break on the wire."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.models import LiveRequest, LogGroup, Query, TimeWindow
from cwtui.fetch.tail import TailControl, TailKind, TailUpdate, tail
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault

GROUP, STREAM = "/shop/api", "web/1"


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def aws() -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=now, live_interval=0.05) as fake:
        fake.logs.stream(GROUP, STREAM)
        yield fake


async def shown_of(
    aws: FakeAws, control: TailControl, faults: Sequence[tuple[str, Fault]]
) -> list[TailUpdate]:
    """Follows while twins, late and future events are produced and the faults come one after another."""
    settings = Settings(endpoint_url=aws.url, region=aws.region)
    produced: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    updates: list[TailUpdate] = []

    async def produce() -> None:
        for number in range(60):
            message = f"event {number // 2}"
            # Ingested in a moment: the fake's live tail closes a millisecond before it is over.
            timestamp, ingestion = now() + (-5_000, 0, 0, 60_000)[number % 4], now() + 2
            aws.logs.put(GROUP, STREAM, timestamp, message, ingestion)
            produced[message] += 1
            if number % 8 == 7 and number // 8 < len(faults):
                aws.script(*faults[number // 8])
            await asyncio.sleep(0.02)

    async with aclosing(
        CloudWatchReader(settings, keys=FAKE_KEYS, attempts=1, live_silence_seconds=0.3)
    ) as reader:
        rounds = tail(
            reader,
            Query((GROUP,), TimeWindow(now() - 60_000)),
            since=now(),
            clock=now,
            control=control,
            interval_ms=500,
            sleep=lambda seconds: asyncio.sleep(seconds / 10),
        )
        producing = asyncio.create_task(produce())
        async with aclosing(rounds), asyncio.timeout(20):
            async for update in rounds:
                updates.append(update)
                for batch in update.batches:
                    shown.update(batch.messages)
                wanted = TailKind.LIVE if control.wants_live else TailKind.POLLING
                if producing.done() and shown == produced and update.state.kind is wanted:
                    break
                assert shown - produced == Counter(), "shown twice"
        await producing
        async with asyncio.timeout(2):
            while aws.live_sessions:
                await asyncio.sleep(0.01)
    return updates


async def test_polling_over_a_wire_that_errs_shows_every_event_once(aws: FakeAws) -> None:
    faults = [
        ("FilterLogEvents", fault)
        for fault in (
            Fault.throttle(1),
            Fault.drop(40),
            Fault.duplicate_last_page(),
            Fault.empty_page(3),
            Fault.html_200(),
            Fault.cut_json(),
            Fault.repeat_token(2),
        )
    ]
    updates = await shown_of(aws, TailControl(), faults)
    kinds = {update.state.kind for update in updates}
    assert {TailKind.POLLING, TailKind.THROTTLED, TailKind.RECONNECTING} <= kinds


async def test_live_sessions_that_die_on_the_wire_lose_no_event(aws: FakeAws) -> None:
    faults = [
        ("LiveTailUpdate", fault)
        for fault in (
            Fault.stream_exception("SessionTimeoutException"),
            Fault.bad_crc(),
            Fault.end(),
            Fault.cut_frame(),
            Fault.silence(),
            Fault.stream_error("InternalStreamingException"),
        )
    ]
    updates = await shown_of(aws, TailControl(live=True), faults)
    assert len(aws.called("StartLiveTail")) >= 6
    assert {TailKind.LIVE, TailKind.RECONNECTING} <= {update.state.kind for update in updates}
    assert updates[-1].state.live_ms > 0


async def test_expired_credentials_pause_on_the_wire_until_they_are_renewed(aws: FakeAws) -> None:
    control = TailControl(live=True)

    async def renew() -> None:
        await asyncio.sleep(1)
        control.resume()

    aws.script("FilterLogEvents", Fault.expired(1))
    renewing = asyncio.create_task(renew())
    updates = await shown_of(aws, control, ())
    await renewing
    paused = [update.state for update in updates if update.state.kind is TailKind.PAUSED]
    assert paused
    assert paused[0].error is not None
    assert paused[0].error.code == "cwtui.auth.expired"


async def test_chosen_streams_are_asked_for_on_the_wire(aws: FakeAws) -> None:
    settings = Settings(endpoint_url=aws.url, region=aws.region)
    request = LiveRequest((LogGroup(GROUP),), streams=(STREAM,))
    reader = CloudWatchReader(settings, keys=FAKE_KEYS)
    async with aclosing(reader), aclosing(reader.live(request)) as updates:
        await anext(updates)
    assert aws.called("StartLiveTail")[0]["logStreamNames"] == [STREAM]
