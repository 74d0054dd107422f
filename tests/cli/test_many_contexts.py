"""Commands over several contexts or regions at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import click
import pytest

from cwtui.cli.options import remember, settings_of
from tests.cli.conftest import Ended, cwtui
from tests.cli.test_on_aws import KEYS
from tests.fakes.aws import FakeAws, Fault
from tests.fakes.aws_estate import now


@pytest.fixture
async def fakes(tmp_path: Path) -> AsyncIterator[tuple[FakeAws, FakeAws]]:
    async with (
        FakeAws(clock=now, account="1" * 12) as prod,
        FakeAws(clock=now, account="2" * 12, region="us-east-1") as test,
    ):
        for number, fake in enumerate((prod, test)):
            for group in ("/shop/api", f"/only/{number}"):
                fake.logs.put(group, "one", now() - 5_000 + number, f"{group} of {fake.account}")
        (tmp_path / "contexts.toml").write_text(
            f'[contexts.prod]\nregion = "eu-west-1"\nendpoint_url = "{prod.url}"\n'
            f'[contexts.test]\nregion = "us-east-1"\nendpoint_url = "{test.url}"\n'
        )
        yield prod, test


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return KEYS | {"CWTUI_CONTEXTS": str(tmp_path / "contexts.toml")}


async def ask(environment: dict[str, str], *arguments: str) -> Ended:
    return await cwtui(*arguments, "--context", "prod", "--context", "test", env=environment)


async def test_contexts_named_one_after_the_other_are_one_view(
    fakes: tuple[FakeAws, FakeAws], environment: dict[str, str]
) -> None:
    listed = await ask(environment, "groups", "-o", "text")
    lines = [line.split() for line in listed.out.splitlines()]
    assert sorted((line[0], line[1], line[-1]) for line in lines) == [
        ("prod", "eu-west-1", "/only/0"),
        ("prod", "eu-west-1", "/shop/api"),
        ("test", "us-east-1", "/only/1"),
        ("test", "us-east-1", "/shop/api"),
    ]
    both = await ask(environment, "events", "*:/shop/api", "-o", "text")
    assert [line.split()[2:] for line in both.out.splitlines()] == [
        ["prod", "eu-west-1", "one", "/shop/api", "of", "1" * 12],
        ["test", "us-east-1", "one", "/shop/api", "of", "2" * 12],
    ]
    one = await ask(environment, "events", "test:/shop/api")
    assert [record["account"] for record in one.records] == ["2" * 12]
    alone = await ask(environment, "events", "/only/0")
    assert [record["region"] for record in alone.records] == ["eu-west-1"]
    who = await ask(environment, "whoami")
    assert [record["account"] for record in who.records] == ["1" * 12, "2" * 12]


async def test_each_run_says_whose_it_is_where_two_have_streams_of_one_name(
    fakes: tuple[FakeAws, FakeAws], environment: dict[str, str]
) -> None:
    ended = await ask(environment, "invocations", "*:/shop/api")
    assert [(run["id"], run["account"], run["region"]) for run in ended.records] == [
        ("one", "1" * 12, "eu-west-1"),
        ("one", "2" * 12, "us-east-1"),
    ]
    told = await ask(environment, "invocations", "*:/shop/api", "-o", "text")
    assert [line.split()[-3:] for line in told.out.splitlines()] == [
        ["/shop/api", "prod", "eu-west-1"],
        ["/shop/api", "test", "us-east-1"],
    ]


async def test_an_answer_tells_groups_of_one_name_apart(
    fakes: tuple[FakeAws, FakeAws], environment: dict[str, str]
) -> None:
    group = "/shop/api in prod eu-west-1"
    told = await ask(environment, "summarize", "*:/shop/api", "--ask", "how many events in prod")
    assert f"1 event in {group}" in told.out
    most = await ask(environment, "summarize", "*:/shop/api", "--ask", "which group has most events")
    assert "of 2: " in most.out
    assert f"Z {group} one: /shop/api of {'1' * 12}" in most.out


async def test_a_name_that_two_have_is_refused_with_what_may_be_written_instead(
    fakes: tuple[FakeAws, FakeAws], environment: dict[str, str]
) -> None:
    ended = await ask(environment, "events", "/shop/api")
    assert ended.code == 2
    assert "'*:/shop/api'" in ended.err
    assert f"arn:aws:logs:us-east-1:{'2' * 12}:log-group:/shop/api" in ended.err


async def test_a_context_that_cannot_be_listed_is_named_and_the_other_is_printed(
    fakes: tuple[FakeAws, FakeAws], environment: dict[str, str]
) -> None:
    fakes[0].script("DescribeLogGroups", Fault.refuse("AccessDeniedException", "no", times=100))
    listed = await ask(environment, "groups")
    assert listed.code == 0
    assert {record["account"] for record in listed.records} == {"2" * 12}
    assert "not listed: prod eu-west-1" in listed.err


async def test_all_groups_of_a_name_are_not_said_to_be_all_where_one_account_could_not_be_listed(
    fakes: tuple[FakeAws, FakeAws], environment: dict[str, str]
) -> None:
    fakes[0].script("DescribeLogGroups", Fault.refuse("AccessDeniedException", "no", times=100))
    for command in ("events", "invocations"):
        ended = await ask(environment, command, "*:/shop/api")
        assert {record["account"] for record in ended.records} == {"2" * 12}
        assert "not everything: prod eu-west-1, which could not be listed: " in ended.err
    # Where it alone was asked for, its failure is the answer.
    denied = await ask(environment, "events", "prod:/shop/api")
    assert denied.code == 4
    assert "DescribeLogGroups" in denied.err
    only = await ask(environment, "events", "test:/shop/api")
    assert "not everything" not in only.err


async def test_streams_are_those_of_the_group_at_the_place_before_its_name(
    fakes: tuple[FakeAws, FakeAws], environment: dict[str, str]
) -> None:
    fakes[1].logs.put("/shop/api", "two", now(), "of test")
    listed = await ask(environment, "streams", "test:/shop/api")
    assert {record["logStreamName"] for record in listed.records} == {"one", "two"}
    every = await ask(environment, "streams", "*:/shop/api")
    assert every.code == 2
    assert "stands for 2 log groups" in every.err


def test_regions_with_commas_between_them_are_one_view(monkeypatch: pytest.MonkeyPatch) -> None:
    context = click.Context(click.Command("x"))
    remember(context, {"region": "eu-west-1,us-east-1", "profile": "dev", "context": ()})
    settings = settings_of(context)
    assert [(label, one.region, one.profile) for label, one in settings.members] == [
        ("dev/eu-west-1", "eu-west-1", "dev"),
        ("dev/us-east-1", "us-east-1", "dev"),
    ]


def test_a_region_named_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    context = click.Context(click.Command("x"))
    remember(context, {"region": "eu-west-1, eu-west-1,", "profile": "dev", "context": ()})
    settings = settings_of(context)
    assert (settings.region, settings.members) == ("eu-west-1", ())
