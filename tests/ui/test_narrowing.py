"""Narrowing names: rank, what is marked, and that no name makes it slow."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from cwtui.core.text import middle
from cwtui.ui.narrowing import cut_offsets, narrow, narrow_beside

NAMES = ["/aws/lambda/checkout", "/ecs/cart", "/shop/recheck", "/c/h/e/x"]


def test_an_empty_query_shows_every_name() -> None:
    assert [row.row for row in narrow(NAMES, "")] == [0, 1, 2, 3]


def test_the_beginning_of_a_part_ranks_before_the_middle_and_that_before_scattered_letters() -> None:
    assert [NAMES[row.row] for row in narrow(NAMES, "che")] == [
        "/aws/lambda/checkout",
        "/shop/recheck",
        "/c/h/e/x",
    ]


def test_case_is_ignored() -> None:
    assert narrow(["/AWS/Lambda"], "lambda")[0].offsets == tuple(range(5, 11))


@given(st.lists(st.text(max_size=30), max_size=20), st.text(min_size=1, max_size=6))
def test_what_matches_holds_the_letters_in_order_and_marks_just_them(names: list[str], query: str) -> None:
    for row in narrow(names, query):
        name = names[row.row]
        if row.offsets:
            assert list(row.offsets) == sorted(set(row.offsets))
            assert "".join(name[offset] for offset in row.offsets).lower() == query.lower()


@given(st.lists(st.text("ab/c", max_size=12), max_size=20), st.text("abc/", min_size=1, max_size=4))
def test_nothing_that_holds_the_letters_is_left_out(names: list[str], query: str) -> None:
    def holds(name: str) -> bool:
        rest = iter(name)
        return all(letter in rest for letter in query)

    assert {row.row for row in narrow(names, query)} == {i for i, name in enumerate(names) if holds(name)}


def test_twelve_thousand_repetitive_names_are_narrowed_at_once() -> None:
    names = [f"/aws/lambda/{'a-service-of-the-' * 4}{number:05d}-handler" for number in range(12_000)]
    began = time.perf_counter()
    assert len(narrow(names, "aseervhandler")) == 12_000
    assert time.perf_counter() - began < 1


@given(st.text("abcdefghij", min_size=1, max_size=40), st.integers(1, 40), st.data())
def test_a_cut_name_marks_the_same_letters(name: str, width: int, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(name) - 1))
    cut = middle(name, width)
    for place in cut_offsets([offset], len(name), width):
        assert cut[place] == name[offset]


def test_a_query_may_begin_with_what_is_said_beside_a_name() -> None:
    names = ["/shop/api", "/shop/api", "/shop/mail", "/prod/api"]
    beside = ["prod eu-west-1", "test ap-southeast-2", "prod eu-west-1", "test eu-west-1"]

    def rows(query: str) -> list[int]:
        return [row for row, _ in narrow_beside(names, beside, query)]

    assert rows("prod") == [3, 0, 2]
    assert rows("prodapi") == [3, 0]
    assert rows("eu-west-1") == [0, 2, 3]
    assert rows("testapi") == [1, 3]
    assert rows("api") == [0, 1, 3], "two letters of a region are no region"
    assert rows("prodx") == []
