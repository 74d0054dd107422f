"""Several accounts and regions as one reader: who is asked for what, and what one of them may not spoil."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwtui.core.errors import CredentialsError, CwtuiError, InputError, NotFound, PermissionDenied
from cwtui.core.models import (
    EventsRequest,
    LiveRequest,
    LogGroup,
    StreamRequest,
    StreamsRequest,
    TimeWindow,
)
from cwtui.core.naming import Place, arn_of_group, name_of
from cwtui.core.places import account_label
from cwtui.core.ports import LogReader
from cwtui.fetch.paging import all_groups
from cwtui.fetch.together import Member, Together, identifier_in, resolved, routes
from tests.fakes.virtual_accounts import VirtualAccount, together
from tests.fakes.virtual_logs import NOW
from tests.fakes.virtual_loop import run_virtually

WINDOW = TimeWindow(NOW - 1000, NOW + 1000)
DENIED = PermissionDenied("ana may not list log groups.", code="list")


def accounts(*groups: Sequence[str], regions: Sequence[str] = ("eu-west-1",)) -> list[VirtualAccount]:
    """One account for each list of groups, in each region."""
    return [
        VirtualAccount(f"{number:012}", region, names)
        for number, names in enumerate(groups, 1)
        for region in regions
    ]


async def listed(reader: LogReader, refused: dict[str, CwtuiError] | None = None) -> list[LogGroup]:
    return [group async for page in all_groups(reader, refused=refused) for group in page]


async def events_of(reader: LogReader, group: str) -> list[str]:
    page = await reader.events_page(EventsRequest(group, WINDOW, limit=100), None)
    return list(page.batch.messages)


def test_every_group_of_every_account_is_listed_once_by_its_arn_however_long_each_list_is() -> None:
    async def scenario() -> None:
        everyone = accounts(
            ["/a", "/b"], [f"/g{n}" for n in range(8)], ["/a"], regions=("eu-west-1", "us-east-1")
        )
        groups = await listed(together(everyone))
        assert sorted(group.identifier for group in groups) == sorted(
            one.arn(name) for one in everyone for name in one.logs.groups
        )
        assert {group.account for group in groups if group.name == "/a"} == {"000000000001", "000000000003"}

    run_virtually(scenario())


def test_an_account_that_may_not_be_listed_hides_no_other_and_is_named() -> None:
    async def scenario() -> None:
        one, two = accounts(["/a"], ["/b"])
        one.refuses_listing = DENIED
        refused: dict[str, CwtuiError] = {}
        assert [group.name for group in await listed(together([one, two]), refused)] == ["/b"]
        assert refused == {"ctx-000000000001 eu-west-1": DENIED}
        two.refuses_listing = DENIED
        with pytest.raises(PermissionDenied):
            await listed(together([one, two]))

    run_virtually(scenario())


def test_a_name_that_one_account_has_finds_it_and_one_that_two_have_asks_which() -> None:
    async def scenario() -> None:
        one, two = accounts(["/a", "/both"], ["/b", "/both"])
        reader = together([one, two])
        one.logs.put(NOW, "of one", group="/a")
        two.logs.put(NOW, "of two", group="/b")
        assert await events_of(reader, "/a") == ["of one"]
        assert await events_of(reader, "/b") == ["of two"]
        assert await resolved(reader, ["/a", f"{two.arn('/b')}:*"]) == (one.arn("/a"), two.arn("/b"))
        with pytest.raises(InputError) as ambiguous:
            await events_of(reader, "/both")
        assert one.arn("/both") in ambiguous.value.hint
        assert two.arn("/both") in ambiguous.value.hint
        with pytest.raises(NotFound) as nowhere:
            await events_of(reader, "/nowhere")
        assert "ctx-000000000001 eu-west-1 and ctx-000000000002 eu-west-1" in nowhere.value.message

    run_virtually(scenario())


def test_a_place_before_a_name_chooses_among_those_who_have_it() -> None:
    async def scenario() -> None:
        everyone = accounts(["/a", "/both"], ["/both"], regions=("eu-west-1", "us-east-1"))
        reader = together(everyone)
        every = [one.arn("/both") for one in everyone]
        for written, expected in (
            ("*:/both", every),
            ("us-east-1:/both", [every[1], every[3]]),
            ("000000000002:/both", every[2:]),
            ("ctx-000000000001:eu-west-1:/both", every[:1]),
            ("*:/a", [one.arn("/a") for one in everyone[:2]]),
        ):
            assert sorted(await resolved(reader, [written])) == sorted(expected)
        with pytest.raises(NotFound, match="no log group /a in 000000000002"):
            await resolved(reader, ["000000000002:/a"])

    run_virtually(scenario())


def test_a_name_may_be_that_of_the_one_account_which_may_not_be_listed() -> None:
    async def scenario() -> None:
        one, two, three = accounts(["/secret"], ["/b"], ["/c"])
        one.refuses_listing = DENIED
        one.logs.put(NOW, "hidden", group="/secret")
        assert await events_of(together([one, two]), "/secret") == ["hidden"]
        three.refuses_listing = DENIED
        with pytest.raises(InputError, match="ctx-000000000001 eu-west-1 and ctx-000000000003 eu-west-1"):
            await events_of(together([one, two, three]), "/secret")

    run_virtually(scenario())


def test_an_arn_goes_to_the_account_and_region_it_names_without_any_listing() -> None:
    async def scenario() -> None:
        here, there = accounts(["/a"], regions=("eu-west-1", "us-east-1"))
        reader = together([here, there])
        for one in (here, there):
            one.refuses_listing = DENIED
        there.logs.put(NOW, "there")
        assert await events_of(reader, there.arn("/a")) == ["there"]
        foreign = arn_of_group("999999999999", "eu-west-1", "/a")
        with pytest.raises(NotFound) as error:
            await events_of(reader, foreign)
        assert "account 999999999999 in eu-west-1" in error.value.message
        assert "--context" in error.value.hint

    run_virtually(scenario())


@pytest.mark.parametrize("source_first", [False, True])
def test_groups_of_linked_accounts_are_read_through_who_lists_them_and_own_ones_directly(
    source_first: bool,
) -> None:
    async def scenario() -> None:
        monitoring, source = accounts(["/m", "/s", "/alone"], ["/s"])
        shared = LogGroup("/s", source.arn("/s"), account="000000000002", region="eu-west-1")
        unknown = arn_of_group("000000000007", "eu-west-1", "/alone")
        alone = LogGroup("/alone", unknown, account="000000000007", region="eu-west-1")
        monitoring.linked = [shared, alone]
        members = [source, monitoring] if source_first else [monitoring, source]
        reader = together(members, linked=[monitoring])
        # Whether or not the list is known.
        assert [route.reader for route in await routes(reader, [unknown])] == [monitoring]
        groups = await listed(reader)
        assert sorted(group.identifier for group in groups) == sorted(
            [*map(monitoring.arn, ("/m", "/s", "/alone")), source.arn("/s"), unknown]
        )
        source.logs.put(NOW, "at the source", group="/s")
        assert await events_of(reader, source.arn("/s")) == ["at the source"]
        assert [route.reader for route in await routes(reader, [unknown, source.arn("/s")])] == [
            monitoring,
            source,
        ]

    run_virtually(scenario())


def test_every_call_goes_to_the_account_of_its_group() -> None:
    async def scenario() -> None:
        one, two = accounts(["/a"], ["/a"])
        reader = together([one, two])
        page = await reader.streams_page(StreamsRequest(two.arn("/a")), None)
        assert [stream.name for stream in page.streams] == ["of /a"]
        await reader.stream_page(StreamRequest(two.arn("/a"), "s", WINDOW), None)
        assert (one.asked, two.asked) == ([], [two.arn("/a")] * 2)
        pages, token = [], None
        while True:
            groups = await reader.groups_page("", token)
            pages += [group.identifier for group in groups.groups]
            if (token := groups.token) is None:
                break
        assert pages == [one.arn("/a"), two.arn("/a")]
        await reader.aclose()
        assert one.closed
        assert two.closed

    run_virtually(scenario())


def test_the_context_of_several_tells_its_members() -> None:
    async def scenario() -> None:
        reader = together(accounts(["/a"], ["/a"], regions=("eu-west-1", "us-east-1")))
        context = reader.context
        assert (context.name, context.region, context.account) == ("all", "", "")
        assert context.accounts == ("000000000001", "000000000002")
        assert context.regions == ("eu-west-1", "us-east-1")
        assert identifier_in(reader, "1", "eu-west-1", "/a") == "arn:aws:logs:eu-west-1:1:log-group:/a"

    run_virtually(scenario())


def test_who_signs_in_as_another_does_is_of_its_account_though_aws_did_not_say() -> None:
    async def scenario() -> None:
        here, there, other = accounts(["/a"], regions=("eu-west-1", "us-east-1", "us-east-1"))
        wanted = there.arn("/a")
        there.place = other.place = Place("", "us-east-1")
        reader = Together(
            [
                Member("shop-eu", here, sign_in="shop"),
                Member("shop-us", there, sign_in="shop"),
                Member("lab-us", other, sign_in="lab"),
            ]
        )
        told = [member.account for member in reader.context.members]
        assert told == [here.place.account, here.place.account, ""]
        assert account_label(reader.context, here.place.account) == "shop"
        member, _ = await reader.route(wanted)
        assert member.label == "shop-us"

    run_virtually(scenario())


def test_a_live_tail_over_accounts_is_a_session_in_each_and_all_end_with_it() -> None:
    async def scenario() -> None:
        one, two = accounts(["/a", "/b"], ["/a"])
        reader = together([one, two])
        groups = tuple(LogGroup(name_of(arn), arn) for arn in (one.arn("/a"), one.arn("/b"), two.arn("/a")))
        seen: set[tuple[str, str]] = set()
        async with aclosing(reader.live(LiveRequest(groups))) as updates, asyncio.timeout(30):
            async for update in updates:
                assert (one.logs.open_sessions, two.logs.open_sessions) == (1, 1)
                for group, account in (("/a", one), ("/b", one), ("/a", two)):
                    account.logs.put(NOW, "x", group=group, at=account.logs.clock() + 1)
                seen |= {(batch.account, batch.group) for batch in update.batches}
                if len(seen) == 3:
                    break
        assert [len(each.logs.live_requests) for each in (one, two)] == [1, 1]
        assert (one.logs.open_sessions, two.logs.open_sessions) == (0, 0)

    run_virtually(scenario())


def test_a_session_that_ends_in_one_account_ends_all_with_its_error() -> None:
    async def scenario() -> None:
        one, two = accounts(["/a"], ["/a"])
        two.expired = CredentialsError("over")
        groups = tuple(LogGroup("/a", each.arn("/a")) for each in (one, two))
        updates = together([one, two]).live(LiveRequest(groups))
        with pytest.raises(CredentialsError):
            [update async for update in updates]
        assert one.logs.open_sessions == 0

    run_virtually(scenario())


NAMES = ("/a", "/b", "/c")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sets(st.sampled_from(NAMES)), min_size=1, max_size=4),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=5),
    st.booleans(),
)
def test_whoever_has_a_group_is_asked_for_it_and_nobody_else(
    held: list[set[str]], wanted: list[str], known: bool
) -> None:
    async def scenario() -> None:
        everyone = accounts(*map(sorted, held))
        for one in everyone:
            for name in one.logs.groups:
                one.logs.put(NOW, f"{one.place.account} {name}", group=name)
        reader = together(everyone)
        if known:
            await listed(reader)
        for name in wanted:
            having = [one for one in everyone if name in one.logs.groups]
            for one in having:
                assert await events_of(reader, one.arn(name)) == [f"{one.place.account} {name}"]
            try:
                assert await events_of(reader, name) == [f"{having[0].place.account} {name}"]
                assert len(having) == 1
            except InputError:
                assert len(having) > 1
            except (NotFound, IndexError):
                assert not having
        for one in everyone:
            assert all(name_of(group) in one.logs.groups for group in one.asked)

    run_virtually(scenario())
