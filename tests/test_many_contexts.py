"""Forty groups of five accounts and three regions in one window, over the wire."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

import pytest

from cwtui.core.errors import CredentialsError
from cwtui.core.models import Query, TimeWindow
from cwtui.fetch.paging import all_groups
from cwtui.investigation import Investigation, LoadKind
from cwtui.settings import Settings
from cwtui.wiring import Services
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault
from tests.fakes.aws_estate import REGIONS, groups_of, now

Told = tuple[str, str, str, str]
"""Account, region, group and message."""


class Estate:
    """The servers, and what was put into them."""

    def __init__(self, fakes: Sequence[FakeAws]) -> None:
        self.fakes = list(fakes)
        self.delivered: Counter[Told] = Counter()

    def put(self, count: int, ago_ms: int) -> None:
        """The same lines into every group of every account."""
        for fake in self.fakes:
            for group in fake.logs.groups:
                for number in range(count):
                    message = f"line {number // 2}"
                    fake.logs.put(group, "web/1", now() - ago_ms + number // 2, message)
                    self.delivered[fake.account, fake.region, group, message] += 1

    def of(self, number: int) -> list[FakeAws]:
        return [fake for fake in self.fakes if fake.account == f"{number}" * 12]

    def without(self, *fakes: FakeAws) -> Counter[Told]:
        left = {fake.account for fake in fakes}
        return Counter({told: count for told, count in self.delivered.items() if told[0] not in left})

    @property
    def settings(self) -> Settings:
        members = tuple(
            (
                f"shop-{fake.account[0]}/{fake.region}",
                Settings(
                    context=f"shop-{fake.account[0]}",
                    region=fake.region,
                    endpoint_url=fake.url,
                    session_name=fake.account,
                ),
            )
            for fake in self.fakes
        )
        return replace(Settings(context="estate"), members=members)


@pytest.fixture
async def estate(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Estate]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", FAKE_KEYS[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", FAKE_KEYS[1])
    async with AsyncExitStack() as stack:
        fakes = []
        for number in range(1, 6):
            for place, region in enumerate(REGIONS):
                fake = FakeAws(clock=now, account=f"{number}" * 12, region=region)
                fakes.append(await stack.enter_async_context(fake))
                for group in groups_of(number, place):
                    fake.logs.group(group)
        yield Estate(fakes)


async def shown(investigation: Investigation) -> Counter[Told]:
    rows = await investigation.rows(investigation.view.rows)
    return Counter((row.account, row.region, row.group, row.message) for row in rows)


async def test_forty_groups_are_whole_but_for_who_may_not_read_and_whose_login_ended(estate: Estate) -> None:
    estate.put(6, ago_ms=60_000)
    denied, expired = estate.of(2), estate.of(4)
    services = Services(estate.settings)
    groups = [group async for page in all_groups(services.reader) for group in page]
    assert len({group.identifier for group in groups}) == len(groups) == 40
    assert services.context.accounts == tuple(f"{number}" * 12 for number in range(1, 6))
    for fake in denied:
        fake.script("FilterLogEvents", Fault.refuse("AccessDeniedException", "no", times=1_000))
    for fake in expired:
        fake.sts.ended.add(FAKE_KEYS[0])
    investigation = Investigation(
        services.reader,
        clock=services.clock,
        settings=services.settings,
        exporter_for=services.exporter_for,
        sleep=lambda seconds: asyncio.sleep(seconds / 20),
    )
    query = Query(tuple(group.identifier for group in groups), TimeWindow(now() - 600_000))
    await investigation.open(query)
    assert await shown(investigation) == estate.without(*denied, *expired)
    state = investigation.load_state
    assert state.kind is LoadKind.PARTIAL
    assert len(state.partial) == sum(len(fake.logs.groups) for fake in (*denied, *expired))
    assert isinstance(state.error, CredentialsError)
    assert state.error.renewal is not None
    assert state.error.renewal.context == "shop-4"

    for fake in expired:
        fake.sts.ended.clear()
    await services.renew(state.error.renewal)
    await investigation.resume()
    assert await shown(investigation) == estate.without(*denied)

    following = asyncio.create_task(investigation.follow())
    estate.put(4, ago_ms=0)
    async with asyncio.timeout(20):
        while await shown(investigation) != estate.without(*denied):
            assert not following.done()
            await asyncio.sleep(0.1)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following

    place = estate.of(3)[1]
    row = next(
        row for row in await investigation.rows(investigation.view.rows) if row.account == place.account
    )
    event = await investigation.event(row.id)
    assert await investigation.open_around(event) is not None
    around = await shown(investigation)
    assert {told[:3] for told in around} == {(event.account, event.region, event.group)}
    await investigation.aclose()
    await services.aclose()
