"""The promise of a tail: whatever happens, every event is shown, and each once."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cwtui.core.errors import (
    CredentialsError,
    CwtuiError,
    DataError,
    LimitReached,
    NetworkError,
    ServiceError,
)
from cwtui.core.models import Query, TimeWindow
from cwtui.fetch.identity import Seen
from cwtui.fetch.tail import TailControl, TailKind, tail
from tests.fakes.virtual_logs import NOW, Content, Death, Follower, Odd, VirtualLogs, content
from tests.fakes.virtual_loop import VirtualLoop

LOOK_BACK = 120_000
GROUPS = ("/a", "/b")

FAULTS = st.sampled_from(
    [
        None,
        *Odd,
        LimitReached("Rate exceeded", code="throttled"),
        NetworkError("cut"),
        ServiceError("internal"),
        DataError("a captive portal", code="not-cloudwatch"),
        DataError("the token has expired", code="token"),
    ]
)
DEATHS = st.sampled_from(
    [
        None,
        *Death,
        LimitReached("three hours are over", code="live-timeout"),
        LimitReached("no session is free", code="quota"),
        ServiceError("a fault of the stream", code="live"),
        NetworkError("cut in mid-frame"),
        DataError("a checksum that does not hold", code="checksum"),
    ]
)
TEXTS = st.sampled_from(["one", "two"])


class Tailing(RuleBasedStateMachine):
    """A service that misbehaves as it likes, and a tail over it that is switched to and fro."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.promised: Counter[Content] = Counter()
        self.too_late: Counter[Content] = Counter()

    @initialize(page_size=st.integers(1, 5), live=st.booleans())
    def begin(self, page_size: int, live: bool) -> None:
        self.control = TailControl(live=live)
        self.runner.run(self._begin(page_size))

    async def _begin(self, page_size: int) -> None:
        self.logs = VirtualLogs(GROUPS, page_size=page_size)
        self.seen = Seen()
        self.shown: Counter[Content] = Counter()
        self.since = NOW
        self._follow()

    def _follow(self) -> None:
        updates = tail(
            self.logs,
            Query(GROUPS, TimeWindow(NOW - 600_000)),
            since=self.since,
            seen=self.seen,
            clock=self.logs.clock,
            look_back_ms=LOOK_BACK,
            control=self.control,
            jitter=lambda: 0.5,
        )
        self.follower = Follower(updates, shown=self.shown)

    @rule(seconds=st.integers(0, 900))
    def nobody_follows_for_a_while(self, seconds: int) -> None:
        self.runner.run(self._leave_and_follow_again(seconds))

    async def _leave_and_follow_again(self, seconds: int) -> None:
        await self.follower.stop()
        for batch in self.control.undelivered:
            self.shown.update(map(content, batch.events()))
        if self.follower.states:
            self.since = self.follower.states[-1].read_to
        await asyncio.sleep(seconds)
        self.control = TailControl(live=self.control.wants_live)
        self._follow()

    def _put(self, age: int, text: str, group: str, times: int, before: Counter[Content]) -> None:
        known = self.logs.produced.copy()
        for _ in range(times):
            self.logs.put(self.logs.clock() - age, text, group=group)
        before.update(self.logs.produced - known)

    @rule(age=st.integers(0, 3_000), text=TEXTS, group=st.sampled_from(GROUPS), times=st.integers(1, 3))
    def an_event_or_twins(self, age: int, text: str, group: str, times: int) -> None:
        self._put(age, text, group, times, self.promised)

    @rule(age=st.integers(0, LOOK_BACK), text=TEXTS, group=st.sampled_from(GROUPS))
    def a_late_event(self, age: int, text: str, group: str) -> None:
        self._put(age, text, group, 1, self.promised)

    @rule(ahead=st.integers(0, 7_200_000), text=TEXTS, group=st.sampled_from(GROUPS))
    def an_event_of_the_future(self, ahead: int, text: str, group: str) -> None:
        self._put(-ahead, text, group, 1, self.promised)

    @rule(age=st.integers(LOOK_BACK + 1, 400_000), text=TEXTS, group=st.sampled_from(GROUPS))
    def an_event_later_than_promised(self, age: int, text: str, group: str) -> None:
        self._put(age, text, group, 1, self.too_late)

    @rule(number=st.integers(2, 12), group=st.sampled_from(GROUPS))
    def a_burst_in_one_millisecond(self, number: int, group: str) -> None:
        for each in range(number):
            self._put(200, f"burst {each}", group, 1, self.promised)

    @rule(faults=st.lists(FAULTS, max_size=8))
    def the_service_errs(self, faults: list[CwtuiError | Odd | None]) -> None:
        self.logs.faults.extend(faults)

    @rule(deaths=st.lists(DEATHS, max_size=5))
    def live_sessions_die(self, deaths: list[CwtuiError | Death | None]) -> None:
        self.logs.live_faults.extend(deaths)

    @rule(seconds=st.integers(1, 900))
    def an_outage(self, seconds: int) -> None:
        self.logs.down = NetworkError("no network")
        self._pass_by(seconds)
        self.logs.down = None

    @rule(seconds=st.integers(1, 300))
    def credentials_end(self, seconds: int) -> None:
        self.logs.down = CredentialsError("expired", code="expired")
        self._pass_by(seconds)
        self.logs.down = None
        self.control.resume()

    @rule(on=st.booleans())
    def the_engine_is_switched(self, on: bool) -> None:
        self.control.live(on)

    @rule(milliseconds=st.integers(1, 30_000))
    def time_passes(self, milliseconds: int) -> None:
        self._pass_by(milliseconds / 1000)

    @precondition(lambda self: self.logs.faults or self.logs.live_faults)
    @rule()
    def minutes_pass(self) -> None:
        self._pass_by(200)

    def _pass_by(self, seconds: float) -> None:
        self.runner.run(asyncio.sleep(seconds))

    @invariant()
    def nothing_is_shown_twice(self) -> None:
        if hasattr(self, "follower"):
            assert self.shown - self.logs.produced == Counter()
            assert self.follower.failure is None

    def teardown(self) -> None:
        try:
            if hasattr(self, "follower"):
                self._quiet()
        finally:
            if hasattr(self, "follower"):
                self.runner.run(self.follower.stop())
            self.runner.close()

    def _quiet(self) -> None:
        self.control.resume()
        self._pass_by(60)
        self.logs.faults.clear()
        self.logs.live_faults.clear()
        self._pass_by(400)
        self.nothing_is_shown_twice()
        assert self.promised - self.shown == Counter(), "events were lost"
        last = self.follower.updates[-1]
        assert last.state.kind is (TailKind.LIVE if self.control.wants_live else TailKind.POLLING)
        assert (last.gaps, last.state.sampled, last.state.failed) == ([], (), ())
        assert last.state.behind_ms <= last.state.interval_ms + 1_000
        assert self.logs.open_sessions == int(self.control.wants_live)


Tailing.TestCase.settings = settings(max_examples=25, stateful_step_count=20)
TestEveryEventOnce = Tailing.TestCase
