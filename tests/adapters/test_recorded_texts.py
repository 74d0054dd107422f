from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cwtui.adapters.recorded_texts import Messages
from cwtui.deliver.packed import Texts

MESSAGES = st.lists(st.text(st.characters(categories=("L", "N", "Cs", "So", "Cc")), max_size=6), max_size=6)


@given(st.lists(MESSAGES, max_size=4), st.integers(0, 24), st.integers(0, 24))
def test_messages_come_back_as_they_were_in_any_order_and_cut(
    blocks: list[list[str]], first: int, after: int
) -> None:
    flat = [message for block in blocks for message in block]
    first, after = sorted((min(first, len(flat)), min(after, len(flat))))
    kept = Messages([Texts(block) for block in blocks])
    assert len(kept) == len(flat)
    assert [kept[row] for row in range(len(flat))] == flat
    assert kept.between(first, after) == flat[first:after]
    turned = Messages([Texts(block) for block in blocks], np.arange(len(flat))[::-1])
    assert turned.between(first, after) == flat[::-1][first:after]


def test_few_of_many_messages_far_apart_come_in_the_order_asked() -> None:
    blocks = [[f"{block} {row}" for row in range(100)] for block in range(3)]
    order = np.array([299, 0, 150, 1, 250])
    assert Messages([Texts(block) for block in blocks], order).between(0, 4) == ["2 99", "0 0", "1 50", "0 1"]


def test_blocks_that_interleave_are_merged() -> None:
    blocks = [[f"{block} {row}" for row in range(50)] for block in range(2)]
    order = np.arange(100).reshape(2, 50).T.ravel()
    kept = Messages([Texts(block) for block in blocks], order)
    assert kept.between(10, 14) == ["0 5", "1 5", "0 6", "1 6"]
