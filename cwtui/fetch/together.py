"""Several accounts and regions as one reader: who is asked for which group.

A group is named by its ARN here, for a plain name may stand for one in each of them. Loads and tails
ask for the `routes` of their groups and then deal with each reader by itself: with its own calls on
their way, its own budget, and its own credentials that may end while those of the others last.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace

from cwtui.core.errors import CwtuiError
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
from cwtui.core.naming import arn_of_group, is_arn
from cwtui.core.ports import LogReader
from cwtui.fetch.budget import Pace
from cwtui.fetch.directory import Directory
from cwtui.fetch.members import Member, joined
from cwtui.fetch.paced import Paced

__all__ = ["Member", "Route", "Together", "identifier_in", "resolved", "routes"]


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
    wanted = tuple(dict.fromkeys(groups))
    asked: dict[LogReader, list[str]] = {}
    for group, found in zip(wanted, await asyncio.gather(*map(reader.asked_for, wanted)), strict=True):
        asked.setdefault(found or reader, []).append(group)
    return [Route(each, tuple(theirs)) for each, theirs in asked.items()]


async def resolved(reader: LogReader, groups: Sequence[str]) -> tuple[str, ...]:
    """The identifiers of groups that somebody named, each once: where there are several accounts, ARNs.

    There `prod:/shop/api` is that group of a context, account or region, and `*:/shop/api` that of all.
    What no account has stays as it was written. Raises InputError where several have a group of a plain
    name, NotFound where none of those asked for has one.
    """
    if not isinstance(reader, Together):
        return tuple(dict.fromkeys(groups))
    return tuple(dict.fromkeys([found for group in groups for found in await reader.chosen(group)]))


def identifier_in(reader: LogReader, account: str, region: str, name: str) -> str:
    """What calls name the group of an event by, of which its batch tells account, region and plain name."""
    here = reader.context
    foreign = not here.offline and here.account and account != here.account
    if account and region and (here.members or foreign):
        return arn_of_group(account, region, name)
    return name


class Together(LogReader):
    """Several readers as one. `name` is what the whole of them is called."""

    def __init__(self, members: Sequence[Member], name: str = "") -> None:
        self.members = tuple(members)
        called = name or joined(dict.fromkeys(member.label for member in members))
        self._directory = Directory(members, called)
        self.listing = self._directory.listing
        self.chosen = self._directory.chosen
        self.route = self._directory.route

    @property
    def context(self) -> Context:
        return self._directory.context

    @property
    def notes(self) -> Sequence[str]:
        notes = [f"{member.title}: {note}" for member in self.members for note in member.reader.notes]
        return [*self._directory.notes.values(), *notes]

    def pace(self, operation: str) -> Pace | None:
        """How fast an operation goes now, over all accounts and regions; None where nothing limits it."""
        readers = [member.reader for member in self.members if isinstance(member.reader, Paced)]
        # Of two members in one account and region the budget is one.
        paces = {id(reader.budget.now): reader.pace(operation) for reader in readers}
        return _summed(list(paces.values())) if paces else None

    async def asked_for(self, group: str) -> LogReader | None:
        """The reader of the account and region of a group; None where none is known."""
        try:
            member, _ = await self.route(group)
        except CwtuiError:
            return None
        return member.reader

    # ------------------------------------------------------------------ as one reader

    async def groups_page(self, pattern: str, token: str | None) -> GroupPage:
        """One context after the other; `listing` asks all at once."""
        number, _, rest = (token or "0:").partition(":")
        at = int(number)
        member = self.members[at]
        page = await member.reader.groups_page(pattern, rest or None)
        following = f"{at}:{page.token}" if page.token is not None else f"{at + 1}:"
        last = page.token is None and at + 1 == len(self.members)
        return GroupPage(
            [self._directory.taken(member, group) for group in page.groups], None if last else following
        )

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
