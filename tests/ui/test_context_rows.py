"""What the picker of contexts tells at a width: no line is cut while a shorter one would do."""

from __future__ import annotations

import pytest

from cwtui.access.contexts_file import ContextSpec
from cwtui.access.destinations import Destination
from cwtui.ui.screens.contexts import Row, context_rows, fitting, region_rows

NOW = 1_795_345_200_000
PLACES = [
    Destination(
        "prod-eu",
        "context",
        ContextSpec("prod-eu", allow_write=True),
        ("eu-west-1",),
        account="111122223333",
        alias="tidewater-production",
        expires=NOW + 3_600_000,
        last_used=NOW - 7_000,
    ),
    Destination("corp", "sso", None, ("us-east-1", "eu-west-1"), account="444455556666"),
]


def told(rows: list[Row], cells: int) -> list[str]:
    place = fitting(rows, cells)
    return [row.facts[place].plain for row in rows]


@pytest.mark.parametrize("cells", [58, 70, 100])
def test_the_facts_of_every_context_have_room_in_their_line(cells: int) -> None:
    first, second = told(context_rows(PLACES, "prod-eu", NOW), cells)
    assert len(first) <= cells
    for fact in ("111122223333", "eu-west-1", "writes", "login", "used 7 s ago"):
        assert fact in first
    assert "2 regions" in second


def test_a_wide_line_tells_kind_and_alias_too() -> None:
    first, _ = told(context_rows(PLACES, "prod-eu", NOW), 100)
    assert first.startswith("context")
    assert "tidewater-production" in first


def test_rows_without_facts_need_no_room() -> None:
    assert fitting([], 10) == -1
    assert told(region_rows({"cn-north-1": "aws-cn"}, ""), 2) == ["aws-cn"]
