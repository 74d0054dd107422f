"""Thousands of log groups: names first, a thousand a call, and the facts of those that are looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cwtui.adapters.cloudwatch import CloudWatchReader
from cwtui.core.errors import CwtuiError
from cwtui.core.models import LogGroup
from cwtui.core.ports import LogReader
from cwtui.fetch.budget import Budget
from cwtui.fetch.group_facts import facts_of
from cwtui.fetch.paced import Paced
from cwtui.fetch.paging import all_groups
from cwtui.fetch.together import Member, Together
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws
from tests.fakes.aws_faults import Fault

GROUPS = 2_345
QUICK = dict.fromkeys(("DescribeLogGroups", "ListLogGroups"), 1000.0)


@pytest.fixture
async def aws() -> AsyncIterator[FakeAws]:
    async with FakeAws() as fake:
        for number in range(GROUPS):
            fake.logs.group(f"/team/{number:05}")
        fake.logs.groups["/team/02000"].retention = 30
        fake.logs.groups["/team/02000"].kms_key = "arn:aws:kms:eu-west-1:123456789012:key/k"
        fake.logs.groups["/team/02000"].masking = "ACTIVATED"
        fake.logs.groups["/team/02000"].metric_filters = 2
        yield fake


@pytest.fixture
async def reader(aws: FakeAws) -> AsyncIterator[Paced]:
    paced = Paced(
        CloudWatchReader(Settings(endpoint_url=aws.url, region=aws.region), keys=FAKE_KEYS),
        Budget(lambda: QUICK),
    )
    yield paced
    await paced.aclose()


async def listed(reader: LogReader, *, names_first: bool = True) -> list[LogGroup]:
    return [group async for page in all_groups(reader, names_first=names_first) for group in page]


async def test_thousands_of_groups_come_by_the_thousand_each_once(aws: FakeAws, reader: Paced) -> None:
    groups = await listed(reader)
    assert sorted(group.name for group in groups) == sorted(aws.logs.groups)
    assert len(aws.called("ListLogGroups")) == 3
    assert len(aws.called("DescribeLogGroups")) == 1
    assert [group.described for group in groups].count(True) == 50


async def test_few_groups_come_with_their_facts_in_one_call(aws: FakeAws, reader: Paced) -> None:
    aws.logs.groups = dict(list(aws.logs.groups.items())[:50])
    assert all(group.described for group in await listed(reader))
    assert not aws.called("ListLogGroups")


@pytest.mark.parametrize(
    "refusal",
    [
        Fault.access_denied("logs:ListLogGroups", "*"),
        Fault.refuse("UnknownOperationException", "ListLogGroups is not known.", times=9),
    ],
)
async def test_who_may_not_list_by_the_thousand_lists_by_fifty(
    aws: FakeAws, reader: Paced, refusal: Fault
) -> None:
    aws.script("ListLogGroups", refusal)
    groups = await listed(reader)
    assert sorted(group.name for group in groups) == sorted(aws.logs.groups)
    assert all(group.described for group in groups)


async def test_facts_are_asked_for_fifty_groups_a_call(aws: FakeAws, reader: Paced) -> None:
    unknown = [group for group in await listed(reader) if not group.described][:120]
    aws.calls.clear()
    found = [group async for page in facts_of(reader, unknown) for group in page]
    assert [group.name for group in found] == [group.name for group in unknown]
    assert all(group.described for group in found)
    assert [len(call["logGroupIdentifiers"]) for call in aws.called("DescribeLogGroups")] == [50, 50, 20]


async def test_facts_tell_retention_key_masking_and_filters(aws: FakeAws, reader: Paced) -> None:
    (wanted,) = [group for group in await listed(reader) if group.name == "/team/02000"]
    ((found,),) = [page async for page in facts_of(reader, [wanted])]
    assert (found.retention_days, found.masking, found.metric_filters) == (30, "ACTIVATED", 2)
    assert found.kms_key.endswith("key/k")
    assert found.identifier == wanted.identifier


async def test_of_several_accounts_each_is_asked_for_its_own(aws: FakeAws, reader: Paced) -> None:
    async with FakeAws(account="222222222222") as other:
        for number in range(60):
            other.logs.group(f"/team/{number:05}")
        settings = Settings(endpoint_url=other.url, region=other.region)
        theirs = Paced(CloudWatchReader(settings, keys=FAKE_KEYS), Budget(lambda: QUICK))
        both = Together([Member("one", reader), Member("two", theirs)])
        refused: dict[str, CwtuiError] = {}
        unknown = [
            group
            async for page in all_groups(both, refused=refused, names_first=True)
            for group in page
            if not group.described
        ]
        wanted = [group for group in unknown if group.name == "/team/00055"]
        found = [group async for page in facts_of(both, wanted) for group in page]
        assert {group.identifier for group in found} == {group.identifier for group in wanted}
        assert len(found) == 2
        await theirs.aclose()
