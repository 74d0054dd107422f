from __future__ import annotations

from cwtui.lang.condition import EVERYTHING, NOTHING, Condition

A = Condition("(a = ?)", (1,))
B = Condition("(b = ?)", (2,))


def test_all_of_none_is_everything_and_any_of_none_is_nothing() -> None:
    assert Condition.all_of([]) == EVERYTHING
    assert Condition.any_of([]) == NOTHING


def test_one_condition_stays_itself() -> None:
    assert Condition.all_of([A]) == A
    assert Condition.any_of([A]) == A


def test_the_values_stay_in_the_order_of_their_placeholders() -> None:
    both = Condition.all_of([A, Condition.any_of([B, A.negated()])])
    assert both == Condition("((a = ?) AND ((b = ?) OR (NOT (a = ?))))", (1, 2, 1))
