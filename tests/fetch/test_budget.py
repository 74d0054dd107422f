from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.errors import LimitReached, NotFound
from cwtui.core.models import EventsRequest, LiveRequest, LogGroup, TimeWindow
from cwtui.fetch.budget import Budget
from cwtui.fetch.paced import Paced
from cwtui.fetch.paging import Exhausted, Retry
from cwtui.fetch.quotas import quotas_of
from tests.fakes.scripted_reader import ScriptedReader, VirtualClock, event
from tests.fakes.virtual_loop import run_virtually

THROTTLE = LimitReached("Rate exceeded", code="throttled")
FULL = LimitReached("Too many at once", code="quota")


class Service:
    """Answers after `latency` seconds; throttles what comes faster than `allowed` calls a second."""

    def __init__(self, allowed: float = 1e9, latency: float = 0.3) -> None:
        self.allowed = allowed
        self.latency = latency
        self.began: list[tuple[float, str]] = []
        self.refused = 0
        self._tokens, self._at = float(allowed > 0), 0.0

    def work(self, name: str = "") -> Callable[[], Awaitable[str]]:
        async def call() -> str:
            now = asyncio.get_running_loop().time()
            self.began.append((now, name))
            self._tokens = min(max(1.0, self.allowed), self._tokens + (now - self._at) * self.allowed)
            self._at = now
            await asyncio.sleep(self.latency)
            # A hair of a token forgives rounding.
            if self._tokens < 1 - 1e-6:
                self.refused += 1
                raise THROTTLE
            self._tokens -= 1
            return name

        return call

    def between(self, start: float, end: float, name: str = "") -> int:
        return sum(start <= at < end and name in called for at, called in self.began)


def budget_of(quota: float = 10.0) -> Budget:
    return Budget(lambda: {"Op": quota}, clock=asyncio.get_running_loop().time, jitter=lambda: 1.0)


def test_calls_go_out_at_the_quota_evenly_and_never_in_a_burst() -> None:
    async def scenario() -> None:
        service, budget = Service(), budget_of()
        await asyncio.gather(*(budget.call("Op", "lane", service.work()) for _ in range(50)))
        gaps = [later[0] - sooner[0] for sooner, later in pairwise(service.began)]
        assert min(gaps) == pytest.approx(0.1, abs=0.002)
        assert service.began[-1][0] == pytest.approx(4.8, abs=0.11)
        await asyncio.sleep(60)
        service.began.clear()
        now = asyncio.get_running_loop().time()
        await asyncio.gather(*(budget.call("Op", "lane", service.work()) for _ in range(30)))
        # An idle minute is worth a quarter of a second, and that comes out of the same second.
        assert service.between(now, now + 0.01) == 3
        assert service.between(now, now + 1) == 10
        assert service.began[-1][0] - now < 2.95, "which costs next to nothing"
        later = [at for at, _ in service.began[10:]]
        assert min(after - before for before, after in pairwise(later)) > 0.09, "nor does it burst again"

    run_virtually(scenario())


def test_unattended_calls_have_a_quarter_and_it_counts_against_the_whole() -> None:
    async def scenario() -> None:
        service, budget = Service(), budget_of()

        async def keep_asking(name: str, *, unattended: bool) -> None:
            while asyncio.get_running_loop().time() < 20:
                await budget.call("Op", name, service.work(name), unattended=unattended)

        asked = [keep_asking(f"alone {number}", unattended=True) for number in range(10)]
        await asyncio.gather(*asked)
        assert service.between(0, 20) == pytest.approx(50, abs=2)
        service.began.clear()

        async def both(name: str, *, unattended: bool) -> None:
            while asyncio.get_running_loop().time() < 60:
                await budget.call("Op", name, service.work(name), unattended=unattended)

        await asyncio.gather(
            *(both(f"tail {number}", unattended=True) for number in range(10)),
            *(both(f"load {number}", unattended=False) for number in range(10)),
        )
        assert service.between(40, 60) == pytest.approx(200, abs=3)
        assert 20 <= service.between(40, 60, "tail") <= 51

    run_virtually(scenario())


