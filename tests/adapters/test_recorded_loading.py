from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cwtui.adapters.recorded_loading import Loading, joined
from cwtui.core.models import EventBatch, LogEvent
from cwtui.deliver.packed import Kept

BATCHES = st.lists(
    st.tuples(st.sampled_from(["/a", "/b"]), st.lists(st.integers(0, 3), min_size=1, max_size=4)), max_size=8
)


def batch(group: str, times: list[int]) -> EventBatch:
    return EventBatch.of(
        [LogEvent(at, at % 2, group, f"s{at % 3}", f"{place}", f"n{at}") for place, at in enumerate(times)]
    )


@given(BATCHES, st.integers(1, 9))
def test_joined_batches_hold_the_same_events_in_order_each_of_one_group(
    told: list[tuple[str, list[int]]], most: int
) -> None:
    batches = [batch(*each) for each in told]
    found = list(joined(batches, most))
    assert [event for each in found for event in each.events()] == [
        event for each in batches for event in each.events()
    ]
    largest = max(map(len, batches), default=0)
    assert all(len(each) <= max(most, largest) for each in found)


def test_batches_of_one_group_are_joined_up_to_the_most() -> None:
    batches = [batch("/a", [1, 2]), batch("/a", [3]), batch("/a", [4]), batch("/b", [5])]
    assert [len(each) for each in joined(batches, 3)] == [3, 1, 1]


@given(BATCHES)
def test_columns_are_in_the_order_of_time_then_of_ingestion_then_of_the_files(
    told: list[tuple[str, list[int]]],
) -> None:
    loading = Loading("", "", "/a")
    for group, times in told:
        loading.add(Kept.of(batch("/a", times)), live=group == "/b")
    events = [event for each in loading.batches for event in each.batch().events()]
    lives = [group == "/b" for group, times in told for _ in times]
    columns = loading.sorted(10)
    rows = sorted(
        (event.timestamp + 10 * live, event.ingestion_time + 10 * live, place, event, live)
        for place, (event, live) in enumerate(zip(events, lives, strict=True))
    )
    assert columns.times.tolist() == [row[0] for row in rows]
    assert columns.ingestions.tolist() == [row[1] for row in rows]
    messages = [row[3].message for row in rows]
    assert columns.messages.between(0, len(rows)) == messages
    assert [columns.messages[row] for row in range(len(rows))] == messages
    assert columns.event_ids == [row[3].event_id for row in rows]
    assert [columns.streams[code] for code in columns.codes.tolist()] == [
        (row[3].stream, row[4]) for row in rows
    ]
    assert columns.live.tolist() == [row[4] for row in rows]
