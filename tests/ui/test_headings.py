"""Where rows stand when headings stand between them, and which headings the list of streams has."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from cwtui.access.stream_names import StreamName, stream_name
from cwtui.core.models import LogStream
from cwtui.ui.screens.stream_orders import ORDERS
from cwtui.ui.widgets.headings import Headings

DAY = 86_400_000
NOW = 1_763_805_600_000
HEX = "0123456789abcdef0123456789abcdef"


@given(st.sets(st.integers(0, 30), max_size=8))
def test_every_line_is_a_row_or_a_heading_and_rows_keep_their_order(places: set[int]) -> None:
    headings = Headings([(place, f"before {place}") for place in sorted(places)])
    rows = {headings.line_of(place): place for place in range(40)}
    assert list(rows) == sorted(rows)
    for line in range(headings.line_of(39) + 1):
        assert headings.place_at(line) == rows.get(line)
        if line not in rows:
            assert headings.text_at(line) == f"before {rows[line + 1]}"
    assert len(headings) == len(places)


def parse(stream: LogStream) -> StreamName:
    return stream_name(stream.name, "/aws/lambda/cart")


def test_streams_stand_under_the_day_on_which_they_were_last_written_to() -> None:
    order = ORDERS[0]
    streams = [
        LogStream("old", "/g", last_event=NOW - 3 * DAY),
        LogStream("never", "/g"),
        LogStream("late", "/g", last_event=NOW - 3 * DAY, last_ingestion=NOW - 1_000),
        LogStream("now", "/g", last_event=NOW),
        LogStream("beyond", "/g", last_event=10**17),
    ]
    listed = order.sort(streams, parse)
    assert [stream.name for stream in listed] == ["beyond", "now", "late", "old", "never"]
    assert order.headings(listed, parse, UTC) == [
        (1, "2025-11-22 Sat"),
        (3, "2025-11-19 Wed"),
        (4, "without events"),
    ]


def test_streams_stand_under_the_day_and_version_that_their_names_say() -> None:
    names = [f"2025/11/21/[7]{HEX}", "other", f"2025/11/22/[8]{HEX}", f"2025/11/21/[$LATEST]{HEX}"]
    order = ORDERS[1]
    listed = order.sort([LogStream(name, "/g", last_event=NOW - at) for at, name in enumerate(names)], parse)
    assert [listed[place].name[:15] for place in range(4)] == [
        "2025/11/22/[8]0", "2025/11/21/[$LA", "2025/11/21/[7]0", "other",
    ]  # fmt: skip
    assert [text for _, text in order.headings(listed, parse, UTC)] == [
        "2025-11-22  Lambda  cart  8",
        "2025-11-21  Lambda  cart  $LATEST",
        "2025-11-21  Lambda  cart  7",
        "others",
    ]
    assert ORDERS[2].headings(ORDERS[2].sort(listed, parse), parse, UTC) == []


def test_a_hundred_thousand_streams_of_one_day_have_one_heading() -> None:
    streams = [LogStream(str(at), "/g", last_event=NOW - at) for at in range(100_000)]
    assert len(ORDERS[0].headings(streams, parse, UTC)) == 1