def test_forty_groups_share_the_rate_evenly_however_much_one_of_them_asks() -> None:
    async def scenario() -> None:
        service, budget = Service(), budget_of()
        greedy = [budget.call("Op", "greedy", service.work("greedy")) for _ in range(400)]
        others = [budget.call("Op", f"g{n}", service.work(f"g{n}")) for n in range(39) for _ in range(10)]
        waiting = [asyncio.ensure_future(each) for each in (*greedy, *others)]
        await asyncio.sleep(40)
        counted = Counter(name for _, name in service.began)
        assert len(counted) == 40
        assert max(counted.values()) - min(counted.values()) <= 2
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    run_virtually(scenario())


def test_a_throttle_that_meets_many_calls_in_flight_halves_the_rate_once() -> None:
    async def scenario() -> None:
        service, budget = Service(allowed=0.0, latency=2.0), budget_of()
        calls = [asyncio.ensure_future(budget.call("Op", "lane", service.work())) for _ in range(8)]
        await asyncio.sleep(2.75)
        assert service.refused == 8
        pace = budget.pace("Op")
        assert pace.throttles == 8
        assert 5.0 <= pace.rate <= 5.5
        assert pace.unattended_rate == pace.rate / 4
        assert pace.throttled
        service.allowed = 1e9
        assert await asyncio.gather(*calls) == [""] * 8

    run_virtually(scenario())


def test_the_rate_recovers_gradually_and_the_status_says_so() -> None:
    async def scenario() -> None:
        service, budget = Service(allowed=0.0), budget_of()
        call = asyncio.ensure_future(budget.call("Op", "lane", service.work()))
        await asyncio.sleep(0.35)
        service.allowed = 1e9
        await call
        rates = []
        for _ in range(6):
            rates.append(budget.pace("Op").rate)
            await asyncio.sleep(6)
        assert rates == sorted(rates)
        assert rates[0] == pytest.approx(5.1, abs=0.2)
        assert rates[2] < 7
        assert budget.pace("Op").rate == 10
        assert not budget.pace("Op").throttled

    run_virtually(scenario())


@given(st.floats(1.0, 9.0), st.integers(1, 16))
@settings(max_examples=8, deadline=None)
def test_where_colleagues_use_the_quota_too_few_calls_are_throttled(left: float, at_once: int) -> None:
    async def scenario() -> tuple[Service, float]:
        service, budget = Service(left), budget_of()
        calls = range(round(left * 240))
        todo = iter(calls)

        async def worker() -> None:
            for number in todo:
                await budget.call("Op", str(number % 3), service.work())

        await asyncio.gather(*(worker() for _ in range(at_once)))
        return service, asyncio.get_running_loop().time()

    service, took = run_virtually(scenario())
    assert service.refused <= max(8, 0.08 * len(service.began))
    assert took < 240 * 2.2 + 0.3 * 240 * left / at_once


def test_a_service_that_throttles_for_ever_is_given_up_without_storming() -> None:
    async def scenario() -> None:
        service, budget = Service(allowed=0.0), budget_of()
        with pytest.raises(Exhausted) as caught:
            await budget.call("Op", "lane", service.work())
        assert caught.value.code == "cwtui.limit.throttled"
        assert len(service.began) == 9
        assert asyncio.get_running_loop().time() > 50
        began = len(service.began)
        with pytest.raises(Exhausted):
            await Retry().call(lambda: budget.call("Op", "lane", service.work()))
        assert len(service.began) == 2 * began, "a Retry around a budget does not wait once more"

    run_virtually(scenario())


