"""Loads and tails over several accounts and regions: what is shown of each is what was delivered there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.errors import CredentialsError, CwtuiError, PermissionDenied
from cwtui.core.models import (
    EventBatch,
    EventsPage,
    EventsRequest,
    LiveRequest,
    LiveUpdate,
    LogGroup,
    Progress,
    Query,
    TimeWindow,
)
from cwtui.core.naming import Place
from cwtui.fetch.backfill import backfill
from cwtui.fetch.budget import Budget
from cwtui.fetch.identity import Seen
from cwtui.fetch.paced import Paced
from cwtui.fetch.shared import Budgets, Share
from cwtui.fetch.tail import TailControl, TailKind, TailUpdate, tail
from cwtui.fetch.together import Member, Together
from tests.fakes.virtual_accounts import VirtualAccount, Whole, together, whole
from tests.fakes.virtual_logs import NOW, Odd
from tests.fakes.virtual_loop import run_virtually

REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")
EXPIRED = CredentialsError("The credentials of ctx-2 have ended.", code="expired")
DENIED = PermissionDenied("ana may not read it.", code="read")


def estate(groups: Sequence[str] = ("/a", "/shared"), numbers: int = 5) -> list[VirtualAccount]:
    """Accounts in every region, all with groups of the same names."""
    return [
        VirtualAccount(f"{number:012}", region, groups) for number in range(numbers) for region in REGIONS
    ]


def everything(accounts: Sequence[VirtualAccount]) -> tuple[str, ...]:
    return tuple(one.arn(name) for one in accounts for name in one.logs.groups)


def produced(accounts: Sequence[VirtualAccount]) -> Counter[Whole]:
    return sum((one.produced for one in accounts), Counter())


async def loaded(items: AsyncGenerator[Progress | EventBatch, None], shown: Counter[Whole]) -> Progress:
    progress = Progress()
    async with aclosing(items):
        async for item in items:
            if isinstance(item, Progress):
                progress = item
            else:
                shown.update(whole(item))
    return progress


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.sampled_from(("/a", "/shared")), st.integers(0, 40), st.sampled_from("xy")
        ),
        max_size=60,
    ),
    st.lists(st.sampled_from([None, Odd.EMPTY, Odd.REPEATED, Odd.OVERLAPPING]), max_size=12),
)
def test_the_same_events_in_groups_of_one_name_are_all_there_each_in_its_account(
    events: list[tuple[int, str, int, str]], odd: list[Odd | None]
) -> None:
    async def scenario() -> None:
        accounts = estate(numbers=2)
        for number, group, at, message in events:
            accounts[number].logs.put(NOW - 1000 + at, message, group=group)
        for one in accounts:
            one.logs.faults = list(odd)
        shown: Counter[Whole] = Counter()
        query = Query(everything(accounts), TimeWindow(NOW - 5000, NOW))
        await loaded(backfill(together(accounts), query, clock=accounts[0].logs.clock), shown)
        assert shown == produced(accounts)

    run_virtually(scenario())


def test_one_account_denied_and_one_expired_leave_thirteen_whole_and_the_rest_comes_after_a_login() -> None:
    async def scenario() -> None:
        accounts = estate()
        for number, one in enumerate(accounts):
            for at in range(30):
                one.logs.put(NOW - 1000 + at, f"{at}", group=("/a", "/shared")[(at + number) % 2])
        denied, expired = accounts[1], accounts[5]
        denied.logs.denied = dict.fromkeys(("/a", "/shared"), DENIED)
        expired.expired = EXPIRED
        query = Query(everything(accounts), TimeWindow(NOW - 5000, NOW))
        seen, shown, clock = Seen(), Counter[Whole](), accounts[0].logs.clock
        progress = await loaded(backfill(together(accounts), query, clock=clock, seen=seen), shown)
        assert shown == produced([one for one in accounts if one not in (denied, expired)])
        failed = {group.group: group.error for group in progress.groups if group.error}
        assert failed == {
            **dict.fromkeys(everything([denied]), DENIED.message),
            **dict.fromkeys(everything([expired]), EXPIRED.message),
        }
        ended = {group.group for group in progress.groups if group.renewable is EXPIRED}
        assert ended == set(everything([expired]))
        expired.expired = None
        again = backfill(together(accounts), query, clock=clock, seen=seen, resume=progress)
        progress = await loaded(again, shown)
        assert shown == produced([one for one in accounts if one is not denied])
        assert not any(group.renewable for group in progress.groups)

    run_virtually(scenario())


def test_credentials_of_all_that_end_are_raised() -> None:
    async def scenario() -> None:
        accounts = estate(numbers=1)
        for one in accounts:
            one.expired = EXPIRED
        query = Query(everything(accounts), TimeWindow(NOW - 5000, NOW))
        with pytest.raises(CredentialsError):
            await loaded(backfill(together(accounts), query, clock=accounts[0].logs.clock), Counter())

    run_virtually(scenario())


def test_a_slow_account_holds_up_no_other() -> None:
    async def scenario() -> None:
        slow, quick = accounts = [VirtualAccount(number * 12, "eu-west-1", ("/a",)) for number in "12"]
        slow.logs.latency = 20
        for one in accounts:
            for at in range(20):
                one.logs.put(NOW - 1000 + at, f"{at}")
        query = Query(everything(accounts), TimeWindow(NOW - 5000, NOW))
        reader = together(accounts)
        async with aclosing(backfill(reader, query, clock=slow.logs.clock)) as items:
            async for item in items:
                if isinstance(item, Progress) and item.groups[1].done:
                    break
        assert asyncio.get_running_loop().time() < 5
        assert quick.logs.calls

    run_virtually(scenario())


class Tail:
    """A tail over accounts in a task, and what it showed."""

    def __init__(self, accounts: Sequence[VirtualAccount], control: TailControl | None = None) -> None:
        self.shown: Counter[Whole] = Counter()
        self.updates: list[TailUpdate] = []
        self.control = control
        query = Query(everything(accounts), TimeWindow(NOW - 60_000))
        rounds = tail(
            together(accounts),
            query,
            since=NOW - 1000,
            clock=accounts[0].logs.clock,
            control=control,
            jitter=lambda: 0.5,
        )
        self.task = asyncio.create_task(self._follow(rounds))

    async def _follow(self, rounds: AsyncGenerator[TailUpdate, None]) -> None:
        async with aclosing(rounds):
            async for update in rounds:
                self.updates.append(update)
                for batch in update.batches:
                    self.shown.update(whole(batch))

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def produce(accounts: Sequence[VirtualAccount], seconds: int) -> None:
    """Every second the same line in the same group of every account, twins and late ones among them."""
    for second in range(seconds):
        for one in accounts:
            now = one.logs.clock()
            for _ in range(1 + (second % 7 == 0)):
                one.logs.put(now - (40_000 if second % 5 == 0 else 0), f"line {second}", group="/shared")
        await asyncio.sleep(1)


@pytest.mark.parametrize("live", [False, True])
def test_a_tail_shows_of_each_account_what_came_there_whatever_befalls_two_of_them(live: bool) -> None:
    async def scenario() -> None:
        accounts = estate(("/a", "/shared"))
        denied, expired = accounts[3], accounts[8]
        others = [one for one in accounts if one not in (denied, expired)]
        denied.logs.denied = dict.fromkeys(("/a", "/shared"), DENIED)
        following = Tail(accounts, TailControl(live=live))
        await produce(accounts, 20)
        expired.expired = EXPIRED
        await produce(accounts, 40)
        await asyncio.sleep(90)
        assert all(following.shown[event] == count for event, count in produced(others).items())
        state = following.updates[-1].state
        assert state.kind is (TailKind.LIVE if live else TailKind.POLLING)
        assert state.error is EXPIRED
        assert state.behind_ms < 30_000, "the one that waits for a login does not count"
        assert len(state.waiting) == 2
        assert all(
            EXPIRED.message in sentence and expired.place.account in sentence for sentence in state.waiting
        )
        assert len(state.failed) == 2
        assert all(
            DENIED.message in sentence and denied.place.account in sentence for sentence in state.failed
        )
        expired.expired = None
        assert following.control is not None
        following.control.resume()
        await asyncio.sleep(120)
        assert following.shown == produced([*others, expired])
        assert following.updates[-1].state.error is None
        assert following.updates[-1].state.waiting == ()
        await following.stop()
        assert not any(one.logs.open_sessions for one in accounts)

    run_virtually(scenario())


class Monitoring(VirtualAccount):
    """A monitoring account and a linked one with a group of the same name, of which its live tail tells."""

    def __init__(self) -> None:
        super().__init__("1" * 12, "eu-west-1", ("/a",))
        self.source = VirtualAccount("9" * 12, "eu-west-1", ("/a",))

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        if request.group == "/a":
            return await super().events_page(request, token)
        return await self.source.events_page(request, token)

    async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        groups = (LogGroup("/a", self.source.arn("/a")),)
        async with aclosing(self.source.live(replace(request, groups=groups))) as updates:
            async for update in updates:
                yield update


def test_what_a_live_tail_tells_of_a_linked_account_hides_no_twin_of_it_in_the_own_one() -> None:
    async def scenario() -> None:
        reader = Monitoring()
        both = [reader, reader.source]
        query = Query((reader.source.arn("/a"), "/a"), TimeWindow(NOW - 60_000))
        rounds = tail(reader, query, since=NOW, clock=reader.logs.clock, control=TailControl(live=True))
        shown: Counter[Whole] = Counter()

        async def follow() -> None:
            async with aclosing(rounds):
                async for update in rounds:
                    for batch in update.batches:
                        shown.update(whole(batch))

        following = asyncio.create_task(follow())
        for second in range(40):
            now = reader.logs.clock()
            for one in both:
                one.logs.put(now, f"line {second}", at=now + 3)
            await asyncio.sleep(1)
        await asyncio.sleep(130)
        assert shown == produced(both)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    run_virtually(scenario())


def test_where_nobody_can_log_in_the_account_is_left_out_and_the_others_are_followed() -> None:
    async def scenario() -> None:
        expired, whole_one = accounts = [
            VirtualAccount(number * 12, "eu-west-1", ("/a", "/shared")) for number in "12"
        ]
        following = Tail(accounts)
        await produce(accounts, 5)
        expired.expired = EXPIRED
        await produce(accounts, 20)
        await asyncio.sleep(130)
        assert all(following.shown[event] == count for event, count in whole_one.produced.items())
        assert [EXPIRED.message in sentence for sentence in following.updates[-1].state.failed] == [
            True,
            True,
        ]
        whole_one.expired = EXPIRED
        await asyncio.sleep(60)
        assert following.task.done()
        assert isinstance(following.task.exception(), CredentialsError)

    run_virtually(scenario())


# Budgets ------------------------------------------------------------------------------------------


class Sharing:
    """Readers that draw from budgets which are one for each place."""

    def __init__(self, accounts: Sequence[VirtualAccount], *, quota: float = 10, delay: float = 0.3) -> None:
        loop = asyncio.get_running_loop()
        budgets = Budgets(lambda region: Budget(lambda: {"FilterLogEvents": quota}, clock=loop.time))
        self.asked = 0
        self.failures: list[CwtuiError] = []

        def paced(one: VirtualAccount) -> Paced:
            async def place() -> Place:
                self.asked += 1
                await asyncio.sleep(delay)
                if self.failures:
                    raise self.failures.pop()
                return one.place

            return Paced(one, Share(budgets, place, one.place.region))

        self.readers = [paced(one) for one in accounts]

    async def press(self, reader: Paced, group: str, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < seconds:
            await reader.events_page(EventsRequest(group, TimeWindow(NOW, NOW + 1)), None)


def most_in_a_second(times: list[float]) -> int:
    times.sort()
    return max(sum(start <= at < start + 1 for at in times) for start in times)


def test_two_contexts_on_one_account_and_region_never_exceed_its_quota_together() -> None:
    async def scenario() -> None:
        same = [VirtualAccount("1" * 12, "eu-west-1", ("/a", "/b")) for _ in range(2)]
        other = VirtualAccount("1" * 12, "us-east-1", ("/a",))
        sharing = Sharing([*same, other])
        presses = (
            sharing.press(reader, group, 20)
            for reader, group in (
                (sharing.readers[0], "/a"),
                (sharing.readers[1], "/b"),
                (sharing.readers[2], "/a"),
            )
            for _ in range(8)
        )
        await asyncio.gather(*presses)
        together_ = sorted(at for one in same for at, _ in one.logs.calls if at < 20)
        assert most_in_a_second(together_) <= 11
        assert len(together_) == pytest.approx(197, abs=4)
        assert min(later - sooner for sooner, later in pairwise(together_)) > 0.09
        assert all(len(one.logs.calls) > 60 for one in same), "neither starves"
        alone = [at for at, _ in other.logs.calls if at < 20]
        assert len(alone) == pytest.approx(197, abs=4), "another region has its own"
        assert sharing.asked == 3, "asked once each, before the first call"
        assert min(together_) >= 0.3
        member = [Member("x", reader) for reader in sharing.readers]
        pace = Together(member).pace("FilterLogEvents")
        assert pace is not None
        assert pace.quota == 20, "a shared budget counts once"

    run_virtually(scenario())


def test_where_the_place_cannot_be_told_the_call_itself_says_why_and_it_is_asked_again() -> None:
    async def scenario() -> None:
        one = VirtualAccount("1" * 12, "eu-west-1", ("/a",))
        one.expired = EXPIRED
        sharing = Sharing([one])
        sharing.failures = [EXPIRED]
        request = EventsRequest("/a", TimeWindow(NOW, NOW + 1))
        with pytest.raises(CredentialsError):
            await sharing.readers[0].events_page(request, None)
        one.expired = None
        await sharing.readers[0].events_page(request, None)
        await sharing.readers[0].events_page(request, None)
        assert sharing.asked == 2

    run_virtually(scenario())
