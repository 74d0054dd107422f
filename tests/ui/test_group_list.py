"""The groups of the list: what stands first, whose facts are asked for next, and what a listing leaves."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cwtui.core.models import LogGroup
from cwtui.ui.group_list import A_BATCH, FEW, ORDERS, RECENT, GroupList

BY_NAME, BY_SIZE, _ = ORDERS


def listed(*names: str, described: bool = False) -> list[LogGroup]:
    return [LogGroup(name, f"arn:{name}", described=described) for name in names]


def many(count: int) -> list[LogGroup]:
    return listed(*(f"/g/{number:05}" for number in range(count)))


def test_pinned_come_first_then_those_opened_last_then_the_rest_each_under_a_heading() -> None:
    groups = GroupList(["/g/00030", "/team/*"], ["/g/00007", "/g/00030", "/g/00003", "/gone"])
    groups.take([*many(40), *listed("/team/b", "/team/a")])
    groups.arrange(BY_NAME)
    assert groups.names[:6] == ["/g/00030", "/team/a", "/team/b", "/g/00007", "/g/00003", "/g/00000"]
    assert groups.headings == [(0, "Pinned"), (3, "Opened last"), (5, "All others")]
    assert sorted(groups.names) == sorted(group.name for group in groups.rows)
    assert len(set(groups.keys)) == 42


def test_of_few_groups_those_opened_last_do_not_stand_apart() -> None:
    groups = GroupList((), ["/b"])
    groups.take(listed("/a", "/b"))
    groups.arrange(BY_NAME)
    assert (groups.names, groups.headings) == (["/a", "/b"], [])


def test_of_those_opened_last_only_a_few_stand_apart() -> None:
    groups = GroupList((), [f"/g/{number:05}" for number in range(39, 20, -1)])
    groups.take(many(40))
    groups.arrange(BY_NAME)
    assert groups.headings[1][0] == RECENT


def test_facts_of_the_last_run_stand_until_they_are_told_anew() -> None:
    groups = GroupList()
    groups.add([replace(group, stored_bytes=7) for group in listed("/a", "/b", described=True)])
    groups.begin()
    groups.take(listed("/a", "/b"))
    groups.finish()
    groups.arrange(BY_NAME)
    assert [group.stored_bytes for group in groups.rows] == [7, 7]
    assert [group.name for group in groups.wanted([0, 1])] == ["/a", "/b"]


def test_facts_of_a_group_of_the_same_name_elsewhere_are_not_taken() -> None:
    groups = GroupList()
    groups.add([replace(group, stored_bytes=7) for group in listed("/a", described=True)])
    groups.take([LogGroup("/a", "arn:elsewhere", described=False)])
    groups.arrange(BY_NAME)
    assert groups.rows[0].stored_bytes is None


def test_what_a_whole_listing_did_not_bring_is_gone() -> None:
    groups = GroupList(["/b"])
    groups.add(listed("/a", "/b"))
    groups.begin()
    groups.take(listed("/a", "/c"))
    groups.finish()
    groups.arrange(BY_NAME)
    assert (groups.names, groups.headings) == (["/a", "/c"], [])


def test_facts_are_asked_of_the_rows_in_sight_first_then_of_all_where_they_are_few() -> None:
    groups = GroupList()
    groups.take(many(FEW))
    groups.arrange(BY_NAME)
    assert [group.name for group in groups.wanted([900, 901])] == ["/g/00900", "/g/00901"]
    asked = groups.wanted([900, 901])
    groups.tell(asked, asked[:1])
    assert len(groups.wanted([900, 901])) == A_BATCH, "one is gone, and not asked for again"
    crowd = GroupList()
    crowd.take(many(FEW + 1))
    crowd.arrange(BY_NAME)
    assert crowd.wanted([]) == []
    assert len(crowd.wanted([], all_of_them=True)) == A_BATCH


@given(st.lists(st.integers(0, 300), max_size=8))
def test_asking_ends_and_asks_for_each_group_once(sights: list[int]) -> None:
    groups = GroupList()
    groups.take(many(301))
    groups.arrange(BY_NAME)
    asked: list[str] = []
    for sight in [*sights, 0]:
        while batch := groups.wanted(range(sight, min(301, sight + 20))):
            asked += [group.name for group in batch]
            groups.tell(batch, [replace(group, described=True) for group in batch])
    assert sorted(asked) == [f"/g/{number:05}" for number in range(301)]


def test_facts_move_no_row_by_name_and_all_rows_by_size_once_arranged() -> None:
    groups = GroupList()
    groups.take(many(3))
    groups.arrange(BY_NAME)
    last = groups.wanted([2])
    groups.tell(last, [replace(last[0], described=True, stored_bytes=9)])
    assert not groups.arrange(BY_NAME)
    assert groups.rows[2].stored_bytes == 9
    assert groups.arrange(BY_SIZE)
    assert groups.names[0] == "/g/00002"


def test_twelve_thousand_names_are_put_in_order_page_by_page_in_no_time() -> None:
    pages = [many(12_000)[at : at + 1_000] for at in range(0, 12_000, 1_000)]
    groups = GroupList(["/g/00100"], ["/g/00200"])
    longest = 0.0
    for page in pages:
        began = time.process_time()
        groups.take(page)
        groups.arrange(BY_NAME)
        longest = max(longest, time.process_time() - began)
    assert longest < 0.25