def test_a_pause_is_not_followed_by_a_burst() -> None:
    async def scenario() -> None:
        service, budget = Service(allowed=0.0, latency=0.01), budget_of()
        calls = [asyncio.ensure_future(budget.call("Op", "lane", service.work())) for _ in range(8)]
        await asyncio.sleep(0.4)
        service.allowed = 1e9
        began = len(service.began)
        await asyncio.gather(*calls)
        gaps = [later[0] - sooner[0] for sooner, later in pairwise(service.began[began:])]
        assert min(gaps) > 0.15

    run_virtually(scenario())


def test_a_turn_that_is_far_off_comes_nearer_as_the_rate_recovers() -> None:
    async def scenario() -> None:
        quota = [0.1]
        loop = asyncio.get_running_loop()
        budget, service = Budget(lambda: {"Op": quota[0]}, clock=loop.time), Service()
        await budget.call("Op", "lane", service.work(), unattended=True)
        waiting = asyncio.ensure_future(budget.call("Op", "lane", service.work(), unattended=True))
        await asyncio.sleep(5)
        quota[0] = 10.0
        await waiting
        assert loop.time() <= 7, "and not 40"

    run_virtually(scenario())


def test_a_cancelled_call_takes_no_turn_and_blocks_nobody() -> None:
    async def scenario() -> None:
        service, budget = Service(), budget_of()
        doomed = [
            asyncio.ensure_future(budget.call("Op", lane, service.work("doomed"), unattended=lane == "b"))
            for lane in ("a", "b")
            for _ in range(50)
        ]
        await asyncio.sleep(0.45)
        for each in doomed:
            each.cancel()
        await asyncio.gather(*doomed, return_exceptions=True)
        assert budget.pace("Op").waiting == 0
        sent = len(service.began)
        now = asyncio.get_running_loop().time()
        await asyncio.gather(*(budget.call("Op", "a", service.work("next")) for _ in range(10)))
        assert len(service.began) == sent + 10
        assert service.began[-1][0] - now < 1.11

    run_virtually(scenario())


def test_a_turn_got_in_the_moment_of_cancelling_goes_to_the_next() -> None:
    async def scenario() -> None:
        service, budget = Service(), budget_of(1.0)
        await budget.call("Op", "a", service.work())
        await asyncio.sleep(10)
        first = asyncio.ensure_future(budget.call("Op", "a", service.work("first")))
        # The turn is given in the second step of the loop, the call would begin in the third.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        now = asyncio.get_running_loop().time()
        await budget.call("Op", "a", service.work("next"))
        assert [name for _, name in service.began] == ["", "next"]
        assert service.began[-1][0] == now

    run_virtually(scenario())


def test_what_may_not_run_at_once_is_tried_again_when_another_ends() -> None:
    async def scenario() -> None:
        time = asyncio.get_running_loop().time
        budget, running, tries = budget_of(), 0, 0

        async def query() -> float:
            nonlocal running, tries
            tries += 1
            if running >= 2:
                raise FULL
            running += 1
            try:
                await asyncio.sleep(5)
            finally:
                running -= 1
            return time()

        calls = [asyncio.ensure_future(budget.call("Op", "lane", query)) for _ in range(6)]
        await asyncio.sleep(1)
        assert budget.pace("Op").full == 4
        assert tries == 6
        assert max(await asyncio.gather(*calls)) == pytest.approx(15, abs=1)
        assert tries == 10, "each that ends lets one try again, nobody else"

    run_virtually(scenario())


def test_what_others_of_the_account_use_up_is_asked_for_seldom() -> None:
    async def scenario() -> None:
        budget, tries = budget_of(), 0

        async def query() -> str:
            nonlocal tries
            tries += 1
            if tries < 5:
                raise FULL
            return "at last"

        assert await budget.call("Op", "lane", query) == "at last"
        assert asyncio.get_running_loop().time() == pytest.approx(120, abs=1)
        assert not budget.pace("Op").throttled

    run_virtually(scenario())


