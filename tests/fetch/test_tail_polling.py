"""Polling on virtual time: pace, lag, outages, holes and credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from cwtui.core.errors import (
    CredentialsError,
    CwtuiError,
    DataError,
    InputError,
    LimitReached,
    NetworkError,
    NotFound,
    ServiceError,
    WrongLogClass,
)
from cwtui.core.models import EventBatch, LogEvent, Query, TimeWindow
from cwtui.core.ports import LogReader
from cwtui.fetch.budget import Budget
from cwtui.fetch.handover import MOST_WAITING, Handover
from cwtui.fetch.identity import Seen
from cwtui.fetch.paced import Paced
from cwtui.fetch.tail import TailControl, TailKind, tail
from tests.fakes.virtual_logs import NOW, Follower, Odd, VirtualLogs, content
from tests.fakes.virtual_loop import run_virtually


def following(
    logs: VirtualLogs,
    *groups: str,
    reader: LogReader | None = None,
    clock: Callable[[], int] | None = None,
    control: TailControl | None = None,
    since: int = NOW,
    seen: Seen | None = None,
) -> Follower:
    query = Query(groups or ("/a",), TimeWindow(NOW - 600_000))
    updates = tail(
        reader or logs,
        query,
        since=since,
        clock=clock or logs.clock,
        seen=seen,
        control=control,
        jitter=lambda: 0.5,
    )
    return Follower(updates)


def kinds(follower: Follower) -> set[TailKind]:
    return {state.kind for state in follower.states}


def delays(follower: Follower) -> list[int]:
    """How long each event took from being ingested to being shown; its message says when that was."""
    return [shown - int(message) for message, shown in follower.delays]


async def beats(logs: VirtualLogs, seconds: float, *, every: float = 0.5, late_ms: int = 0) -> None:
    """Events, each ingested now, that say so."""
    for number in range(round(seconds / every)):
        names = list(logs.groups)
        logs.put(logs.clock() - late_ms, f"{logs.clock()}", group=names[number % len(names)])
        await asyncio.sleep(every)


def test_an_event_is_shown_within_the_interval_and_a_second() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower = following(logs)
        await beats(logs, 120, every=0.37)
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        assert max(delays(follower)) <= max(state.interval_ms for state in follower.states) + 1_000
        assert {state.interval_ms for state in follower.states} == {2_000}
        await follower.stop()

    run_virtually(scenario())


def test_fifty_groups_stretch_the_interval_to_what_the_budget_holds() -> None:
    async def scenario() -> None:
        groups = [f"/{number}" for number in range(50)]
        logs = VirtualLogs(groups)
        budget = Budget(lambda: {"FilterLogEvents": 10.0}, clock=asyncio.get_running_loop().time)
        follower = following(logs, *groups, reader=Paced(logs, budget))
        await asyncio.sleep(30)
        await beats(logs, 120)
        await asyncio.sleep(25)
        assert follower.shown == logs.produced
        interval = follower.states[-1].interval_ms
        assert 20_000 <= interval <= 24_000
        assert max(delays(follower)) <= interval + 1_000
        moments = [moment for moment, _ in logs.calls]
        for start in range(0, 170, 10):
            assert sum(start <= moment < start + 10 for moment in moments) <= 27
        await follower.stop()

    run_virtually(scenario())


def test_one_throttle_that_makes_nothing_late_is_not_told_as_trouble() -> None:
    async def scenario(count: int) -> tuple[set[TailKind], set[str]]:
        groups = [f"/{number}" for number in range(count)]
        logs = VirtualLogs(groups)
        budget = Budget(
            lambda: {"FilterLogEvents": 10.0}, clock=asyncio.get_running_loop().time, jitter=lambda: 0.5
        )
        follower = following(logs, *groups, reader=Paced(logs, budget))
        await asyncio.sleep(30)
        before = len(follower.states)
        logs.faults = [LimitReached("Rate exceeded", code="throttled")]
        await asyncio.sleep(15)
        assert budget.pace("FilterLogEvents").throttled
        notes = {state.note[:10] for state in follower.states[before:]}
        await asyncio.sleep(60)
        assert follower.states[-1].note == ""
        told = {state.kind for state in follower.states[before:]}
        await follower.stop()
        return told, notes

    assert run_virtually(scenario(1)) == ({TailKind.POLLING}, {""})
    assert run_virtually(scenario(20)) == ({TailKind.POLLING}, {"slowed to "}), "a longer interval"


def test_what_throttling_makes_late_is_told_until_it_is_read() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        budget = Budget(
            lambda: {"FilterLogEvents": 10.0}, clock=asyncio.get_running_loop().time, jitter=lambda: 0.5
        )
        follower = following(logs, reader=Paced(logs, budget))
        await asyncio.sleep(10)
        logs.faults = [LimitReached("Rate exceeded", code="throttled")] * 5
        await asyncio.sleep(9)
        late = follower.states[-1]
        assert late.kind is TailKind.THROTTLED
        assert late.behind_ms > late.interval_ms
        while logs.faults:
            await asyncio.sleep(1)
        await asyncio.sleep(20)
        assert budget.pace("FilterLogEvents").throttled
        assert follower.states[-1].kind is TailKind.POLLING
        await follower.stop()

    run_virtually(scenario())


def test_a_long_wait_ends_when_the_rate_has_recovered() -> None:
    async def scenario() -> None:
        groups = [f"/{number}" for number in range(30)]
        logs = VirtualLogs(groups)
        slow = [True]
        budget = Budget(
            lambda: {"FilterLogEvents": 2.0 if slow[0] else 40.0}, clock=asyncio.get_running_loop().time
        )
        follower = following(logs, *groups, reader=Paced(logs, budget))
        await asyncio.sleep(180)
        assert follower.states[-1].interval_ms == 60_000
        slow[0] = False
        await asyncio.sleep(20)
        assert follower.states[-1].behind_ms <= 5_000
        assert follower.states[-1].interval_ms == 3_000
        await follower.stop()

    run_virtually(scenario())


def test_late_events_are_swept_up_where_the_budget_has_nothing_to_spare() -> None:
    async def scenario() -> None:
        groups = [f"/{number}" for number in range(50)]
        logs = VirtualLogs(groups)
        budget = Budget(lambda: {"FilterLogEvents": 10.0}, clock=asyncio.get_running_loop().time)
        follower = following(logs, *groups, reader=Paced(logs, budget))
        await asyncio.sleep(130)
        for group in groups:
            logs.put(logs.clock() - 110_000, "late", group=group)
        await asyncio.sleep(90)
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_a_group_that_stalls_holds_back_no_other() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/b"))
        follower = following(logs, "/a", "/b")
        await asyncio.sleep(1)
        logs.faults = [Odd.SLOW]
        await beats(logs, 12)
        await asyncio.sleep(14)
        assert follower.shown == logs.produced
        late = [delay for delay in delays(follower) if delay > 3_000]
        assert 0 < len(late) <= len(delays(follower)) / 2
        await follower.stop()

    run_virtually(scenario())


def test_the_overlap_follows_how_late_events_come() -> None:
    async def scenario(late_ms: int) -> tuple[int, int]:
        logs = VirtualLogs(page_size=100)
        follower = following(logs)
        await beats(logs, 500, late_ms=late_ms)
        before = len(follower.delays)
        await beats(logs, 60, late_ms=late_ms)
        await asyncio.sleep(3)
        rounds = [request.window.start for _, request in logs.calls[-5:]]
        assert max(delays(follower)[before:]) <= 3_000, "none waits for a sweep any more"
        await follower.stop()
        return logs.clock() - rounds[-1], len(follower.delays)

    prompt, _ = run_virtually(scenario(500))
    late, _ = run_virtually(scenario(40_000))
    assert prompt <= 6_000
    assert 40_000 <= late <= 60_000


def test_a_clock_that_is_a_minute_ahead_delays_but_loses_nothing() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(page_size=100)
        follower = following(logs, clock=lambda: logs.clock() + 60_000)
        await beats(logs, 240)
        behind = len(follower.delays)
        await beats(logs, 60)
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        assert max(delays(follower)[behind:]) <= 3_000
        await follower.stop()

    run_virtually(scenario())


def test_a_clock_that_is_set_back_leaves_no_hole() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        ahead = [3_600_000]
        follower = following(logs, clock=lambda: logs.clock() + ahead[0])
        await beats(logs, 90)
        ahead[0] = 0
        await asyncio.sleep(5)
        logs.down = NetworkError("away")
        await beats(logs, 100, every=5)
        logs.down = None
        await asyncio.sleep(60)
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_an_hour_without_a_network_is_read_in_steps_that_are_kept() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(page_size=10)
        follower = following(logs)
        await asyncio.sleep(10)
        logs.down = NetworkError("away")
        await beats(logs, 3_600, every=6)
        logs.down = None
        calls = len(logs.calls)
        # A cut connection every so often must not begin the hour again.
        logs.faults = [*[None] * 25, NetworkError("cut")] * 8
        await asyncio.sleep(150)
        assert follower.shown == logs.produced
        assert len(logs.calls) - calls < 230
        assert follower.updates[-1].gaps == []
        assert follower.states[-1].behind_ms <= 3_000
        await follower.stop()

    run_virtually(scenario())


def test_a_quiet_weekend_away_takes_few_calls() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(page_size=1_000)
        follower = following(logs)
        await asyncio.sleep(10)
        logs.down = NetworkError("away")
        await asyncio.sleep(30)
        asyncio.get_running_loop().pass_by(60 * 3_600)  # type: ignore[attr-defined]
        logs.down = None
        calls = len(logs.calls)
        await beats(logs, 60)
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        assert len(logs.calls) - calls < 100
        await follower.stop()

    run_virtually(scenario())


def test_how_far_behind_it_is_grows_while_a_call_hangs() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower = following(logs)
        await asyncio.sleep(2.5)
        logs.faults = [Odd.SLOW]
        await asyncio.sleep(12)
        behind = [state.behind_ms for state in follower.states]
        assert max(behind) >= 10_000
        assert sum(milliseconds > 3_000 for milliseconds in behind) >= 4
        await follower.stop()

    run_virtually(scenario())


def test_a_live_group_beside_a_throttled_one_is_not_read_without_a_pause() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/b"))
        follower = following(logs, "/a", "/b", control=TailControl(live=True))
        await asyncio.sleep(10)
        logs.denied["/b"] = LimitReached("Rate exceeded", code="throttled")
        calls = len(logs.calls)
        await asyncio.sleep(400)
        assert len(logs.calls) - calls < 250
        await follower.stop()

    run_virtually(scenario())


def test_a_hole_that_cannot_be_read_is_a_gap_and_heals_when_it_can() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(page_size=10)
        seen = Seen()
        follower = following(logs, seen=seen)
        await asyncio.sleep(10)
        logs.down = NetworkError("away")
        began = logs.clock()
        await beats(logs, 1_200, every=6)
        logs.down = None
        logs.poisoned = range(began + 100_000, began + 110_000)
        logs.poison = ServiceError("An internal error.", code="unavailable")
        await beats(logs, 300, every=6)
        gaps = follower.updates[-1].gaps
        assert {(gap.group, gap.cause) for gap in gaps} == {("/a", "An internal error.")}
        assert all(began + 80_000 < gap.start < gap.end < began + 130_000 for gap in gaps)
        assert follower.states[-1].kind is TailKind.POLLING
        assert follower.shown != logs.produced
        # Whoever goes on knows of it, and heals it.
        await follower.stop()
        since = follower.states[-1].read_to
        again = following(logs, seen=seen, since=since)
        await asyncio.sleep(5)
        assert len(again.updates[-1].gaps) >= len(gaps)
        logs.poison = None
        await asyncio.sleep(240)
        assert again.updates[-1].gaps == []
        assert follower.shown + again.shown == logs.produced
        await again.stop()

    run_virtually(scenario())


def test_credentials_that_end_pause_and_go_on_without_a_gap() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/b"))
        control = TailControl()
        follower = following(logs, "/a", "/b", control=control)
        await asyncio.sleep(5)
        logs.down = CredentialsError("The credentials have expired.", code="expired")
        await asyncio.sleep(3)
        state = follower.states[-1]
        assert (state.kind, state.error) == (TailKind.PAUSED, logs.down)
        calls = len(logs.calls)
        await beats(logs, 600)
        assert len(logs.calls) == calls, "nothing is tried until somebody renews them"
        # Renewed in vain: paused again, and no storm.
        control.resume()
        await asyncio.sleep(60)
        assert follower.states[-1].kind is TailKind.PAUSED
        assert len(logs.calls) - calls <= 2
        logs.down = None
        control.resume()
        await asyncio.sleep(60)
        assert follower.shown == logs.produced
        assert (follower.states[-1].kind, follower.states[-1].error) == (TailKind.POLLING, None)
        await follower.stop()

    run_virtually(scenario())


def test_a_call_that_went_out_before_credentials_were_renewed_pauses_nothing() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/b"))
        control, loop = TailControl(), asyncio.get_running_loop()
        follower = following(logs, "/a", "/b", control=control)
        await asyncio.sleep(5)
        expired = CredentialsError("expired", code="expired")
        logs.denied = {"/a": expired, "/b": expired}
        logs.faults = [None, Odd.SLOW]
        while Odd.SLOW in logs.faults:
            await asyncio.sleep(0.01)
        # The slow call fails for the old credentials, twelve seconds later; the one after it does not.
        loop.call_later(12.02, logs.denied.clear)
        await asyncio.sleep(1)
        assert follower.states[-1].kind is TailKind.PAUSED
        ((fast,),) = [{request.group for _, request in logs.calls[-2:-1]}]
        logs.denied.pop(fast)
        control.resume()
        await asyncio.sleep(2)
        resumed = len(follower.states)
        await asyncio.sleep(30)
        assert TailKind.PAUSED not in {state.kind for state in follower.states[resumed:]}
        await follower.stop()

    run_virtually(scenario())


@pytest.mark.parametrize("code", ["expired", "sso", "clock", "signature"])
def test_with_nobody_to_renew_them_credentials_end_the_tail(code: str) -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower = following(logs)
        await asyncio.sleep(3)
        logs.put(logs.clock(), "before the end")
        await asyncio.sleep(3)
        logs.down = CredentialsError("no", code=code)
        await asyncio.sleep(3)
        assert follower.failure is logs.down
        assert follower.shown == logs.produced

    run_virtually(scenario())


def test_a_group_of_a_class_that_cannot_be_followed_is_named_and_the_others_go_on() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/ia"))
        logs.denied["/ia"] = WrongLogClass("The class of '/ia' does not allow FilterLogEvents.")
        follower = following(logs, "/a", "/ia")
        await asyncio.sleep(3)
        logs.put(logs.clock(), "of the other")
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        assert follower.states[-1].failed == ("/ia: The class of '/ia' does not allow FilterLogEvents.",)
        await follower.stop()

    run_virtually(scenario())


def test_a_request_that_every_group_refuses_ends_the_tail() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/b"))
        logs.denied = dict.fromkeys(("/a", "/b"), InputError("no such pattern", code="pattern"))
        follower = following(logs, "/a", "/b")
        await asyncio.sleep(3)
        assert isinstance(follower.failure, InputError)

    run_virtually(scenario())


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (LimitReached("Rate exceeded", code="throttled"), TailKind.THROTTLED),
        (NetworkError("no way there", code="unreachable"), TailKind.RECONNECTING),
        (ServiceError("internal", code="unavailable"), TailKind.RECONNECTING),
        (DataError("a captive portal", code="not-cloudwatch"), TailKind.RECONNECTING),
    ],
    ids=["throttled", "network", "service", "captive portal"],
)
def test_what_may_pass_is_waited_for_ever_longer_and_said(error: CwtuiError, kind: TailKind) -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower = following(logs)
        await asyncio.sleep(5)
        logs.down = error
        calls = len(logs.calls)
        await asyncio.sleep(300)
        assert 8 <= len(logs.calls) - calls <= 20
        state = follower.states[-1]
        assert (state.kind, state.note, state.interval_ms) == (kind, error.message, 30_000)
        assert state.behind_ms > 250_000
        logs.down = None
        await asyncio.sleep(40)
        assert follower.states[-1].kind is TailKind.POLLING
        await follower.stop()

    run_virtually(scenario())


def test_data_that_will_never_be_readable_ends_the_tail() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        logs.down = DataError("this file is no recording", code="recording")
        follower = following(logs)
        await asyncio.sleep(3)
        assert follower.failure is logs.down

    run_virtually(scenario())


async def test_nobody_fetches_more_than_the_consumer_takes() -> None:
    handover = Handover()
    handover.add(EventBatch.of([LogEvent(NOW, NOW, "/a", "s", "x")] * MOST_WAITING))
    waiting = asyncio.ensure_future(handover.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    assert sum(map(len, handover.take())) == MOST_WAITING
    await waiting


def test_who_stops_following_and_goes_on_later_misses_nothing_and_sees_nothing_again() -> None:
    async def scenario() -> None:
        logs, seen, control = VirtualLogs(), Seen(), TailControl()
        first = following(logs, seen=seen, control=control)
        await beats(logs, 75)
        logs.put(logs.clock() - 119_000, "after the last sweep, and so rare that no overlap follows it")
        await beats(logs, 25)
        await first.stop()
        for batch in control.undelivered:
            first.shown.update(map(content, batch.events()))
        since = first.states[-1].read_to
        await beats(logs, 30)
        second = following(logs, seen=seen, since=since)
        await asyncio.sleep(200)
        assert first.shown + second.shown == logs.produced
        await second.stop()

    run_virtually(scenario())


def test_a_long_sweep_holds_back_no_round() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(page_size=4, latency=0.2)
        follower = following(logs)
        await beats(logs, 400)
        await asyncio.sleep(5)
        assert follower.shown == logs.produced
        sweep = 360 // 4 * 0.2
        assert sweep > 15
        assert max(delays(follower)) <= 4_000
        await follower.stop()

    run_virtually(scenario())


def test_a_stream_that_is_new_joins_by_itself() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower = following(logs)
        await asyncio.sleep(5)
        logs.put(logs.clock(), "of a new container", stream="born just now")
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_closing_ends_the_calls_in_flight() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        logs.faults = [Odd.SLOW]
        follower = following(logs)
        await asyncio.sleep(1)
        await follower.stop()
        assert len(asyncio.all_tasks()) == 1

    run_virtually(scenario())


def test_what_was_fetched_when_the_consumer_left_is_handed_to_who_follows_again() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        seen, control = Seen(), TailControl()
        query = Query(("/a",), TimeWindow(NOW - 600_000))
        shown: list[str] = []
        updates = tail(logs, query, since=NOW, clock=logs.clock, seen=seen, control=control)
        await anext(updates)
        logs.put(logs.clock(), "while the consumer is busy")
        await asyncio.sleep(10)
        await updates.aclose()
        shown += [message for batch in control.undelivered for message in batch.messages]
        logs.put(logs.clock(), "while nobody follows")
        again = tail(logs, query, since=NOW, clock=logs.clock, seen=seen, control=TailControl())
        while len(shown) < 2:
            shown += [message for batch in (await anext(again)).batches for message in batch.messages]
        await again.aclose()
        assert sorted(shown) == ["while nobody follows", "while the consumer is busy"]

    run_virtually(scenario())


def test_a_group_that_does_not_exist_yet_joins_when_it_does() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/b"))
        logs.denied["/b"] = NotFound("There is no log group /b.")
        follower = following(logs, "/a", "/b")
        await beats(logs, 20)
        assert follower.states[-1].failed
        del logs.denied["/b"]
        await asyncio.sleep(60)
        assert follower.shown == logs.produced
        assert not follower.states[-1].failed
        await beats(logs, 20)
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_late_events_of_a_group_are_swept_up_while_another_is_throttled() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/b"))
        follower = following(logs, "/a", "/b")
        await asyncio.sleep(5)
        logs.denied["/b"] = LimitReached("Rate exceeded", code="throttled")
        await asyncio.sleep(40)
        logs.put(logs.clock() - 100_000, "late")
        await asyncio.sleep(62)
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())
