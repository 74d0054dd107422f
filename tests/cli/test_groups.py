"""`groups` with facts, and aliases wherever a group is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cwtui.settings import config_file
from tests.cli.conftest import Ended, cwtui
from tests.cli.test_on_aws import KEYS, now
from tests.fakes.aws import FakeAws


@pytest.fixture
async def aws() -> AsyncIterator[FakeAws]:
    async with FakeAws(clock=now) as fake:
        for name in ("/shop/cart", "/shop/pay", "/other"):
            fake.logs.put(name, "one", now() - 60_000, f"of {name}")
        cart = fake.logs.groups["/shop/cart"]
        cart.retention, cart.kms_key, cart.masking, cart.metric_filters = (
            14,
            "arn:aws:kms:::key/k",
            "ACTIVATED",
            2,
        )
        yield fake


@pytest.fixture
def config() -> Path:
    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('[aliases]\ncart = "/shop/cart"\nshop = ["/shop/cart", "/shop/pay"]\n')
    return path


async def ask(aws: FakeAws, *arguments: str) -> Ended:
    return await cwtui(*arguments, "--endpoint-url", aws.url, env=KEYS)


async def test_groups_found_by_a_pattern_come_with_their_facts(aws: FakeAws) -> None:
    cart, pay = (await ask(aws, "groups", "/shop")).records
    assert (cart["retentionInDays"], cart["kmsKeyId"], cart["masking"], cart["metricFilters"]) == (
        14,
        "arn:aws:kms:::key/k",
        "ACTIVATED",
        2,
    )
    assert cart["storedBytes"] > 0
    assert (pay["retentionInDays"], pay["kmsKeyId"], pay["masking"]) == (None, None, None)
    text = (await ask(aws, "groups", "/shop", "-o", "text")).out.splitlines()
    assert ["14 d" in line for line in text] == [True, False]
    assert ["never expires" in line for line in text] == [False, True]


async def test_groups_that_never_expire_are_told_apart(aws: FakeAws) -> None:
    for pattern in ((), ("/shop",)):
        ended = await ask(aws, "groups", *pattern, "--never-expires")
        assert "/shop/cart" not in [each["logGroupName"] for each in ended.records]
        assert "/shop/pay" in [each["logGroupName"] for each in ended.records]


@pytest.mark.parametrize("command", ["events", "patterns", "summarize", "invocations"])
async def test_an_alias_stands_for_its_groups_in_every_command(
    aws: FakeAws, config: Path, command: str
) -> None:
    ended = await ask(aws, command, "@shop", "--since", "1h")
    assert ended.code == 0, ended.err
    asked = {call["logGroupName"] for call in aws.called("FilterLogEvents")}
    assert asked == {"/shop/cart", "/shop/pay"}


async def test_an_alias_lists_the_groups_that_it_stands_for_and_no_others(aws: FakeAws, config: Path) -> None:
    aws.logs.put("/shop/cart-old", "one", now(), "of another")
    listed = await ask(aws, "groups", "@shop")
    assert [each["logGroupName"] for each in listed.records] == ["/shop/cart", "/shop/pay"]
    assert listed.records[0]["retentionInDays"] == 14
    assert (await ask(aws, "groups", "@shoop")).code == 2


async def test_streams_take_an_alias_of_one_group(aws: FakeAws, config: Path) -> None:
    assert (await ask(aws, "streams", "@cart")).records[0]["logGroupName"] == "/shop/cart"
    several = await ask(aws, "streams", "@shop")
    assert several.code == 2
    assert "/shop/pay" in several.err


async def test_an_unknown_alias_names_the_nearest(aws: FakeAws, config: Path) -> None:
    ended = await ask(aws, "events", "@crat")
    assert ended.code == 2
    assert "Did you mean @cart?" in ended.err
    assert not aws.called("FilterLogEvents")


async def test_aliases_are_listed_among_the_settings_and_a_wrong_one_is_refused(config: Path) -> None:
    listed = {each["name"]: each["value"] for each in (await cwtui("config")).records}
    assert listed["aliases"] == {"cart": ["/shop/cart"], "shop": ["/shop/cart", "/shop/pay"]}
    config.write_text("[aliases]\ncart = 7\n")
    ended = await cwtui("config")
    assert ended.code == 2
    assert "[aliases] cart" in ended.err
