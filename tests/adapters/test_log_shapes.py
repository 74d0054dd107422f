from __future__ import annotations

import pytest

from cwtui.adapters.log_shapes import identified
from cwtui.core.models import LogGroup

LINKED = LogGroup("/shop", "arn:aws:logs:eu-west-1:999999999999:log-group:/shop")
OWN = LogGroup("/shop")
LONGER = LogGroup("/my/shop")


@pytest.mark.parametrize(
    ("identifier", "meant"),
    [
        ("/shop", OWN),
        ("111111111111:/shop", OWN),
        ("999999999999:/shop", LINKED),
        ("arn:aws:logs:eu-west-1:999999999999:log-group:/shop:*", LINKED),
        ("111111111111:/my/shop", LONGER),
    ],
)
def test_a_live_tail_names_groups_by_account(identifier: str, meant: LogGroup) -> None:
    assert identified(identifier, (LONGER, LINKED, OWN)) == meant


def test_a_group_that_was_not_asked_for_keeps_the_name_it_came_with() -> None:
    assert identified("/stranger", (OWN,)) == LogGroup("/stranger")