def test_other_errors_pass_at_once() -> None:
    async def scenario() -> None:
        budget = budget_of()

        async def missing() -> str:
            raise NotFound("gone")

        with pytest.raises(NotFound):
            await budget.call("Op", "lane", missing)
        assert budget.pace("Op").calls == 1

    run_virtually(scenario())


def test_a_paced_reader_reads_as_the_reader_does_and_draws_from_the_budget() -> None:
    async def scenario() -> None:
        reader = ScriptedReader(VirtualClock(), [event(1_000, "x")])
        budget = Budget(lambda: quotas_of("eu-west-1"), clock=asyncio.get_running_loop().time)
        paced = Paced(reader, budget)
        page = await paced.events_page(EventsRequest("/a", TimeWindow(0)), None)
        assert list(page.batch.messages) == ["x"]
        assert [group.name for group in (await paced.groups_page("", None)).groups] == ["/a"]
        assert paced.context is reader.context
        assert paced.page_size == 3, "what else the reader offers"
        assert budget.pace("FilterLogEvents").calls == budget.pace("DescribeLogGroups").calls == 1
        began = asyncio.get_running_loop().time()
        for _ in range(5):
            await paced.unattended().events_page(EventsRequest("/a", TimeWindow(0)), None)
        assert asyncio.get_running_loop().time() - began == pytest.approx(1.6, abs=0.2)

    run_virtually(scenario())


def test_a_live_tail_for_which_there_is_no_place_says_so_at_once() -> None:
    class Crowded(ScriptedReader):
        async def live(self, request):  # type: ignore[no-untyped-def]
            raise FULL
            yield

    async def scenario() -> None:
        budget = Budget(lambda: {}, clock=asyncio.get_running_loop().time)
        updates = Paced(Crowded(VirtualClock()), budget).live(LiveRequest((LogGroup("/a"),)))
        with pytest.raises(LimitReached):
            await anext(updates)
        assert asyncio.get_running_loop().time() < 1

    run_virtually(scenario())


def test_regions_have_the_quotas_that_aws_documents() -> None:
    assert quotas_of("us-east-1")["FilterLogEvents"] == 25
    assert quotas_of("eu-central-1")["FilterLogEvents"] == 5
    assert quotas_of("eu-west-1")["FilterLogEvents"] == 10
    assert quotas_of("eu-west-3")["GetLogEvents"] == 30
    assert quotas_of("")["DescribeLogStreams"] == 25


@given(
    st.lists(
        st.tuples(st.floats(0, 5), st.sampled_from("abc"), st.booleans(), st.none() | st.floats(0, 3)),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from([1.0, 5.0, 10.0, 25.0]),
)
@settings(max_examples=60, deadline=None)
def test_no_pattern_of_calls_and_cancels_exceeds_the_rate_or_leaves_a_call_waiting(
    calls: list[tuple[float, str, bool, float | None]], quota: float
) -> None:
    async def scenario() -> None:
        service, budget = Service(), budget_of(quota)

        async def one(after: float, lane: str, unattended: bool, patience: float | None) -> None:
            await asyncio.sleep(after)
            try:
                async with asyncio.timeout(patience):
                    await budget.call("Op", lane, service.work(str(unattended)), unattended=unattended)
            except TimeoutError:
                assert patience is not None

        await asyncio.gather(*(one(*call) for call in calls))
        assert budget.pace("Op").waiting == 0
        times = [at for at, _ in service.began]
        seconds = zip(times, times[round(quota) :], strict=False)
        assert all(later - sooner >= 1 - 1e-9 for sooner, later in seconds)
        for rate, name in ((quota, ""), (quota / 4, "True")):
            times = [at for at, called in service.began if name in called]
            for first, start in enumerate(times):
                for number, end in enumerate(times[first:], 1):
                    assert number <= 1 + (end - start + 0.25) * rate + 0.1

    run_virtually(scenario())
