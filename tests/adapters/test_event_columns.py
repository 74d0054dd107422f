"""A page of events becomes columns; nothing that the service sends is thrown away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.adapters.event_columns import columns, read_page

EVENT = {
    "timestamp": 1_795_350_000_000,
    "ingestionTime": 1_795_350_000_500,
    "message": "hello",
    "logStreamName": "web/1",
    "eventId": "0001",
}


def page(*events: Any) -> bytes:
    return json.dumps({"events": events, "nextToken": "t"}).encode()


def test_a_page_is_read_into_columns() -> None:
    answer = read_page(page(EVENT, EVENT | {"message": "bye"}))
    events = answer["events"]
    assert list(events.timestamps) == [1_795_350_000_000] * 2
    assert list(events.messages) == ["hello", "bye"]
    assert list(events.streams) == ["web/1"] * 2
    assert list(events.event_ids) == ["0001"] * 2
    assert events.malformed == 0
    assert answer["nextToken"] == "t"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<html>sign in</html>",
        b'{"events": [{"mess',
        b'{"events": {}}',
        b"[]",
        b"null",
        b"\xff\xfe",
    ],
)
def test_what_is_no_page_of_events_is_no_empty_page_either(body: bytes) -> None:
    assert "events" not in read_page(body)


def test_nan_and_half_a_surrogate_pair_are_read_by_the_second_parser() -> None:
    body = page(EVENT | {"message": "half \ud83d", "timestamp": float("nan")}, EVENT)
    events = read_page(body)["events"]
    assert list(events.messages) == ["half \ud83d", "hello"]
    assert events.malformed == 1


@pytest.mark.parametrize(
    ("odd", "timestamp", "message"),
    [
        ({"timestamp": "NaN"}, EVENT["ingestionTime"], "hello"),
        ({"timestamp": None}, EVENT["ingestionTime"], "hello"),
        ({"timestamp": 1.5}, EVENT["ingestionTime"], "hello"),
        ({"timestamp": 2**70}, EVENT["ingestionTime"], "hello"),
        ({"timestamp": "x", "ingestionTime": "y"}, 0, "hello"),
        ({"message": None}, EVENT["timestamp"], ""),
        ({"message": {"a": 1}}, EVENT["timestamp"], '{"a": 1}'),
    ],
)
def test_an_odd_event_is_kept_and_counted(odd: dict[str, Any], timestamp: int, message: str) -> None:
    events = columns([EVENT | odd, EVENT])
    assert list(events.timestamps) == [timestamp, EVENT["timestamp"]]
    assert list(events.messages) == [message, "hello"]
    assert events.malformed == 1


def test_a_number_as_event_id_is_no_malformed_event() -> None:
    events = columns([EVENT | {"eventId": 7}])
    assert (list(events.event_ids), events.malformed) == (["7"], 0)


def test_an_event_that_is_no_object_keeps_its_text() -> None:
    events = columns(["bare", 3])
    assert (list(events.messages), events.malformed) == (["bare", "3"], 2)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*EVENT, "other"]),
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
        )
        | st.just(EVENT)
    )
)
def test_every_event_comes_out_once_whatever_it_holds(events: list[dict[str, Any]]) -> None:
    read = read_page(page(*events))["events"]
    lengths = {len(read.timestamps), len(read.ingestion_times), len(read.streams), len(read.messages)}
    assert lengths == {len(events)}
    assert all(type(message) is str for message in read.messages)
    assert all(
        message == event["message"]
        for message, event in zip(read.messages, events, strict=True)
        if isinstance(event.get("message"), str)
    )
