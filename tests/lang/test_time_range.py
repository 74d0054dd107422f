"""The range of time as one chip of the stack."""

from __future__ import annotations

from cwtui.core.models import Level
from cwtui.lang.time_range import between, range_in, range_of, with_range
from cwtui.lang.where import Filter, FilterStack, level_floor, parse_where

ERRORS = Filter(level_floor(Level.ERROR))


def test_a_range_is_a_written_expression_and_is_known_again_when_read_back() -> None:
    text = str(between(1_763_806_178_000, 1_763_806_202_250))
    assert text == "time >= 2025-11-22T10:09:38.000Z and time < 2025-11-22T10:10:02.250Z"
    assert range_of(parse_where(text)) == (1_763_806_178_000, 1_763_806_202_250)


def test_what_says_more_than_a_range_is_none() -> None:
    assert range_of(parse_where("time >= 2025-11-22T10:00Z")) is None
    assert range_of(parse_where("level >= warn and time >= 2025-11-22T10:00Z")) is None


def test_a_new_range_takes_the_place_of_the_old_one() -> None:
    stack = FilterStack((ERRORS, Filter(between(0, 100)), Filter(between(50, 200))))
    assert range_in(stack) == (50, 100)
    assert with_range(stack, (60, 70)) == FilterStack((ERRORS, Filter(between(60, 70))))
    assert with_range(stack, None) == FilterStack((ERRORS,))


def test_a_range_switched_off_leaves_all() -> None:
    assert range_in(FilterStack((ERRORS, Filter(between(0, 100), enabled=False)))) is None
