"""One reader for each account and region of a context, over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from cwtui.adapters.aws_readers import AwsReaders
from cwtui.core.errors import CredentialsError, CwtuiError, Renewal, RenewalKind
from cwtui.core.models import Context, EventsRequest, LogGroup, TimeWindow
from cwtui.core.naming import Place
from cwtui.core.ports import LogReader
from cwtui.fetch.paging import all_groups
from cwtui.settings import Settings
from tests.fakes.aws import FAKE_KEYS, FakeAws, Fault

WINDOW = TimeWindow(0)


@pytest.fixture
async def fakes() -> AsyncIterator[list[FakeAws]]:
    """Two accounts in two regions, each with one group of the same name and one of its own."""
    async with AsyncExitStack() as stack:
        found = []
        for account in ("111111111111", "222222222222"):
            for region in ("eu-west-1", "us-east-1"):
                fake = await stack.enter_async_context(FakeAws(account=account, region=region))
                fake.logs.put("/shared", "s", fake.clock() - 1000, f"{account} {region}")
                fake.logs.put(f"/only/{account}/{region}", "s", fake.clock() - 1000, "x")
                found.append(fake)
        yield found


@pytest.fixture
async def readers(fakes: list[FakeAws], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AwsReaders]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", FAKE_KEYS[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", FAKE_KEYS[1])
    made = AwsReaders(settings_of(fakes))
    yield made
    await made.reader.aclose()


def settings_of(fakes: list[FakeAws]) -> Settings:
    """A context of the fakes, in which each account is signed in to by itself."""
    members = tuple(
        (
            f"c{fake.account[0]}/{fake.region}",
            Settings(
                context=f"c{fake.account[0]}",
                region=fake.region,
                endpoint_url=fake.url,
                session_name=f"s{fake.account}",
            ),
        )
        for fake in fakes
    )
    return replace(Settings(context="estate"), members=members)


async def listed(reader: LogReader, refused: dict[str, CwtuiError] | None = None) -> list[LogGroup]:
    return [group async for page in all_groups(reader, refused=refused) for group in page]


async def test_each_group_is_read_by_its_arn_where_it_lies(readers: AwsReaders, fakes: list[FakeAws]) -> None:
    groups = await listed(readers.reader)
    assert len({group.identifier for group in groups}) == len(groups) == 8
    for group in groups:
        if group.name == "/shared":
            page = await readers.reader.events_page(EventsRequest(group.identifier, WINDOW), None)
            batch = page.batch
            assert list(batch.messages) == [f"{group.account} {group.region}"]
            assert (batch.account, batch.region, batch.group) == (group.account, group.region, "/shared")
    assert readers.reader.context.accounts == ("111111111111", "222222222222")
    assert readers.reader.context.regions == ("eu-west-1", "us-east-1")


async def test_who_reads_where_is_told_for_each_and_a_denied_one_hides_no_other(
    readers: AwsReaders, fakes: list[FakeAws]
) -> None:
    fakes[1].script("GetCallerIdentity", Fault.expired())
    answers = await readers.whoami()
    assert isinstance(answers[1], CredentialsError)
    told = [(answer.name, answer.account, answer.region) for answer in answers if isinstance(answer, Context)]
    assert told == [
        ("c1/eu-west-1", "111111111111", "eu-west-1"),
        ("c2/eu-west-1", "222222222222", "eu-west-1"),
        ("c2/us-east-1", "222222222222", "us-east-1"),
    ]


async def test_what_ended_is_renewed_with_all_that_sign_in_alike_and_nothing_else(
    readers: AwsReaders, fakes: list[FakeAws]
) -> None:
    await listed(readers.reader)
    parts = [reader for _, _, reader in readers._readers]
    before = [reader.number for reader in parts]
    assert len(set(before)) == 4
    ended = Renewal(RenewalKind.FILE, "", session=before[2])
    error = CredentialsError("over", renewal=ended)
    assert readers.must_renew(error)
    assert readers.sessions_like(ended) == {before[2], before[3]}
    await readers.renew(ended)
    assert [reader.number == number for reader, number in zip(parts, before, strict=True)] == [
        True,
        True,
        False,
        False,
    ]
    assert not readers.must_renew(error)
    await readers.renew(ended)
    assert [reader.number for reader in parts][:2] == before[:2]


async def test_credentials_that_end_in_one_account_name_its_context_and_leave_the_others(
    readers: AwsReaders, fakes: list[FakeAws]
) -> None:
    await listed(readers.reader)
    for fake in fakes[2:]:
        fake.sts.ended.add(FAKE_KEYS[0])
    refused: dict[str, CwtuiError] = {}
    groups = await listed(readers.reader, refused)
    assert {group.account for group in groups} == {"111111111111"}
    assert sorted(refused) == ["c2 eu-west-1", "c2 us-east-1"]
    for error in refused.values():
        assert isinstance(error, CredentialsError)
        assert error.renewal is not None
        assert error.renewal.context == "c2"


async def test_a_monitoring_account_lists_and_reads_the_groups_of_those_linked_to_it(
    fakes: list[FakeAws], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", FAKE_KEYS[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", FAKE_KEYS[1])
    fake = fakes[0]
    source = fake.logs.group("/shared", account="999999999999")
    fake.logs.put(source.arn, "s", fake.clock() - 1000, "from the source")
    alone = AwsReaders(Settings(region=fake.region, endpoint_url=fake.url))
    assert "999999999999" not in {group.account for group in await listed(alone.reader)}
    await alone.reader.aclose()
    monitoring = AwsReaders(Settings(region=fake.region, endpoint_url=fake.url, linked=True))
    groups = {group.identifier: group for group in await listed(monitoring.reader)}
    assert set(groups) == {"/shared", "/only/111111111111/eu-west-1", source.arn}
    assert groups[source.arn].account == "999999999999"
    batch = (await monitoring.reader.events_page(EventsRequest(source.arn, WINDOW), None)).batch
    assert (batch.account, list(batch.messages)) == ("999999999999", ["from the source"])
    await monitoring.reader.aclose()


async def test_where_sts_says_nothing_the_role_says_which_account_it_is(
    fakes: list[FakeAws], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", FAKE_KEYS[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", FAKE_KEYS[1])
    fake = fakes[0]
    fake.script("GetCallerIdentity", Fault.refuse("AccessDenied", times=9))
    role = "arn:aws:iam::777777777777:role/reader"
    one = AwsReaders(Settings(region=fake.region, endpoint_url=fake.url, role_arn=role))
    assert await one.first.place() == Place("777777777777", "eu-west-1")
    await one.reader.aclose()
