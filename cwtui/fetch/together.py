"""Several accounts and regions as one reader: who is asked for which group.

A group is named by its ARN here, for a plain name may stand for one in each of them. Loads and tails
ask for the `routes` of their groups and then deal with each reader by itself: with its own calls on
their way, its own budget, and its own credentials that may end while those of the others last.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace

from cwtui.core.errors import CwtuiError, InputError, NotFound
from cwtui.core.models import (
    Context,
    EventsPage,
    EventsRequest,
    GroupPage,
    LiveRequest,
    LiveUpdate,
    LogGroup,
    StreamPage,
    StreamRequest,
    StreamsRequest,
)
from cwtui.core.naming import Place, arn_of_group, is_arn, named
from cwtui.core.places import account_label
from cwtui.core.ports import LogReader
from cwtui.fetch.budget import Pace
from cwtui.fetch.paced import Paced
from cwtui.fetch.paging import all_groups


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One account and region of several, and the name that its user knows it by."""

    label: str
    reader: LogReader
    place: Callable[[], Awaitable[Place]] | None = None
    """Asks where it is; None: its context says so. May raise a CwtuiError."""
    linked: bool = False
    """It is a monitoring account: groups of other accounts are read through it."""

    async def where(self) -> Place:
        """The account, empty where AWS would not say, and the region."""
        if self.place is not None:
            return await self.place()
        return Place(self.reader.context.account, self.reader.context.region)


@dataclass(frozen=True, slots=True)
class Route:
    """Groups, by their identifiers, and who is asked for them."""

    reader: LogReader
    groups: tuple[str, ...]


async def routes(reader: LogReader, groups: Sequence[str]) -> list[Route]:
    """Who is asked for which groups: of a reader of one account and region, that reader for all.

    Groups of which nobody can be asked are left to the reader itself, which says why.
    """
    if not isinstance(reader, Together):
        return [Route(reader, tuple(dict.fromkeys(groups)))]
    asked: dict[LogReader, list[str]] = {}
    for group in dict.fromkeys(groups):
        try:
            member, _ = await reader.route(group)
        except CwtuiError:
            asked.setdefault(reader, []).append(group)
        else:
            asked.setdefault(member.reader, []).append(group)
    return [Route(each, tuple(theirs)) for each, theirs in asked.items()]


async def resolved(reader: LogReader, groups: Sequence[str]) -> tuple[str, ...]:
    """The identifiers of groups that somebody named: where there are several accounts, ARNs.

    There `prod:/shop/api` is that group of a context, account or region, and `*:/shop/api` that of all.
    What no account has stays as it was written. Raises InputError where several have a group of a plain
    name, NotFound where none of those asked for has one.
    """
    if not isinstance(reader, Together):
        return tuple(groups)
    return tuple(dict.fromkeys([found for group in groups for found in await reader.chosen(group)]))


def identifier_in(reader: LogReader, account: str, region: str, name: str) -> str:
    """What calls name the group of an event by, of which its batch tells account, region and plain name."""
    here = reader.context
    foreign = account and here.account and account != here.account
    if account and region and not here.offline and (here.members or foreign):
        return arn_of_group(account, region, name)
    return name


