"""How old the newest event is, at any age, over several groups."""

from __future__ import annotations

from cwtui.core.errors import PermissionDenied
from cwtui.core.models import Query, TimeWindow
from cwtui.fetch.newest import newest
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event

NOW = 1_800_000_000_000
DAY = 86_400_000
QUERY = Query(("/a", "/b"), TimeWindow(NOW - 1_000))


async def test_the_newest_of_all_groups_counts_and_a_denied_group_counts_as_empty() -> None:
    old = [event(NOW - days * DAY, f"m{days}", group="/a" if days % 2 else "/b") for days in range(3, 30)]
    reader = ScriptedReader(VirtualClock(NOW), old, page_size=4)
    assert await newest(reader, QUERY) == NOW - 3 * DAY
    reader.denied["/a"] = PermissionDenied("You may not read /a.")
    assert await newest(reader, QUERY) == NOW - 4 * DAY


async def test_an_empty_page_with_a_token_is_not_the_end_and_one_page_with_events_is_enough() -> None:
    old = [event(NOW - DAY - number, f"m{number}") for number in range(50)]
    reader = ScriptedReader(VirtualClock(NOW), old, page_size=5)
    reader.empty_pages = 3
    assert await newest(reader, Query(("/a",), TimeWindow(NOW - 1_000))) == NOW - DAY
    assert len(reader.requests) == 4


async def test_where_there_never_was_an_event_there_is_no_newest() -> None:
    reader = ScriptedReader(VirtualClock(NOW))
    reader.groups = {"/a", "/b"}
    assert await newest(reader, QUERY) is None
