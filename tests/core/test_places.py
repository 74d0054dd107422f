"""What accounts and regions are called, and what an identifier tells of a group."""

from __future__ import annotations

import pytest

from cwtui.core.models import Context, LogGroup
from cwtui.core.naming import Place, arn_of_group, named, short_region, told
from cwtui.core.places import account_label, labels_of, members_words, name_and_place, path_part


def estate(*members: tuple[str, str, str]) -> Context:
    """Members by name, account and region."""
    return Context(
        "all", members=tuple(Context(name, region=region, account=acc) for name, acc, region in members)
    )


@pytest.mark.parametrize(
    ("region", "short"),
    [
        ("eu-west-1", "euw1"),
        ("ap-southeast-2", "apse2"),
        ("us-gov-west-1", "usgw1"),
        ("ca-central-1", "cac1"),
        ("local", "local"),
        ("", ""),
    ],
)
def test_a_region_has_a_short_name(region: str, short: str) -> None:
    assert short_region(region) == short


def test_an_identifier_tells_account_region_and_name_whatever_the_partition() -> None:
    arn = arn_of_group("1", "cn-north-1", "/a:b")
    assert arn == "arn:aws-cn:logs:cn-north-1:1:log-group:/a:b"
    assert named(f"{arn}:*") == ("1", "cn-north-1", "/a:b")
    assert named("/a") == ("", "", "/a")
    assert told(arn) == "/a:b in 1 cn-north-1"
    assert LogGroup("/a", arn).identifier == "/a"
    assert LogGroup("/a", arn, by_arn=True).identifier == arn


def test_an_account_is_called_as_its_one_context_or_as_its_contexts_begin() -> None:
    context = estate(
        ("prod", "1", "eu-west-1"),
        ("shop-eu", "2", "eu-west-1"),
        ("shop-us", "2", "us-east-1"),
        ("a", "3", "eu-west-1"),
        ("b", "3", "us-east-1"),
    )
    assert [account_label(context, account) for account in ("1", "2", "3", "9", "")] == [
        "prod",
        "shop",
        "3",
        "9",
        "",
    ]
    twins = estate(("x-1", "1", "r"), ("x-2", "1", "s"), ("x-3", "2", "r"), ("x-4", "2", "s"))
    assert account_label(twins, "1") == "1", "a name that two would have is none"


def test_a_label_says_only_what_tells_places_apart() -> None:
    context = estate(("prod", "1", "eu-west-1"), ("test", "2", "eu-west-1"), ("test", "2", "us-east-1"))
    one, two, three = (Place("1", "eu-west-1"), Place("2", "eu-west-1"), Place("2", "us-east-1"))
    assert labels_of(context, [one], 9) == ()
    assert labels_of(context, [one, two], 9) == ((one, "prod"), (two, "test"))
    assert labels_of(context, [two, three], 9) == ((two, "euw1"), (three, "use1"))
    assert labels_of(context, [one, three], 9) == ((one, "prod·euw1"), (three, "test·use1"))
    assert all(len(label) <= 8 for _, label in labels_of(context, [one, three], 8))


def test_headers_and_lists_say_where_a_group_lies() -> None:
    context = estate(("prod", "1", "eu-west-1"), ("test", "2", "us-east-1"))
    arn = arn_of_group("2", "us-east-1", "/a")
    assert members_words(context) == "2 accounts, 2 regions"
    assert members_words(estate(("prod", "1", "eu-west-1"))) == "1 account, eu-west-1"
    assert (
        members_words(estate(("prod", "", "eu-west-1"), ("test", "2", "eu-west-1")))
        == "2 contexts, eu-west-1"
    )
    assert path_part(context, arn) == "test us-east-1: /a"
    assert path_part(context, "/a") == "/a"
    assert name_and_place(context, arn) == "/a test·use1"