class Together(LogReader):
    """Several readers as one. `name` is what the whole of them is called."""

    def __init__(self, members: Sequence[Member], name: str = "") -> None:
        self.members = tuple(members)
        self._name = name or _joined(dict.fromkeys(member.label for member in members))
        self._listed: dict[str, Member] = {}
        """Who listed a group, by its ARN."""
        self._whole = False
        """Every member has listed all it has."""

    @property
    def context(self) -> Context:
        members = tuple(replace(member.reader.context, name=member.label) for member in self.members)
        return Context(self._name, members=members, allow_write=any(each.allow_write for each in members))

    @property
    def notes(self) -> Sequence[str]:
        return [f"{_title(member)}: {note}" for member in self.members for note in member.reader.notes]

    def pace(self, operation: str) -> Pace | None:
        """How fast an operation goes now, over all accounts and regions; None where nothing limits it."""
        readers = [member.reader for member in self.members if isinstance(member.reader, Paced)]
        # Of two members in one account and region the budget is one.
        paces = {id(reader.budget.now): reader.pace(operation) for reader in readers}
        return _summed(list(paces.values())) if paces else None

    # ------------------------------------------------------------------ listing

    async def listing(
        self, pattern: str, refused: dict[str, CwtuiError], *, names_first: bool = False
    ) -> AsyncGenerator[list[LogGroup], None]:
        """The groups of all at once, page by page as they come, each group once.

        `refused` takes what could not be listed, by label. Raises the first of them where none could.
        """
        failures: dict[Member, CwtuiError] = {}
        async with aclosing(self._pages(pattern, failures, names_first)) as pages:
            async for page in pages:
                yield page
        refused |= {_title(member): error for member, error in failures.items()}
        if len(failures) == len(self.members):
            raise next(iter(failures.values()))
        self._whole = self._whole or not (failures or pattern)

    async def _pages(
        self, pattern: str, failures: dict[Member, CwtuiError], names_first: bool
    ) -> AsyncGenerator[list[LogGroup], None]:
        came: asyncio.Queue[tuple[Member, list[LogGroup] | Exception | None]] = asyncio.Queue()

        async def ask(member: Member) -> None:
            try:
                listed = all_groups(member.reader, pattern, names_first=names_first)
                async with aclosing(listed) as pages:
                    async for page in pages:
                        came.put_nowait((member, page))
                came.put_nowait((member, None))
            except Exception as error:
                came.put_nowait((member, error))

        given: set[str] = set()
        asking = [asyncio.create_task(ask(member)) for member in self.members]
        left = len(asking)
        try:
            while left:
                member, page = await came.get()
                if isinstance(page, list):
                    groups = [self._taken(member, group) for group in page]
                    fresh = {group.identifier: group for group in groups if group.identifier not in given}
                    given |= fresh.keys()
                    yield list(fresh.values())
                    continue
                left -= 1
                if isinstance(page, CwtuiError):
                    failures[member] = page
                elif page is not None:
                    raise page
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    def _taken(self, member: Member, group: LogGroup) -> LogGroup:
        """The group under its ARN, and who to ask for it: who lies where it does, before who is linked."""
        here = member.reader.context
        account, region = group.account or here.account, group.region or here.region
        arn = group.arn or (arn_of_group(account, region, group.name) if account and region else "")
        own = named(arn).account in ("", here.account)
        if arn and (own or arn not in self._listed):
            self._listed[arn] = member
        return replace(group, arn=arn, account=account, region=region, by_arn=True)

    # ------------------------------------------------------------------ who is asked

    async def chosen(self, group: str) -> list[str]:
        """The ARNs of `PLACE:NAME` or `PLACE:PLACE:NAME`, else what `identify` says. Raises as `resolved`."""
        *places, name = group.split(":")
        if is_arn(group) or not places:
            return [await self.identify(group)]
        found, _ = await self._holders(name)
        context = self.context

        def lies_there(arn: str, member: Member) -> bool:
            account, region, _ = named(arn)
            called = {"*", account, region, account_label(context, account), member.label}
            return called.issuperset(places)

        chosen = [arn for arn, member in sorted(found.items()) if lies_there(arn, member)]
        if not chosen:
            raise NotFound(
                f"There is no log group {name} in {' '.join(places)}.",
                f"Before the name stand a context, an account or a region: {self._labels}.",
                code="group",
            )
        return chosen

    async def identify(self, group: str) -> str:
        """The ARN of a group that somebody named; the name itself where nobody is known to have it.

        Raises InputError where several have one of that name.
        """
        if is_arn(group):
            return group.removesuffix(":*")
        found, _ = await self._holders(group)
        if len(found) > 1:
            raise InputError(
                f"There are {len(found)} log groups called {group}.",
                f"Write '*:{group}' for all of them, put context, account or region before the name, as in "
                f"{_shortest(sorted(found)[0])}, or name one by its ARN:\n" + "\n".join(sorted(found)),
                code="ambiguous",
            )
        return next(iter(found), group)

    async def route(self, group: str) -> tuple[Member, str]:
        """Who is asked for a group, and what for. Raises NotFound, InputError."""
        identifier = await self.identify(group)
        if (member := self._listed.get(identifier)) is not None:
            return member, identifier
        if is_arn(identifier):
            return await self._by_place(identifier), identifier
        _, refused = await self._holders(identifier)
        if len(refused) == 1:
            return refused[0], identifier
        if refused:
            raise InputError(
                f"Which of {_joined(map(_title, refused))} has {identifier} is not known: "
                "they could not be listed.",
                "Name the log group by its ARN.",
                code="ambiguous",
            )
        raise NotFound(
            f"There is no log group {identifier} in {self._labels}.",
            "`cwtui groups` lists what there is.",
            code="group",
        )

    async def _by_place(self, arn: str) -> Member:
        places = await asyncio.gather(*(member.where() for member in self.members), return_exceptions=True)
        wanted = named(arn).place
        unsure: list[Member] = []
        for member, place in zip(self.members, places, strict=True):
            if place == wanted:
                return member
            if isinstance(place, BaseException) and not isinstance(place, CwtuiError):
                raise place
            if isinstance(place, CwtuiError) or not place[0]:
                region = member.reader.context.region
                unsure += [member] if region in ("", wanted.region) else []
        linked = [
            member
            for member in self.members
            if member.linked and member.reader.context.region in ("", wanted.region)
        ]
        # Whoever could not say where it is may be the one: its own failure then says more than we could.
        if len(unsure) == 1 or linked:
            return unsure[0] if len(unsure) == 1 else linked[0]
        raise NotFound(
            f"None of {self._labels} is account {wanted.account} in {wanted.region}, where {arn} lies.",
            "Add the context of that account with --context, or its region with --region.",
            code="context",
        )

    async def _holders(self, name: str) -> tuple[dict[str, Member], list[Member]]:
        """Who has a group of that plain name, by its ARN; and who could not be asked."""
        known = {arn: member for arn, member in self._listed.items() if named(arn).name == name}
        if self._whole and known:
            return known, []
        failures: dict[Member, CwtuiError] = {}
        async with aclosing(self._pages(name, failures, False)) as pages:
            async for page in pages:
                found = (group.arn for group in page if group.arn and group.name == name)
                known |= {arn: self._listed[arn] for arn in found}
        return known, list(failures)

    @property
    def _labels(self) -> str:
        return _joined(dict.fromkeys(_title(member) for member in self.members))

    # ------------------------------------------------------------------ as one reader

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        """One context after the other; `listing` asks all at once."""
        number, _, rest = (token or "0:").partition(":")
        at = int(number)
        member = self.members[at]
        page = await member.reader.groups_page(pattern, rest or None)
        following = f"{at}:{page.token}" if page.token is not None else f"{at + 1}:"
        last = page.token is None and at + 1 == len(self.members)
        return GroupPage([self._taken(member, group) for group in page.groups], None if last else following)

    async def streams_page(self, request: StreamsRequest, token: str | None) -> StreamPage:
        member, group = await self.route(request.group)
        return await member.reader.streams_page(replace(request, group=group), token)

    async def events_page(self, request: EventsRequest, token: str | None) -> EventsPage:
        member, group = await self.route(request.group)
        return await member.reader.events_page(replace(request, group=group), token)

    async def stream_page(self, request: StreamRequest, token: str | None) -> EventsPage:
        member, group = await self.route(request.group)
        return await member.reader.stream_page(replace(request, group=group), token)

    async def live(self, request: LiveRequest) -> AsyncGenerator[LiveUpdate, None]:
        """One session in each account and region of the groups; ends with the first that ends."""
        asked: dict[Member, list[LogGroup]] = {}
        for group in request.groups:
            member, arn = await self.route(group.arn or group.identifier)
            asked.setdefault(member, []).append(replace(group, arn=arn if is_arn(arn) else ""))
        updates: asyncio.Queue[LiveUpdate] = asyncio.Queue()

        async def listen(member: Member, groups: Sequence[LogGroup]) -> None:
            session = member.reader.live(replace(request, groups=tuple(groups)))
            async with AsyncExitStack() as stack:
                if isinstance(session, AsyncGenerator):
                    await stack.enter_async_context(aclosing(session))
                async for update in session:
                    updates.put_nowait(update)

        sessions = [asyncio.create_task(listen(*each)) for each in asked.items()]
        try:
            while True:
                soon = asyncio.ensure_future(updates.get())
                await asyncio.wait((soon, *sessions), return_when=asyncio.FIRST_COMPLETED)
                if soon.done():
                    yield soon.result()
                    continue
                soon.cancel()
                for session in sessions:
                    if session.done():
                        session.result()
                        return
        finally:
            for session in sessions:
                session.cancel()
            await asyncio.gather(*sessions, return_exceptions=True)

    async def extent(self, groups: Sequence[str]) -> tuple[int, int] | None:
        """Unknown beforehand, as of every service."""
        return None

    async def aclose(self) -> None:
        closings = [member.reader.aclose() for member in self.members]
        for ended in await asyncio.gather(*closings, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended


def _title(member: Member) -> str:
    """What tells the member from all others."""
    region = member.reader.context.region
    return f"{member.label} {region}" if region and region not in member.label else member.label


def _shortest(arn: str) -> str:
    return ":".join(named(arn))


def _joined(labels: Iterable[str]) -> str:
    """`a, b and c`; of many, how many more there are."""
    names = list(labels)
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} more"]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _summed(paces: Sequence[Pace]) -> Pace:
    return Pace(
        sum(pace.quota for pace in paces),
        sum(pace.rate for pace in paces),
        sum(pace.unattended_rate for pace in paces),
        any(pace.throttled for pace in paces),
        sum(pace.waiting for pace in paces),
        sum(pace.full for pace in paces),
        sum(pace.calls for pace in paces),
        sum(pace.throttles for pace in paces),
        max(pace.latency_s for pace in paces),
    )
