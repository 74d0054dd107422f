from __future__ import annotations

from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.errors import (
    CredentialsError,
    CwtuiError,
    LimitReached,
    NetworkError,
    NotFound,
    PermissionDenied,
    ServiceError,
)
from cwtui.core.models import EventsRequest, LogEvent, Query, TimeWindow
from cwtui.fetch.identity import Seen
from cwtui.fetch.tail import TailKind, TailState, tail
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event

NOW = 1_800_000_000_000
LOOK_BACK = 120_000


async def follow(
    reader: ScriptedReader, until: int, *groups: str, seen: Seen | None = None
) -> tuple[list[LogEvent], list[TailState]]:
    """What a tail shows from NOW until the virtual clock has passed `until`."""
    shown: list[LogEvent] = []
    states: list[TailState] = []
    updates = tail(
        reader,
        Query(groups or ("/a",), TimeWindow(NOW)),
        since=NOW,
        clock=reader.clock,
        seen=seen,
        look_back_ms=LOOK_BACK,
        sleep=reader.clock.sleep,
    )
    async with aclosing(updates):
        async for update in updates:
            shown.extend(item for batch in update.batches for item in batch.events())
            states.append(update.state)
            if reader.clock() >= until:
                break
    return shown, states


def names(events: list[LogEvent]) -> list[str]:
    return sorted(item.event_id for item in events)


FAULTS = st.sampled_from(
    [None, None, LimitReached("Rate exceeded"), NetworkError("cut"), ServiceError("internal")]
)
ARRIVALS = st.lists(
    st.tuples(
        st.integers(0, 240_000),  # when it happened, after NOW
        st.integers(0, LOOK_BACK),  # how late it is ingested
        st.sampled_from(["same", "one", "two"]),
    ),
    max_size=30,
)


@settings(max_examples=30)
@given(ARRIVALS, st.lists(FAULTS, max_size=12), st.integers(1, 5), st.booleans())
async def test_what_is_shown_is_what_was_produced_each_once(
    arrivals: list[tuple[int, int, str]],
    faults: list[CwtuiError | None],
    page_size: int,
    repeats: bool,
) -> None:
    produced = [
        event(NOW + at, text, late=late, name=f"id-{number}")
        for number, (at, late, text) in enumerate(arrivals)
    ]
    reader = ScriptedReader(VirtualClock(NOW), produced, page_size)
    reader.groups.add("/a")
    reader.faults = list(faults)
    reader.repeat_pages = repeats
    shown, _ = await follow(reader, NOW + 480_000)
    assert names(shown) == names(produced)


async def test_an_event_that_arrives_two_minutes_late_is_swept_up() -> None:
    reader = ScriptedReader(VirtualClock(NOW), [event(NOW + 1_000, "late", late=119_000)])
    shown, _ = await follow(reader, NOW + 300_000)
    assert [item.message for item in shown] == ["late"]


async def test_a_timestamp_in_the_future_does_not_carry_the_watermark_along() -> None:
    ahead = event(NOW + 5_400_000, "ninety minutes ahead", late=-5_400_000)
    after = event(NOW + 60_000, "afterwards")
    reader = ScriptedReader(VirtualClock(NOW), [ahead, after])
    shown, _ = await follow(reader, NOW + 120_000)
    assert names(shown) == names([ahead, after])


async def test_a_pass_that_breaks_off_does_not_move_the_watermark() -> None:
    produced = [event(NOW + 1_000 + number, f"m{number}") for number in range(9)]
    reader = ScriptedReader(VirtualClock(NOW + 5_000), produced)
    # The second page fails each time, for longer than the overlap reaches back.
    reader.faults = [None, NetworkError("cut")] * 12
    shown, states = await follow(reader, NOW + 400_000)
    assert names(shown) == names(produced)
    assert TailKind.RECONNECTING in {state.kind for state in states}


async def test_what_a_load_has_shown_is_not_shown_again() -> None:
    loaded = event(NOW - 2_000, "loaded before")
    reader = ScriptedReader(VirtualClock(NOW), [loaded, event(NOW + 1_000, "new")])
    seen = Seen()
    seen.admit((await reader.events_page(_request(), None)).batch)
    shown, _ = await follow(reader, NOW + 10_000, seen=seen)
    assert [item.message for item in shown] == ["new"]


async def test_throttling_slows_the_polling_down_and_is_said() -> None:
    reader = ScriptedReader(VirtualClock(NOW), [event(NOW + 1_000, "x")])
    reader.faults = [LimitReached("Rate exceeded")] * 3
    shown, states = await follow(reader, NOW + 60_000)
    assert [state.kind for state in states[:4]] == [TailKind.THROTTLED] * 3 + [TailKind.POLLING]
    assert states[2].interval_ms > states[0].interval_ms > states[3].interval_ms
    assert states[2].behind_ms > 0
    assert len(shown) == 1


async def test_a_group_that_is_denied_is_named_and_the_others_go_on() -> None:
    reader = ScriptedReader(
        VirtualClock(NOW), [event(NOW + 1_000, "open"), event(NOW + 1_000, "closed", group="/b")]
    )
    reader.denied["/b"] = PermissionDenied("You may not read /b.")
    shown, states = await follow(reader, NOW + 10_000, "/a", "/b")
    assert [item.message for item in shown] == ["open"]
    assert states[-1].failed == ("/b: You may not read /b.",)


async def test_the_only_group_missing_ends_the_tail() -> None:
    with pytest.raises(NotFound):
        await follow(ScriptedReader(VirtualClock(NOW)), NOW + 10_000, "/nowhere")


async def test_credentials_that_end_go_up() -> None:
    reader = ScriptedReader(VirtualClock(NOW), [event(NOW + 1_000, "x")])
    reader.faults = [None, CredentialsError("expired")]
    with pytest.raises(CredentialsError):
        await follow(reader, NOW + 60_000)


async def test_the_memory_of_identities_is_bounded_by_the_look_back() -> None:
    produced = [event(NOW + number * 200, f"m{number}") for number in range(3_000)]
    reader = ScriptedReader(VirtualClock(NOW), produced, page_size=10_000)
    seen = Seen()
    shown, _ = await follow(reader, NOW + 660_000, seen=seen)
    assert len(shown) == len(produced)
    assert len(seen) < 300 * 5


def _request() -> EventsRequest:
    return EventsRequest("/a", TimeWindow(NOW - 10_000))


async def test_an_event_some_seconds_late_does_not_wait_for_a_sweep() -> None:
    reader = ScriptedReader(VirtualClock(NOW), [event(NOW + 20_000, "late", late=8_000)])
    shown, _ = await follow(reader, NOW + 32_000)
    assert [item.message for item in shown] == ["late"]


async def test_a_failed_pass_is_read_again_from_where_it_began() -> None:
    produced = [event(NOW + 1_000 + number, f"m{number}") for number in range(9)]
    reader = ScriptedReader(VirtualClock(NOW + 5_000), produced)
    reader.faults = [None, NetworkError("cut")] * 6
    shown, _ = await follow(reader, NOW + 40_000)
    starts = [request.window.start for request, token in reader.requests if token is None]
    assert starts[0] == starts[-2]
    assert len(shown) < len(produced)
