"""Live tails beside polling: nothing lost at a seam, nothing twice, nobody billed for nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from cwtui.core.errors import (
    CredentialsError,
    CwtuiError,
    DataError,
    InputError,
    LimitReached,
    NetworkError,
    NotFound,
    PermissionDenied,
    ServiceError,
)
from cwtui.core.models import Query, TimeWindow
from cwtui.fetch.tail import TailControl, TailKind, tail
from tests.fakes.virtual_logs import NOW, Death, Follower, VirtualLogs, unnamed
from tests.fakes.virtual_loop import run_virtually

Scenario = Callable[[VirtualLogs, TailControl], Coroutine[Any, Any, None]]


def following(
    logs: VirtualLogs, *groups: str, control: TailControl | None = None, **picked: Any
) -> tuple[Follower, TailControl]:
    """A tail over the groups (default: /a) that begins live."""
    control = control or TailControl(live=True)
    query = Query(groups or ("/a",), TimeWindow(NOW - 600_000), **picked)
    updates = tail(logs, query, since=NOW, clock=logs.clock, control=control, jitter=lambda: 0.5)
    return Follower(updates), control


def settled_live(follower: Follower) -> bool:
    return follower.states[-1].kind is TailKind.LIVE


def test_an_event_comes_with_the_next_update_and_rounds_rest() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower, _ = following(logs)
        await asyncio.sleep(10)
        assert settled_live(follower)
        calls = len(logs.calls)
        for number in range(20):
            logs.put(logs.clock(), f"{logs.clock()}", at=logs.clock())
            await asyncio.sleep(1 + number / 100)
        assert len(logs.calls) == calls
        await asyncio.sleep(2)
        assert len(follower.delays) == 20
        assert max(shown - int(message) for message, shown in follower.delays) <= 1_500
        assert follower.states[-1].behind_ms <= 1_000
        await follower.stop()

    run_virtually(scenario())


DEATHS: list[CwtuiError | Death] = [
    LimitReached("three hours are over", code="live-timeout"),
    ServiceError("a fault of the stream", code="live"),
    NetworkError("cut"),
    DataError("a checksum that does not hold", code="checksum"),
    Death.CLEAN_END,
    Death.SILENCE,
]


@pytest.mark.parametrize("death", DEATHS, ids=str)
def test_the_seam_of_a_session_that_died_is_read_by_polling(death: CwtuiError | Death) -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower, _ = following(logs)
        await asyncio.sleep(10)
        logs.live_faults = [death]
        # Ingested in the second that the dying session never delivers, and while there is none.
        for _ in range(40):
            logs.put(logs.clock() - 300, "in the seam")
            await asyncio.sleep(0.5)
        await asyncio.sleep(5)
        assert follower.shown == logs.produced
        assert TailKind.RECONNECTING in {state.kind for state in follower.states}
        assert settled_live(follower)
        assert len(logs.live_requests) == 2
        await follower.stop()

    run_virtually(scenario())


def test_what_came_before_a_session_stood_is_read_by_polling() -> None:
    async def scenario(phase: float) -> None:
        logs = VirtualLogs()
        follower, control = following(logs, control=TailControl())
        await asyncio.sleep(10 + phase)
        control.live(True)
        logs.put(logs.clock() - 10, "while the session is being opened")
        await asyncio.sleep(5)
        assert follower.shown == logs.produced
        await follower.stop()

    for tenth in range(20):
        run_virtually(scenario(tenth / 10))


def test_a_round_that_began_before_the_session_does_not_close_its_seam() -> None:
    async def scenario(phase: float) -> None:
        logs = VirtualLogs(page_size=1)
        follower, control = following(logs, control=TailControl())
        for _ in range(100):
            logs.put(logs.clock(), "so many that a round takes long")
            await asyncio.sleep(0.2)
        await asyncio.sleep(phase)
        control.live(True)
        logs.put(logs.clock() - 9_000, "where the round has been already")
        await asyncio.sleep(8)
        assert follower.shown == logs.produced
        await follower.stop()

    for tenth in range(20):
        run_virtually(scenario(tenth / 10))


def test_true_twins_stay_and_nothing_shows_twice_whoever_brings_it_first() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower, control = following(logs)
        await asyncio.sleep(10.2)
        # Twins come by live tail, and by the sweep afterwards; then by polling, and by a session after it.
        for _ in range(3):
            logs.put(logs.clock() - 100, "twin")
        await asyncio.sleep(1.5)
        assert follower.shown == logs.produced
        await asyncio.sleep(120)
        assert follower.shown == logs.produced
        control.live(False)
        await asyncio.sleep(5)
        for _ in range(3):
            logs.put(logs.clock() - 100, "twin")
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        control.live(True)
        await asyncio.sleep(120)
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_an_event_that_two_sessions_bring_is_shown_once() -> None:
    class Overlapping(VirtualLogs):
        """A session that begins with the last three seconds before it."""

        async def live(self, request: Any) -> Any:
            began = self.clock()
            async for update in super().live(request):
                if began:
                    earlier = self._between("/a", began - 3_000, began)
                    began = 0
                    update = type(update)(
                        [*update.batches, *unnamed([("/a", event) for _, _, event in earlier])],
                        update.sampled,
                    )
                yield update

    async def scenario() -> None:
        logs = Overlapping()
        follower, _ = following(logs)
        await asyncio.sleep(10)
        for number in range(40):
            if number == 20:
                logs.live_faults = [NetworkError("cut")]
            logs.put(logs.clock(), "beat")
            logs.put(logs.clock(), "beat")
            await asyncio.sleep(0.3)
        await asyncio.sleep(100)
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_an_old_event_that_a_sweep_meets_before_the_live_tail_brings_it_is_shown_once() -> None:
    async def scenario(offset: float) -> None:
        logs = VirtualLogs(page_size=10_000)
        follower, _ = following(logs)
        await asyncio.sleep(10 + offset)
        for _ in range(240):
            logs.put(logs.clock() - 119_900, "late")
            logs.put(logs.clock() - 150_000, "later than promised")
            logs.put(logs.clock(), "in time")
            await asyncio.sleep(0.97)
        await asyncio.sleep(100)
        assert follower.shown - logs.produced == Counter()
        assert all(message == "later than promised" for *_, message in logs.produced - follower.shown)
        await follower.stop()

    for tenth in range(10):
        run_virtually(scenario(tenth / 10))


def test_a_sampled_second_is_marked_until_polling_has_filled_it() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(page_size=100)
        follower, _ = following(logs)
        await asyncio.sleep(10.2)
        logs.live_faults = [Death.SAMPLES]
        for number in range(50):
            logs.put(logs.clock() - 50, f"n{number}")
        put = logs.clock()
        await asyncio.sleep(3)
        marked = next(update for update in follower.updates if update.state.sampled)
        assert sum(len(batch) for batch in marked.batches) == 1
        ((start, end),) = marked.state.sampled
        assert start <= put <= end
        assert follower.states[-1].sampled == ()
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_what_a_session_drops_unsaid_is_swept_up_within_two_minutes() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower, _ = following(logs)
        await asyncio.sleep(10.2)
        logs.live_faults = [Death.DROPS]
        logs.put(logs.clock() - 50, "dropped")
        await asyncio.sleep(5)
        assert follower.shown == Counter()
        await asyncio.sleep(190)
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_an_update_that_stood_still_for_long_counts_as_a_sample() -> None:
    """The service keeps ten updates for a slow reader and drops the oldest in silence."""

    async def scenario() -> None:
        logs = VirtualLogs()
        follower, _ = following(logs)
        await asyncio.sleep(10.2)
        logs.live_faults = [Death.DROPS]
        logs.put(logs.clock() - 50, "dropped while the reader slept")
        await asyncio.sleep(0.9)
        calls = len(logs.calls)
        asyncio.get_running_loop().pass_by(9)  # type: ignore[attr-defined]
        await asyncio.sleep(5)
        assert len(logs.calls) > calls
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_closing_ends_every_session() -> None:
    async def scenario() -> None:
        logs = VirtualLogs([f"/{number}" for number in range(25)])
        follower, _ = following(logs, *(f"/{number}" for number in range(25)))
        await asyncio.sleep(10)
        assert [len(request.groups) for request in logs.live_requests] == [10, 10, 5]
        assert logs.open_sessions == 3
        await follower.stop()
        assert logs.open_sessions == 0

    run_virtually(scenario())


def test_switching_to_and_fro_keeps_every_event_and_counts_what_is_billed() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower, control = following(logs, control=TailControl())
        for number in range(300):
            logs.put(logs.clock() - number % 3 * 4_000, "beat")
            if number % 37 == 0:
                control.live(number % 2 == 0)
            await asyncio.sleep(0.31)
        control.live(False)
        await asyncio.sleep(1)
        assert logs.open_sessions == 0
        billed = follower.states[-1].live_ms
        await asyncio.sleep(190)
        assert follower.shown == logs.produced
        assert follower.states[-1].kind is TailKind.POLLING
        assert follower.states[-1].live_ms == billed
        assert 40_000 < billed < 60_000
        await follower.stop()

    run_virtually(scenario())


def test_where_no_session_is_free_groups_are_polled_with_a_note() -> None:
    async def scenario() -> None:
        groups = [f"/{number}" for number in range(20)]
        logs = VirtualLogs(groups)
        logs.most_sessions, logs.too_many = 1, LimitReached("The quota is used up.", code="quota")
        follower, _ = following(logs, *groups)
        for number in range(40):
            logs.put(logs.clock() - 100, "beat", group=f"/{number % 20}")
            await asyncio.sleep(0.5)
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        assert (follower.states[-1].kind, follower.states[-1].note) == (
            TailKind.LIVE,
            "The quota is used up.",
        )
        assert len(logs.live_requests) == 2
        logs.most_sessions = 15
        await asyncio.sleep(60)
        assert (follower.states[-1].kind, follower.states[-1].note) == (TailKind.LIVE, "")
        assert logs.open_sessions == 2
        await follower.stop()

    run_virtually(scenario())


def test_one_group_that_may_not_be_tailed_is_found_and_polled() -> None:
    async def scenario() -> None:
        groups = [f"/{number}" for number in range(10)]
        logs = VirtualLogs(groups)
        logs.live_denied["/7"] = PermissionDenied("You may not tail /7.")
        follower, _ = following(logs, *groups)
        await asyncio.sleep(10)
        covered = {group.name for request in logs.live_requests[1:] for group in request.groups}
        assert covered == set(groups)
        assert logs.open_sessions == 3, "two halves, of which one was halved until /7 stood alone"
        assert follower.states[-1].note == "You may not tail /7."
        for number in range(10):
            logs.put(logs.clock() - 100, "beat", group=f"/{number}")
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        await follower.stop()

    run_virtually(scenario())


def test_a_session_that_cannot_be_opened_is_tried_ever_more_seldom() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower, _ = following(logs)
        logs.live_faults = []
        logs.live_denied["/a"] = NetworkError("no way there")
        await asyncio.sleep(600)
        assert 20 <= len(logs.live_requests) <= 40
        logs.put(logs.clock() - 100, "polled meanwhile")
        await asyncio.sleep(3)
        assert follower.shown == logs.produced
        assert follower.states[-1].kind is TailKind.RECONNECTING
        await follower.stop()

    run_virtually(scenario())


def test_credentials_that_end_stop_the_session_until_they_are_renewed() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        follower, control = following(logs)
        await asyncio.sleep(10)
        logs.down = CredentialsError("expired", code="expired")
        await asyncio.sleep(5)
        state = follower.states[-1]
        assert (state.kind, state.error) == (TailKind.PAUSED, logs.down)
        assert logs.open_sessions == 0
        calls, sessions = len(logs.calls), len(logs.live_requests)
        logs.put(logs.clock(), "meanwhile")
        await asyncio.sleep(300)
        assert (len(logs.calls), len(logs.live_requests)) == (calls, sessions)
        logs.down = None
        control.resume()
        await asyncio.sleep(5)
        assert follower.shown == logs.produced
        assert settled_live(follower)
        assert follower.states[-1].error is None
        await follower.stop()

    run_virtually(scenario())


def test_chosen_streams_are_asked_for_group_by_group_and_nothing_else_is_shown() -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/b"))
        follower, _ = following(logs, "/a", "/b", streams=("another",))
        await asyncio.sleep(10)
        assert [len(request.groups) for request in logs.live_requests] == [1, 1]
        logs.put(logs.clock(), "of stream s")
        await asyncio.sleep(1.2)
        assert follower.shown == Counter()
        await follower.stop()

    run_virtually(scenario())


def test_a_bad_request_for_a_session_does_not_end_the_tail() -> None:
    async def scenario() -> None:
        logs = VirtualLogs()
        logs.live_denied["/a"] = InputError(
            "The class of '/a' does not allow StartLiveTail.", code="log-class"
        )
        follower, _ = following(logs)
        await asyncio.sleep(100)
        assert len(logs.live_requests) == 1
        assert follower.states[-1].kind is TailKind.POLLING
        assert "does not allow" in follower.states[-1].note
        await follower.stop()

    run_virtually(scenario())


@pytest.mark.parametrize("at_first", [True, False], ids=["not made yet", "made anew"])
def test_a_group_that_joins_is_tailed_live_without_being_asked_again(at_first: bool) -> None:
    async def scenario() -> None:
        logs = VirtualLogs(("/a", "/b"))
        missing = {"/b": NotFound("There is no log group /b.")}
        if at_first:
            logs.denied, logs.live_denied = dict(missing), dict(missing)
        follower, _ = following(logs, "/a", "/b")
        await asyncio.sleep(10)
        logs.denied, logs.live_denied = dict(missing), dict(missing)
        # A sweep finds that a group is gone that is tailed.
        await asyncio.sleep(90)
        assert follower.states[-1].failed
        logs.denied, logs.live_denied = {}, {}
        await asyncio.sleep(50)
        assert not follower.states[-1].failed
        assert [group.name for group in logs.live_requests[-1].groups] == ["/b"]
        assert (settled_live(follower), logs.open_sessions) == (True, 2)
        calls = len(logs.calls)
        for number in range(5):
            logs.put(logs.clock(), f"{logs.clock()}", group="/b")
            await asyncio.sleep(1 + number / 100)
        await asyncio.sleep(2)
        assert follower.shown == logs.produced
        assert max(shown - int(message) for message, shown in follower.delays) <= 1_500
        assert len(logs.calls) - calls <= 2, "rounds rest"
        await follower.stop()
        assert logs.open_sessions == 0

    run_virtually(scenario())
