from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cwtui.fetch.repeats import Names

NAMES = st.lists(st.lists(st.integers(0, 60).map(str), min_size=1, max_size=12), max_size=20)


@given(NAMES)
def test_a_name_is_new_once(batches: list[list[str]]) -> None:
    names, seen = Names(), set[str]()
    for batch in batches:
        expected = []
        for name in batch:
            expected.append(name not in seen)
            seen.add(name)
        assert names.take(batch).tolist() == expected
        assert len(names) == len(seen)


def test_many_small_batches_leave_few_layers_to_look_through() -> None:
    names = Names()
    for number in range(2_000):
        names.take([f"{number} {row}" for row in range(5)])
    assert len(names) == 10_000
    assert len(names._layers) <= 14
