"""Aliases of log groups: what `@pay` stands for, and what is said where it stands for nothing."""

from __future__ import annotations

import pytest

from cwtui.core.aliases import aliases_of, group_named, groups_named
from cwtui.core.errors import InputError

ALIASES = {"pay": ("/aws/lambda/payment-prod",), "shop": ("/shop/api", "/shop/web")}


def test_an_alias_becomes_what_it_stands_for_and_each_group_comes_once() -> None:
    written = ("/x", "@shop", "/shop/api", "@pay")
    assert groups_named(written, ALIASES) == ("/x", "/shop/api", "/shop/web", "/aws/lambda/payment-prod")


def test_a_name_without_the_mark_is_never_an_alias() -> None:
    assert groups_named(["pay"], ALIASES) == ("pay",)


@pytest.mark.parametrize(
    ("written", "hint"),
    [("@pya", "Did you mean @pay?"), ("@zzzz", "There are @pay, @shop."), ("@", "There are @pay, @shop.")],
)
def test_an_unknown_alias_is_refused_with_the_nearest(written: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        groups_named([written], ALIASES)
    assert refused.value.hint == hint


def test_without_aliases_the_way_to_write_one_is_said() -> None:
    with pytest.raises(InputError) as refused:
        groups_named(["@pay"], {})
    assert "[aliases]" in refused.value.hint


def test_where_one_group_is_wanted_an_alias_of_several_names_them() -> None:
    assert group_named("@pay", ALIASES) == "/aws/lambda/payment-prod"
    with pytest.raises(InputError) as refused:
        group_named("@shop", ALIASES)
    assert "/shop/web" in refused.value.hint


def test_a_group_knows_what_it_is_called() -> None:
    assert aliases_of("/shop/web", ALIASES) == ("@shop",)
    assert aliases_of("/other", ALIASES) == ()
